"""One row of the list of models."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.models import wording
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow
from morpheus_desktop.widgets.basic import Chip, Tile, button, icon_button, label, set_property
from morpheus_desktop.widgets.spinner import Ring
from morpheus_desktop.widgets.tip import set_tip
from router.inference.memory import Memory

HEIGHT, TILE, RING = 60, 32, 28
CHIP_COLUMN = 80


class Row(QFrame):
    """A model: name, file or facts, size, state, and what can be done.

    Signals:
        chosen: id.
        download_asked: CatalogModel.
        pause_asked, cancel_asked, remove_asked: id.
    """

    chosen = Signal(str)
    download_asked = Signal(object)
    pause_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, theme: Theme, row: ModelRow) -> None:
        super().__init__()
        self._theme = theme
        self._row = row
        self._shown: tuple[ModelRow, wording.Line, bool] | None = None
        self.setObjectName("modelRow")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tile = Tile(theme, "box", size=TILE)
        self._ring = Ring(theme, RING)
        self._name = label("", "body_strong", cut=True)
        self._bundled = Chip(theme, "Bundled")
        self._file = label("", "mono_small", "text-3", cut=True)
        self._facts = label("", "small", "text-3", cut=True)
        self._words = label("", "small", "text-3", wrap=True)
        self._second = {"file": self._file, "facts": self._facts, "words": self._words}
        self._size = label("", "mono", "text-2")
        self._chip = Chip(theme, "")
        self._chip_column = QWidget()
        self._get = icon_button(theme, "download", "Download")
        self._pause = icon_button(theme, "pause", "Pause the download")
        self._cancel = icon_button(theme, "x", "Cancel")
        self._remove = button(theme, "Remove", "ghost")
        self._build()
        self._get.clicked.connect(lambda: self.download_asked.emit(self._row.offer))
        self._pause.clicked.connect(lambda: self.pause_asked.emit(self._row.id))
        self._cancel.clicked.connect(lambda: self.cancel_asked.emit(self._row.id))
        self._remove.clicked.connect(lambda: self.remove_asked.emit(self._row.id))
        theme.changed.connect(self._measure)
        self._measure()

    def _build(self) -> None:
        self._picture = QStackedWidget()
        for widget in (self._tile, self._ring):
            holder = QWidget()
            inside = QHBoxLayout(holder)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.addWidget(widget, 0, Qt.AlignmentFlag.AlignCenter)
            self._picture.addWidget(holder)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name)
        head.addWidget(self._bundled)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addLayout(head)
        for second in self._second.values():
            words.addWidget(second)
        words.addStretch()
        chips = QHBoxLayout(self._chip_column)
        chips.setContentsMargins(0, 0, 0, 0)
        chips.addWidget(self._chip)
        chips.addStretch()
        line = QHBoxLayout(self)
        line.setContentsMargins(13, 8, 12, 8)
        line.setSpacing(12)
        line.addWidget(self._picture)
        line.addLayout(words, 1)
        line.addWidget(self._size)
        line.addWidget(self._chip_column)
        for each in self._buttons:
            line.addWidget(each)

    @property
    def _buttons(self) -> tuple[QWidget, ...]:
        return (self._get, self._pause, self._cancel, self._remove)

    def _measure(self) -> None:
        px = self._theme.px
        self.setMinimumHeight(px(HEIGHT))
        self._picture.setFixedSize(px(TILE), px(TILE))
        self._chip_column.setFixedWidth(px(CHIP_COLUMN))

    def show_row(self, row: ModelRow, memory: Memory, *, chosen: bool) -> None:
        """Show the model as it is now; only the chosen one is reached by Tab."""
        second = wording.line(row, memory)
        if self._shown == (row, second, chosen):
            return
        self._shown = (row, second, chosen)
        self._row = row
        shown = wording.name(row)
        self._name.setText(shown)
        self._bundled.setVisible(row.model is not None and row.model.bundled)
        for style, where in self._second.items():
            where.setVisible(style == second.style)
        self._second[second.style].setText(second.text)
        self._second[second.style].set_tone(second.tone)
        self._size.setText(("≈ " if row.offer is not None else "") + fmt.file_size(row.size_bytes))
        self._size.setVisible(row.status != "broken" and row.download is None)
        chip, tone, icon = wording.CHIPS.get(row.status, ("", "", ""))
        self._chip.set(chip, tone, icon)
        set_tip(self._chip, f"Needs {fmt.memory(row.needs)} of memory" if row.needs else "")
        self._chip_column.setVisible(bool(chip))
        self._show_picture(row)
        self._show_buttons(row, shown)
        self.setAccessibleName(f"{shown}. {chip or second.text}")
        self.setAccessibleDescription(second.text if chip else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus)
        for each in self._buttons:
            each.setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus)
        set_property(self, "chosen", "true" if chosen else "false")

    def _show_picture(self, row: ModelRow) -> None:
        waits = row.download is not None or row.status == "loading"
        self._picture.setCurrentIndex(1 if waits else 0)
        broken = row.status == "broken"
        self._tile.set("file-x" if broken else "box", "danger" if broken else "text-2")
        download = row.download
        value = row.progress
        if download is not None:
            value = download.done / download.total if download.total else 0.0
        failed = download is not None and download.error is not None
        self._ring.set_value(value, "danger" if failed else "accent", wording.percent(value))

    def _show_buttons(self, row: ModelRow, shown: str) -> None:
        download = row.download
        self._get.setVisible(row.can_download)
        verb = "Download" if download is None else "Go on with"
        if download is not None and download.error is not None:
            verb = "Try again:"
        set_tip(self._get, verb if download is None else "Go on")
        self._get.setAccessibleName(f"{verb} {shown}")
        self._pause.setVisible(download is not None and not row.can_download)
        self._pause.setAccessibleName(f"Pause the download of {shown}")
        self._cancel.setVisible(download is not None or row.can_stop)
        cancel = "Stop loading" if download is None else "Cancel and delete what has come"
        set_tip(self._cancel, cancel)
        self._cancel.setAccessibleName(f"{cancel}: {shown}")
        removable = row.model is not None and not row.model.bundled
        self._remove.setVisible(row.status == "broken" and removable)
        self._remove.setAccessibleName(f"Remove {shown}")

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        self.chosen.emit(self._row.id)
