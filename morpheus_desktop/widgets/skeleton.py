"""Bars in the shape of what is being loaded. Shown only when that takes a while, and quiet:
nothing shimmers."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop.theme import Theme

DELAY_MS = 200
ROW, BAR, GAP = 32, 10, 12


class Skeleton(QWidget):
    """Rows of bars that appear 200 ms after the widget is shown.

    Args:
        rows: for each row the widths of its bars as shares of the whole width.
    """

    def __init__(self, theme: Theme, rows: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self._theme, self._rows = theme, rows
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._appear)
        self.shown = False
        self.setAccessibleName("Loading")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def _appear(self) -> None:
        self.shown = True
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Its rows."""
        return QSize(self._theme.px(240), self._theme.px(ROW) * len(self._rows))

    def showEvent(self, event: QShowEvent) -> None:
        """Wait before anything is shown: most things are there sooner."""
        self.shown = False
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """It is there."""
        self._timer.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars."""
        if not self.shown:
            return
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("bg-active"))
        for number, shares in enumerate(self._rows):
            middle = px(ROW) * (number + 0.5)
            left = 0.0
            room = self.width() - px(GAP) * (len(shares) - 1)
            for share in shares:
                painter.drawRoundedRect(
                    QRectF(left, middle - px(BAR) / 2, room * share, px(BAR)), 4, 4
                )
                left += room * share + px(GAP)
        painter.end()
