"""The settings page: sections at the left, the chosen one at the right."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.settings.about import about
from morpheus_desktop.settings.api import ApiSection
from morpheus_desktop.settings.appearance import appearance
from morpheus_desktop.settings.data import data_and_backups
from morpheus_desktop.settings.models import local_models
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader
from router.parts import Part

LIST_WIDTH = 200


class SettingsPane(QWidget):
    """All sections.

    Signals:
        folder_asked: Path to open in the file manager.
        export_asked, import_asked: chats to or from files.
        said: a short message for a toast.
    """

    folder_asked = Signal(object)
    export_asked = Signal()
    import_asked = Signal()
    said = Signal(str)

    def __init__(self, vm: SettingsViewModel, api: Part, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._theme = theme
        self._makers: tuple[tuple[str, str, Callable[[], QWidget]], ...] = (
            ("Appearance", "palette", lambda: appearance(vm, theme)),
            ("Local models", "cpu", lambda: local_models(vm, theme)),
            ("API access", "key-round", lambda: ApiSection(vm, api, theme)),
            ("Data and backups", "hard-drive", self._data),
            ("About", "info", about),
        )
        self._made: dict[int, QWidget] = {}
        self._list = self._make_list()
        self._stack = QStackedWidget()
        self._problem = Note(theme)
        self._lay_out()
        vm.failed.connect(self._explain)
        vm.backed_up.connect(lambda path: self.said.emit(f"Backed up as {path.name}"))
        vm.restored.connect(
            lambda path: self.said.emit(f"Restored. The chats from before are in {path.name}")
        )
        self._list.setCurrentRow(0)
        self.setFocusProxy(self._list)

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._list, self._stack]

    def show_section(self, title: str) -> None:
        """Open a section by its title."""
        for row, (name, _icon, _make) in enumerate(self._makers):
            if name == title:
                self._list.setCurrentRow(row)

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of all sections."""
        return tuple(name for name, _icon, _make in self._makers)

    def _make_list(self) -> QListWidget:
        sections = QListWidget()
        sections.setObjectName("sections")
        sections.setAccessibleName("Sections of the settings")
        sections.setFixedWidth(self._theme.px(LIST_WIDTH))
        for name, icon, _make in self._makers:
            sections.addItem(QListWidgetItem(self._theme.icon(icon, 16), name))
        sections.currentRowChanged.connect(self._open)
        self._theme.changed.connect(self._retint)
        return sections

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PageHeader(self._theme, "Settings"))
        note = QHBoxLayout()
        note.setContentsMargins(24, 12, 24, 0)
        note.addWidget(self._problem)
        column.addLayout(note)
        self._problem.hide()
        if (problem := self._vm.problem) is not None:
            self._explain(problem)
        row = QHBoxLayout()
        row.setContentsMargins(16, 16, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._list)
        row.addWidget(self._stack, 1)
        column.addLayout(row, 1)

    def _open(self, row: int) -> None:
        if row < 0:
            return
        if row not in self._made:
            self._made[row] = self._makers[row][2]()
            self._stack.addWidget(self._made[row])
        self._stack.setCurrentWidget(self._made[row])

    def _data(self) -> QWidget:
        return data_and_backups(
            self._vm,
            self._theme,
            open_folder=self._folder,
            export=self.export_asked.emit,
            import_chats=self.import_asked.emit,
        )

    def _folder(self, path: Path) -> None:
        self.folder_asked.emit(path)

    def _explain(self, error: Exception) -> None:
        self._problem.set_error(error)
        self._problem.show()

    def _retint(self) -> None:
        for row, (_name, icon, _make) in enumerate(self._makers):
            self._list.item(row).setIcon(self._theme.icon(icon, 16))
