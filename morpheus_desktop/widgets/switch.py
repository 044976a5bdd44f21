"""An on/off switch, 32 × 18, that slides."""

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from morpheus_desktop.theme import Theme

WIDTH, HEIGHT = 32, 18


class Switch(QAbstractButton):
    """A check box that looks like a switch; `name` is what it switches."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._at = 0.0
        self._slide = QVariantAnimation(self, duration=theme.motion("base"))
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._move)
        self.toggled.connect(self._start)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def _start(self, on: bool) -> None:
        self._slide.stop()
        if not self.isVisible():
            self._move(1.0 if on else 0.0)
            return
        self._slide.setStartValue(self._at)
        self._slide.setEndValue(1.0 if on else 0.0)
        self._slide.start()

    def _move(self, at: float) -> None:
        self._at = at
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Room for the switch and its focus ring, at least 32 px high."""
        px = self._theme.px
        return QSize(px(WIDTH) + 8, max(px(HEIGHT) + 8, 32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, knob, focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        width, height = theme.px(WIDTH), theme.px(HEIGHT)
        area = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        track = area.adjusted(0.5, 0.5, -0.5, -0.5)
        on = self.isChecked()
        border = "accent" if on else "text-3" if self.underMouse() else "line-control"
        painter.setPen(QPen(theme.color(border), 1))
        painter.setBrush(theme.color("accent" if on else "bg-active"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        radius = height / 2 - 3
        x = area.left() + height / 2 + self._at * (width - height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("on-accent") if on else QColor(theme.color("text-3")))
        painter.drawEllipse(QPointF(x, area.center().y()), radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(-2.5, -2.5, 2.5, 2.5), height, height)
        painter.end()
