"""Things that turn or fill while something is waited for: a spinner and a progress ring."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

ARC_DEGREES = 100
FRAME_MS = 40


class Spinner(QWidget):
    """An arc that turns while it can be seen and rests otherwise."""

    def __init__(self, theme: Theme, size: int = 14, token: str = "accent") -> None:
        super().__init__()
        self._theme, self._size, self._token = theme, size, token
        self._angle = 0.0
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._turn)
        self.setAccessibleName("Working")
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        side = self._theme.px(self._size)
        self.setFixedSize(QSize(side, side))

    def _turn(self) -> None:
        self._angle = (self._angle + 360 * FRAME_MS / self._theme.motion_turn) % 360
        self.update()

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Start turning."""
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and arc."""
        paint_ring(self, self._theme, "bg-active", self._token, ARC_DEGREES / 360, self._angle)


class Ring(QWidget):
    """A circle that fills clockwise from 12; `value` is from 0 to 1."""

    def __init__(self, theme: Theme, size: int = 14, token: str = "accent") -> None:
        super().__init__()
        self._theme, self._size, self._token = theme, size, token
        self._value = 0.0
        theme.changed.connect(self._fit)
        self._fit()

    def set_value(self, value: float, token: str = "") -> None:
        """Fill it, perhaps in another colour."""
        self._value = min(max(value, 0.0), 1.0)
        self._token = token or self._token
        self.update()

    def _fit(self) -> None:
        side = self._theme.px(self._size)
        self.setFixedSize(QSize(side, side))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and arc."""
        paint_ring(self, self._theme, "bg-active", self._token, self._value, 0)


def paint_ring(
    widget: QWidget, theme: Theme, track: str, token: str, part: float, start: float
) -> None:
    """Paint a circle and a part of it; `start` is in degrees clockwise from 12."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = max(widget.width() / 8, 1.5)
    area = QRectF(widget.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setPen(QPen(theme.color(track), width))
    painter.drawEllipse(area)
    painter.setPen(QPen(theme.color(token), width, c=Qt.PenCapStyle.RoundCap))
    painter.drawArc(area, round((90 - start) * 16), round(-360 * part * 16))
    painter.end()
