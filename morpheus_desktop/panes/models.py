"""The models page: memory, the list of models, and the details of one."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.chat.prompt_edit import local_files
from morpheus_desktop.models import wording
from morpheus_desktop.models.confirm import Confirm
from morpheus_desktop.models.details import Details
from morpheus_desktop.models.memory_card import MemoryCard
from morpheus_desktop.models.model_list import ModelList
from morpheus_desktop.models.notes import Notes
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.page_header import PageHeader

DETAILS, LEAST_DETAILS, LEAST_LIST = 432, 360, 460
SIDE, GAP = 24, 12


class ModelsPane(QWidget):
    """Everything about local models.

    Signals:
        folder_asked: open the app's folder of models in the file manager.
    """

    folder_asked = Signal()

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAcceptDrops(True)
        self._vm = vm
        self._theme = theme
        self._header = PageHeader(theme, "Local models")
        self._notes = Notes(vm, theme)
        self._memory = MemoryCard(vm, theme)
        self._list = ModelList(vm, theme)
        self._details = Details(vm, theme)
        self._add_actions()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._body(), 1)
        vm.changed.connect(self._refresh)
        for part in (self._list, self._details):
            part.load_asked.connect(self._load)
            part.remove_asked.connect(self._remove)
        self._list.chosen.connect(self._choose)
        theme.changed.connect(self._arrange)
        self._show()

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        beside = not self._list.isAncestorOf(self._details)
        return [self._list, self._details] if beside else [self._list]

    def _add_actions(self) -> None:
        folder = button(self._theme, "Open folder", "ghost", icon="folder")
        folder.clicked.connect(self.folder_asked)
        self._add = button(self._theme, "Add file or folder", icon="plus")
        self._add.clicked.connect(self._choose_what)
        self._header.add_action(folder)
        self._header.add_action(self._add)

    def _body(self) -> QScrollArea:
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(SIDE, 20, SIDE, 20)
        column.setSpacing(GAP)
        column.addWidget(self._notes)
        column.addWidget(self._memory)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        self._row.addWidget(self._list, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(self._row)
        column.addStretch()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._inside)
        return self._area

    def _arrange(self) -> None:
        """Details beside the list, or below the chosen row where there is no room."""
        px = self._theme.px
        room = self.width() - 2 * SIDE - GAP
        beside = room >= px(LEAST_DETAILS) + px(LEAST_LIST)
        if beside:
            self._list.put_inside(None)
            width = min(px(DETAILS), room - px(LEAST_LIST))
            self._details.setFixedWidth(max(width, px(LEAST_DETAILS)))
            self._row.addWidget(self._details, 0, Qt.AlignmentFlag.AlignTop)
        else:
            self._row.removeWidget(self._details)
            self._details.setMinimumWidth(0)
            self._details.setMaximumWidth(16_777_215)
            self._list.put_inside(self._details)

    def _refresh(self) -> None:
        """Nothing is laid out for nobody: what is new is shown when the page is."""
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        installed, offers = self._vm.installed, self._vm.offers
        self._header.set_facts(_facts(installed))
        rows = [*installed, *offers]
        looking = self._vm.part.phase in ("waiting", "starting")
        if not looking and self._vm.selected not in [row.id for row in rows]:
            self._vm.selected = rows[0].id if rows else ""
        chosen = next((row for row in rows if row.id == self._vm.selected), None)
        self._list.show_rows(installed, offers)
        self._details.show_row(chosen)
        self._memory.show_need(chosen)
        self._notes.show_state()

    def _choose(self, row_id: str) -> None:
        self._vm.selected = row_id
        self._show()
        layout = self._inside.layout()
        assert layout is not None
        layout.activate()  # where things stand now
        if self._list.isAncestorOf(self._details):
            self._area.ensureWidgetVisible(self._details, 0, GAP)
        self._area.ensureWidgetVisible(self._list.row(row_id), 0, GAP)

    def _load(self, row_id: str) -> None:
        row = self._vm.row(row_id)
        if row is not None and row.status == "too_big":
            question = wording.about_too_big(row, self._vm.available)
            self._ask(question, lambda: self._vm.load(row_id))
        else:
            self._vm.load(row_id)

    def _remove(self, row_id: str) -> None:
        removal = self._vm.removal(row_id)
        if removal is not None:
            self._ask(wording.about_removal(removal), lambda: self._vm.remove(removal))

    def _ask(self, question: wording.Question, then: Callable[[], None]) -> None:
        dialog = Confirm(self._theme, self.window(), question)
        dialog.finished.connect(
            lambda code: then() if code == QDialog.DialogCode.Accepted else None
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose_what(self) -> None:
        menu = Menu(self._theme, self)
        menu.add("Add files…", self._choose_files, icon="file-text")
        menu.add("Link a folder…", self._choose_folder, icon="folder")
        corner = self._add.mapToGlobal(QPoint(self._add.width(), self._add.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, "Add model files", filter="Models (*.gguf)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Link a folder of models")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._add_all)
        dialog.open()

    def _add_all(self, names: list[str]) -> None:
        self._notes.forget()
        for name in names:
            self._vm.add(Path(name))

    # Qt overrides

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Model files and folders can be dropped anywhere on the page."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Link what was dropped."""
        self._add_all([str(path) for path in local_files(event.mimeData())])
        event.acceptProposedAction()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Measure memory while somebody looks."""
        super().showEvent(event)
        self._vm.watch_memory(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop measuring."""
        self._vm.watch_memory(on=False)
        super().hideEvent(event)


def _facts(installed: Sequence[ModelRow]) -> str:
    usable = [row for row in installed if row.usable]
    size = fmt.file_size(sum(row.size_bytes for row in usable))
    broken = len(installed) - len(usable)
    facts = [f"{len(usable)} installed, {size}"] if usable else []
    return ", ".join(facts + ([f"{broken} not usable"] if broken else []))
