"""An on/off switch, 32 × 18, that slides."""

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.focus_frame import ring
from morpheus_desktop.widgets.spinner import Spinner

WIDTH, HEIGHT = 32, 18
KNOB = 12
LEAST_TARGET = 32


class Switch(QAbstractButton):
    """A check box that looks like a switch; `name` is what it switches."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._spinner: Spinner | None = None
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._at = 0.0
        self._slide = QVariantAnimation(self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._move)
        self.toggled.connect(self._start)
        theme.changed.connect(self._fit)
        self._fit()

    def show_state(self, *, on: bool) -> None:
        """Show what is true, without telling anybody."""
        blocked = self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(blocked)
        self._start(on)

    def set_busy(self, *, busy: bool) -> None:
        """Turn a spinner on the knob; clicks do nothing meanwhile."""
        if busy == (self._spinner is not None):
            return
        if self._spinner is not None:
            self._spinner.hide()
            self._spinner.deleteLater()
            self._spinner = None
        else:
            token = "on-accent" if self.isChecked() else "text"
            self._spinner = Spinner(self._theme, KNOB, token, track="")
            self._spinner.setParent(self)
            self._spinner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._spinner.show()
        self.update()

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())
        ring(self, radius=self._theme.px(HEIGHT) // 2, around=self._track().toRect())
        self.update()

    def _track(self) -> QRectF:
        width, height = self._theme.px(WIDTH), self._theme.px(HEIGHT)
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _start(self, on: bool) -> None:
        self._slide.stop()
        duration = self._theme.motion("base")
        if not self.isVisible() or not duration:
            self._move(1.0 if on else 0.0)
            return
        self._slide.setDuration(duration)
        self._slide.setStartValue(self._at)
        self._slide.setEndValue(1.0 if on else 0.0)
        self._slide.start()

    def _move(self, at: float) -> None:
        self._at = at
        self.update()

    # Qt overrides

    def nextCheckState(self) -> None:
        """Change when clicked, except while busy."""
        if self._spinner is None:
            super().nextCheckState()

    def sizeHint(self) -> QSize:
        """The switch, in a target that can be hit."""
        px = self._theme.px
        return QSize(max(px(WIDTH), LEAST_TARGET), max(px(HEIGHT), LEAST_TARGET))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and knob."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        track = self._track()
        on = self.isChecked()
        border = "accent" if on else "text-3" if self.underMouse() else "line-control"
        painter.setPen(QPen(theme.color(border), 1))
        painter.setBrush(theme.color("accent" if on else "bg-active"))
        corner = track.height() / 2
        painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        middle = QPointF(
            track.left() + corner + self._at * (track.width() - track.height()), track.center().y()
        )
        if self._spinner is not None:
            half = self._spinner.width() / 2
            self._spinner.move(round(middle.x() - half), round(middle.y() - half))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("on-accent" if on else "text-3"))
            radius = theme.px(KNOB) / 2
            painter.drawEllipse(middle, radius, radius)
        painter.end()
