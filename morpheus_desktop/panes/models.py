"""The models page: memory, the list of models, and the details of one."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop import format as fmt
from morpheus_desktop.chat.prompt_edit import local_files
from morpheus_desktop.models.details import Details
from morpheus_desktop.models.memory_card import MemoryCard
from morpheus_desktop.models.row import Row
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader

DETAILS_WIDTH = 400
HINT = "Drop .gguf files here, or link a folder of another app."
HINT_DETAIL = "Files stay where they are and are checked before use."


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
        self._rows: dict[str, Row] = {}
        self._shown: tuple[ModelRow, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._header = PageHeader(theme, "Local models")
        self._add_actions()
        column.addWidget(self._header)
        column.addWidget(self._body(), 1)
        vm.rows_changed.connect(self._show)
        vm.memory_changed.connect(self._show_memory)
        vm.failed.connect(self._explain)
        self._show()

    def _add_actions(self) -> None:
        folder = button(self._theme, "Open folder", "ghost", icon="folder")
        folder.clicked.connect(self.folder_asked)
        self._add = button(self._theme, "Add file or folder", icon="plus")
        self._add.clicked.connect(self._choose)
        self._header.add_action(folder)
        self._header.add_action(self._add)

    def _body(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        self._note = Note(self._theme)
        self._note.hide()
        self._memory = MemoryCard(self._theme)
        column.addWidget(self._note)
        column.addWidget(self._memory)
        row = QHBoxLayout()
        row.setSpacing(12)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        frame.setObjectName("card")
        frame.setLayout(self._list)
        left = QVBoxLayout()
        left.addWidget(frame)
        left.addStretch()
        row.addLayout(left, 1)
        self._details = Details(self._vm, self._theme)
        self._details.setFixedWidth(self._theme.px(DETAILS_WIDTH))
        row.addWidget(self._details, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _show(self) -> None:
        installed, offers = self._vm.installed, self._vm.offers
        size = sum(row.size_bytes for row in installed)
        self._header.set_facts(f"{len(installed)} installed, {fmt.file_size(size)}")
        if self._vm.problem:
            self._note.set("warn", self._vm.problem)
            self._note.show()
        if not self._vm.row(self._vm.selected):
            self._vm.selected = installed[0].id if installed else ""
        if [row.id for row in self._shown] != [row.id for row in installed + offers]:
            self._rebuild(installed, offers)
        self._shown = installed + offers
        for row in self._shown:
            self._rows[row.id].show_row(row, chosen=row.id == self._vm.selected)
        self._details.show_row(self._vm.row(self._vm.selected))
        self._show_memory()

    def _rebuild(self, installed: tuple[ModelRow, ...], offers: tuple[ModelRow, ...]) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        self._rows.clear()
        for row in installed:
            self._list.addWidget(self._make_row(row))
        self._list.addWidget(_drop_hint())
        if offers:
            heading = label("More models", "label", "text-3")
            heading.setContentsMargins(16, 8, 16, 4)
            self._list.addWidget(heading)
        for row in offers:
            self._list.addWidget(self._make_row(row))

    def _make_row(self, row: ModelRow) -> Row:
        made = Row(self._theme, row)
        made.chosen.connect(self._choose_row)
        made.download_asked.connect(self._vm.download)
        made.pause_asked.connect(self._vm.pause)
        made.cancel_asked.connect(self._vm.cancel)
        made.remove_asked.connect(self._vm.remove)
        self._rows[row.id] = made
        return made

    def _choose_row(self, row_id: str) -> None:
        self._vm.selected = row_id
        self._show()

    def _show_memory(self) -> None:
        row = self._vm.row(self._vm.selected)
        wanted = None
        if row is not None and row.model is not None and row.status not in ("loaded", "broken"):
            need = self._vm.need(row.id, self._vm.options(row.id).context_tokens)
            wanted = (row.name, need.total) if need is not None else None
        self._memory.show_memory(self._vm.memory, self._vm.host_state, wanted)

    def _explain(self, error: Exception) -> None:
        self._note.set_error(error)
        self._note.show()

    def _choose(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add files…", self._choose_files)
        menu.addAction("Link a folder…", self._choose_folder)
        menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, "Add model files", filter="Models (*.gguf)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._add_all)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Link a folder of models")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._add_all)
        dialog.open()

    def _add_all(self, names: list[str]) -> None:
        self._note.hide()
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

    def showEvent(self, event: QShowEvent) -> None:
        """Measure memory while somebody looks."""
        super().showEvent(event)
        self._vm.watch_memory(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop measuring."""
        self._vm.watch_memory(on=False)
        super().hideEvent(event)


def _drop_hint() -> QFrame:
    frame = QFrame()
    frame.setObjectName("dropHint")
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 12, 16, 12)
    column.setSpacing(2)
    column.addWidget(label(HINT, "small", "text-2", wrap=True))
    column.addWidget(label(HINT_DETAIL, "small", "text-3", wrap=True))
    return frame
