"""Things that turn or fill while something is waited for: a spinner and a progress ring."""

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop.theme import Theme

ARC_DEGREES = 100
FRAME_MS = 33
PULSE_MS = 1000
FAINTEST = 0.25


class Spinner(QWidget):
    """An arc that turns while it can be seen and rests otherwise; a pulsing dot where the user
    wants no movement.

    Args:
        size: in pixels at 100 %.
        token, track: colours of the arc and of the circle below it, "" for none.
    """

    def __init__(
        self, theme: Theme, size: int = 14, token: str = "accent", *, track: str = "bg-active"
    ) -> None:
        super().__init__()
        self._theme, self._size, self._token, self._track = theme, size, token, track
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self.update)
        self.setAccessibleName("Working")
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def turning(self) -> bool:
        """Whether it costs anything now."""
        return self._timer.isActive()

    def _fit(self) -> None:
        side = self._theme.px(self._size)
        self.setFixedSize(QSize(side, side))
        self.update()

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Start turning."""
        self._clock.start()
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle and arc, or the dot."""
        ms = self._clock.elapsed() if self._clock.isValid() else 0
        turn = self._theme.motion("spinner_turn")
        if turn:
            angle = ms % turn / turn * 360
            paint_ring(self, self._theme, self._track, self._token, ARC_DEGREES / 360, angle)
            return
        wave = abs(ms % PULSE_MS / PULSE_MS * 2 - 1)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(FAINTEST + (1 - FAINTEST) * wave)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._token))
        inset = self.width() / 4
        painter.drawEllipse(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))
        painter.end()


class Ring(QWidget):
    """A circle of which a part is filled, clockwise from 12; `value` is from 0 to 1.

    `set_value` takes the words that a screen reader says, for example "42 minutes left".
    """

    def __init__(
        self, theme: Theme, size: int = 14, token: str = "accent", *, name: str = "Progress"
    ) -> None:
        super().__init__()
        self._theme, self._size, self._token = theme, size, token
        self._value = 0.0
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def value(self) -> float:
        """How much is filled."""
        return self._value

    def set_value(self, value: float, token: str = "", words: str = "") -> None:
        """Fill it, perhaps in another colour."""
        self._value = min(max(value, 0.0), 1.0)
        self._token = token or self._token
        if words:
            self.setAccessibleDescription(words)
        self.update()

    def _fit(self) -> None:
        side = self._theme.px(self._size)
        self.setFixedSize(QSize(side, side))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle and arc."""
        paint_ring(self, self._theme, "bg-active", self._token, self._value, 0)


def paint_ring(
    widget: QWidget, theme: Theme, track: str, token: str, part: float, start: float
) -> None:
    """Paint a circle and a part of it; `start` is in degrees clockwise from 12."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = max(widget.width() / 9, 1.5)
    area = QRectF(widget.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
    if track:
        painter.setPen(QPen(theme.color(track), width))
        painter.drawEllipse(area)
    if part > 0:
        painter.setPen(QPen(theme.color(token), width, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(area, round((90 - start) * 16), round(-360 * part * 16))
    painter.end()
