"""The settings page: sections at the left, the chosen one at the right, a search above."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.commands import Commands
from morpheus_desktop.frame_commands import Looks
from morpheus_desktop.settings.about import AboutSection
from morpheus_desktop.settings.api import ApiSection
from morpheus_desktop.settings.appearance import AppearanceSection
from morpheus_desktop.settings.data import DataSection
from morpheus_desktop.settings.form import Section
from morpheus_desktop.settings.keyboard import KeyboardSection
from morpheus_desktop.settings.market import MarketSection
from morpheus_desktop.settings.models import ModelsSection
from morpheus_desktop.settings.network import NetworkSection
from morpheus_desktop.settings.security import SecuritySection
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.network import NetworkViewModel
from morpheus_desktop.viewmodels.security import SecurityViewModel
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import one_line

LIST_WIDTH, ICONS_WIDTH, ITEM_HEIGHT, ICON = 176, 44, 36, 16
SEARCH_WIDTH = 240
# Narrower than this, at 100 % text, the list shows icons only.
ICONS_BELOW = 640


class SettingsPane(QWidget):
    """All sections, each made when it is first opened.

    Signals:
        folder_asked: Path to open in the file manager.
        export_asked, import_asked: chats to or from files.
        licences_asked, terms_asked: show these texts.
        setup_asked: the user wants a wallet.
        said: a short message for a toast.
    """

    folder_asked = Signal(object)
    export_asked = Signal()
    import_asked = Signal()
    licences_asked = Signal()
    terms_asked = Signal()
    setup_asked = Signal()
    said = Signal(str)

    def __init__(
        self,
        vm: SettingsViewModel,
        network: NetworkViewModel,
        security: SecurityViewModel,
        looks: Looks,
        commands: Commands,
        theme: Theme,
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._security = security
        self._theme = theme
        self._makers: tuple[tuple[str, str, Callable[[], Section]], ...] = (
            ("Appearance", "palette", lambda: AppearanceSection(looks, theme)),
            ("Network", "globe", lambda: NetworkSection(network, theme)),
            ("Market", "store", lambda: MarketSection(vm, theme)),
            ("Security", "shield-check", self._make_security),
            ("Keyboard", "keyboard", lambda: KeyboardSection(commands, theme)),
            ("Local models", "cpu", lambda: ModelsSection(vm, theme, self._folder)),
            ("API access", "key-round", self._make_api),
            ("Data and backups", "hard-drive", self._data),
            ("About", "info", self._about),
        )
        self._made: dict[int, Section] = {}
        self._list = self._make_list()
        self._stack = QStackedWidget()
        self._nothing = EmptyState("search", "", theme)
        self._nothing.hide()
        self._search = LineEdit(theme, "Find a setting", hint="Find a setting", icon="search")
        self._lay_out()
        self._connect()
        self._list.setCurrentRow(0)
        self._restyle()
        self.setFocusProxy(self._list)

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._list, self._stack]

    def search(self) -> None:
        """Go to the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def show_section(self, title: str) -> None:
        """Open a section by its title."""
        self._search.clear()
        self._list.setCurrentRow(self.titles.index(title))

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of all sections."""
        return tuple(name for name, _icon, _make in self._makers)

    def _make_list(self) -> QListWidget:
        sections = QListWidget()
        sections.setObjectName("sections")
        sections.setAccessibleName("Sections of the settings")
        sections.setSpacing(1)
        sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name, _icon, _make in self._makers:
            sections.addItem(QListWidgetItem(name))
        sections.currentRowChanged.connect(self._open)
        return sections

    def _lay_out(self) -> None:
        header = PageHeader(self._theme, "Settings")
        header.add_action(self._search)
        notes = QVBoxLayout()
        notes.setContentsMargins(24, 12, 24, 0)
        if (problem := self._vm.problem) is not None:
            note = Note(self._theme)
            note.set_error(problem)
            notes.addWidget(note)
        else:
            notes.setContentsMargins(0, 0, 0, 0)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._beside = QVBoxLayout()
        self._beside.addWidget(self._list)
        self._row.addLayout(self._beside)
        self._row.addWidget(self._stack, 1)
        self._row.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addLayout(notes)
        column.addLayout(self._row, 1)

    def _connect(self) -> None:
        vm = self._vm
        self._security.said.connect(self.said)
        vm.backed_up.connect(lambda path: self.said.emit(f"Backed up as {path.name}"))
        vm.restored.connect(
            lambda path: self.said.emit(f"Restored. The chats from before are in {path.name}")
        )
        self._search.textChanged.connect(self._find)
        self._theme.changed.connect(self._restyle)

    def _open(self, row: int) -> None:
        if row >= 0:
            self._stack.setCurrentWidget(self._section(row))

    def _section(self, row: int) -> Section:
        if row not in self._made:
            self._made[row] = self._makers[row][2]()
            self._stack.addWidget(self._made[row])
        return self._made[row]

    def _find(self, words: str) -> None:
        """Show the sections, and in them the rows, that have all words."""
        fitting = [
            row for row in range(len(self._makers)) if self._section(row).keep_matching(words)
        ]
        for row in range(len(self._makers)):
            self._list.item(row).setHidden(row not in fitting)
        if fitting and self._list.currentRow() not in fitting:
            self._list.setCurrentRow(fitting[0])
        self._stack.setVisible(bool(fitting))
        self._nothing.setVisible(not fitting)
        self._nothing.title.setText(f"Nothing for “{one_line(words, 40)}”")

    def _data(self) -> Section:
        return DataSection(
            self._vm,
            self._theme,
            open_folder=self._folder,
            export=self.export_asked.emit,
            import_chats=self.import_asked.emit,
        )

    def _make_security(self) -> Section:
        section = SecuritySection(self._security, self._theme)
        section.setup_asked.connect(self.setup_asked)
        return section

    def _make_api(self) -> Section:
        section = ApiSection(self._vm, self._theme)
        self._security.locked.connect(section.forget_keys)
        return section

    async def close_sections(self) -> None:
        """End what the sections do."""
        for section in self._made.values():
            if isinstance(section, SecuritySection):
                await section.close_tasks()

    def _about(self) -> Section:
        return AboutSection(
            self._theme, licences=self.licences_asked.emit, terms=self.terms_asked.emit
        )

    def _folder(self, path: Path) -> None:
        self.folder_asked.emit(path)

    def _restyle(self) -> None:
        theme, px = self._theme, self._theme.px
        self._beside.setContentsMargins(px(16), px(16), 0, px(16))
        self._search.setFixedWidth(px(SEARCH_WIDTH))
        self._list.setIconSize(QSize(px(ICON), px(ICON)))
        narrow = self.width() < px(ICONS_BELOW)
        self._list.setFixedWidth(px(ICONS_WIDTH if narrow else LIST_WIDTH))
        for row, (name, icon, _make) in enumerate(self._makers):
            item = self._list.item(row)
            item.setSizeHint(QSize(0, px(ITEM_HEIGHT)))
            item.setIcon(_icon(theme, icon))
            item.setText("" if narrow else name)
            set_tip(item, name if narrow else "")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, name)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends the search."""
        if event.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words or icons only."""
        super().resizeEvent(event)
        self._restyle()


def _icon(theme: Theme, name: str) -> QIcon:
    icon = theme.icon(name, ICON)
    icon.addPixmap(theme.pixmap(name, ICON, "accent-text"), QIcon.Mode.Selected)
    return icon
