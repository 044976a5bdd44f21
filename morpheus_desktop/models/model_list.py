"""The list of models: what is here, where to drop more, what can be downloaded.

One stop for Tab with the arrow keys inside; the buttons of the chosen row come after it.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.models.row import Row
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.basic import Picture, label
from morpheus_desktop.widgets.skeleton import Skeleton

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}
HINT = "Drop .gguf files here, or link a folder of another app."
HINT_DETAIL = "Files stay where they are and are checked before use."
NONE_HERE = "No model is on this computer. Drop a .gguf file here, or download one below."


class ModelList(QFrame):
    """Rows for the models of the view-model, in its order.

    Signals:
        chosen, load_asked, remove_asked: id.
    """

    chosen = Signal(str)
    load_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Models")
        self._vm = vm
        self._theme = theme
        self._rows: dict[str, Row] = {}
        self._order: tuple[str, ...] = ()
        self._inside: QWidget | None = None
        self._inside_of = ""
        self._waiting = QWidget()
        waiting = QVBoxLayout(self._waiting)
        waiting.setContentsMargins(16, 8, 16, 8)
        waiting.addWidget(Skeleton(theme, [(0.06, 0.3), (0.06, 0.4), (0.06, 0.25)]))
        self._hint = DropHint(theme)
        self._heading = label("", "label", "text-3")
        self._heading.setContentsMargins(16, 8, 16, 8)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)

    def row(self, row_id: str) -> Row:
        """The widget of a row."""
        return self._rows[row_id]

    def put_inside(self, widget: QWidget | None) -> None:
        """Show a widget below the chosen row, where there is no room beside the list."""
        if widget is not self._inside:
            self._inside = widget
            self._arrange()

    def show_rows(self, installed: Sequence[ModelRow], offers: Sequence[ModelRow]) -> None:
        """Show the models as they are now; rows that stay keep the focus."""
        rows = [*installed, *offers]
        order = (*(row.id for row in installed), "", *(row.id for row in offers))
        for row_id in self._rows.keys() - set(order):
            gone = self._rows.pop(row_id)
            gone.hide()
            gone.deleteLater()
        for row in rows:
            if row.id not in self._rows:
                self._rows[row.id] = self._make(row)
        self._heading.setText(f"More models, from {self._vm.source}")
        self._heading.setVisible(bool(offers))
        looking = self._vm.part.phase in ("waiting", "starting") and not installed
        self._waiting.setVisible(looking)
        self._hint.setVisible(not looking)
        self._hint.say(HINT if installed else NONE_HERE)
        moved = self._inside is not None and self._inside_of != self._vm.selected
        if order != self._order or moved:
            self._order = order
            self._arrange()
        for row in rows:
            is_chosen = row.id == self._vm.selected
            self._rows[row.id].show_row(row, self._vm.available, chosen=is_chosen)

    def _make(self, row: ModelRow) -> Row:
        made = Row(self._theme, row)
        made.chosen.connect(self.chosen)
        made.download_asked.connect(self._vm.download)
        made.pause_asked.connect(self._vm.pause)
        made.cancel_asked.connect(self._cancel)
        made.remove_asked.connect(self.remove_asked)
        return made

    def _cancel(self, row_id: str) -> None:
        row = self._vm.row(row_id)
        if row is not None and row.download is not None:
            self._vm.cancel(row_id)
        else:
            self._vm.unload()

    def _arrange(self) -> None:
        # Not takeAt: Qt keeps asking the item that Python then has for the height of its widget.
        for each in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            self._column.removeWidget(each)
        self._column.addWidget(self._waiting)
        self._inside_of = self._vm.selected
        for row_id in self._order:
            if not row_id:
                self._column.addWidget(self._hint)
                self._column.addWidget(self._heading)
                continue
            self._column.addWidget(self._rows[row_id])
            if row_id == self._vm.selected and self._inside is not None:
                self._column.addWidget(self._inside)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose, Enter loads or downloads, Delete removes."""
        key = Qt.Key(event.key())
        chosen = self._vm.row(self._vm.selected)
        if key in STEPS:
            self._step(STEPS[key])
        elif chosen is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._act(chosen)
        elif chosen is not None and chosen.model is not None and key == Qt.Key.Key_Delete:
            self.remove_asked.emit(chosen.id)
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        ids = [row_id for row_id in self._order if row_id]
        if not ids:
            return
        here = ids.index(self._vm.selected) if self._vm.selected in ids else 0
        row_id = ids[min(max(here + step, 0), len(ids) - 1)]
        self.chosen.emit(row_id)
        self._rows[row_id].setFocus(Qt.FocusReason.OtherFocusReason)

    def _act(self, row: ModelRow) -> None:
        if row.offer is not None and row.can_download:
            self._vm.download(row.offer)
        elif row.usable and row.status not in ("loaded", "loading"):
            self.load_asked.emit(row.id)


class DropHint(QFrame):
    """The dashed area that says where files can be dropped."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("dropHint")
        self._words = label(HINT, "small", "text-2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._words)
        words.addWidget(label(HINT_DETAIL, "small", "text-3", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(Picture(theme, "file-down", 16, "text-3"))
        row.addLayout(words, 1)

    def say(self, text: str) -> None:
        """Say what can be dropped."""
        self._words.setText(text)
