"""One row of the list of models."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow
from morpheus_desktop.widgets.basic import (
    Chip,
    Picture,
    Tone,
    button,
    icon_button,
    label,
    set_property,
)
from morpheus_desktop.widgets.spinner import Ring
from router.untrusted import one_line

CHIPS: dict[str, tuple[str, Tone, str]] = {
    "loaded": ("Loaded", "accent", "circle-check"),
    "loading": ("Loading", "", "loader-circle"),
    "fits": ("Fits", "", "check"),
    "tight": ("Tight", "warn", "triangle-alert"),
    "too_big": ("Too big", "warn", "triangle-alert"),
    "broken": ("Not usable", "danger", "circle-x"),
}
PHASES = {
    "queued": "Waiting for its turn",
    "asking": "Asking the model hub",
    "checking": "Checking the file",
    "paused": "Paused",
}


class Row(QFrame):
    """A model: name, file, size, state, and what can be done.

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
        self._row = row
        self.setObjectName("modelRow")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.px(60))
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 8, 12, 8)
        line.setSpacing(12)
        self._ring = Ring(theme, 24)
        self._icon = Picture(theme, "box", 20, "text-2")
        words = QVBoxLayout()
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._name = label("", "body_strong")
        self._bundled = Chip(theme, "Bundled")
        head.addWidget(self._name)
        head.addWidget(self._bundled)
        head.addStretch()
        self._detail = label("", "mono_small", "text-3")
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        words.addLayout(head)
        words.addWidget(self._detail)
        self._size = label("", "mono", "text-2")
        self._chip = Chip(theme, "")
        self._get = button(theme, "Download", icon="download")
        self._pause = icon_button(theme, "pause", "Pause the download")
        self._cancel = icon_button(theme, "x", "Cancel the download")
        self._remove = button(theme, "Remove", "ghost")
        line.addWidget(self._ring)
        line.addWidget(self._icon)
        line.addLayout(words, 1)
        for widget in (self._size, self._chip, self._get, self._pause, self._cancel, self._remove):
            line.addWidget(widget)
        self._get.clicked.connect(lambda: self.download_asked.emit(self._row.offer))
        self._pause.clicked.connect(lambda: self.pause_asked.emit(self._row.id))
        self._cancel.clicked.connect(lambda: self.cancel_asked.emit(self._row.id))
        self._remove.clicked.connect(lambda: self.remove_asked.emit(self._row.id))

    def show_row(self, row: ModelRow, *, chosen: bool) -> None:
        """Show the model as it is now."""
        self._row = row
        download = row.download
        name = one_line(row.name)
        self._name.setText(name)
        self._detail.setText(_detail(row))
        self._detail.set_tone("danger" if row.status == "broken" or _failed(row) else "text-3")
        self._detail.setToolTip(str(row.model.path) if row.model is not None else row.detail)
        self._bundled.setVisible(row.model is not None and row.model.bundled)
        about = "≈ " if row.offer is not None else ""
        self._size.setText(about + fmt.file_size(row.size_bytes))
        words, tone, icon = CHIPS.get(row.status, ("", "", ""))
        self._chip.set(words, tone, icon)
        self._chip.setVisible(bool(words))
        resting = download is None or download.phase in ("paused", "failed")
        self._get.setVisible(row.offer is not None and resting)
        self._get.setText("Download" if download is None else "Go on")
        self._get.setAccessibleName(f"Download {name}")
        self._pause.setVisible(download is not None and not resting)
        self._cancel.setVisible(download is not None)
        self._remove.setVisible(row.status == "broken")
        self._ring.setVisible(download is not None)
        self._icon.setVisible(download is None)
        if download is not None:
            self._ring.set_value(download.done / download.total if download.total else 0.0)
        self.setAccessibleName(f"{name}, {words or 'can be downloaded'}")
        set_property(self, "chosen", "true" if chosen else "false")

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        self.chosen.emit(self._row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So do Space and Enter."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self._row.id)
        else:
            super().keyPressEvent(event)


def _failed(row: ModelRow) -> bool:
    return row.download is not None and row.download.phase == "failed"


def _detail(row: ModelRow) -> str:
    download = row.download
    if download is None:
        return one_line(row.detail, 120)
    if download.error is not None:
        return " ".join(filter(None, (download.error.message, download.error.hint)))
    if download.phase == "loading":
        speed = f", {fmt.file_size(round(download.bytes_per_s))}/s"
        return f"{fmt.file_size(download.done)} of {fmt.file_size(download.total)}{speed}"
    return PHASES[download.phase]
