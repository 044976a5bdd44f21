"""Smooth scrolling: steps of the wheel and of the keyboard glide instead of jumping."""

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QVariantAnimation
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

from morpheus_desktop.theme import Theme

NOTCH = 72  # pixels at 100 % for one notch of a wheel


class Glide(QObject):
    """Moves one scroll bar; a new step adds to the one that is under way."""

    def __init__(self, bar: QScrollBar, theme: Theme) -> None:
        super().__init__(bar)
        self._bar = bar
        self._theme = theme
        self._from = self._to = 0.0
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._move)

    def wheel(self, event: QWheelEvent) -> None:
        """Follow a touchpad exactly, a wheel smoothly."""
        if not event.pixelDelta().isNull():
            self.stop()
            self._bar.setValue(self._bar.value() - event.pixelDelta().y())
        elif event.angleDelta().y():
            self.by(-event.angleDelta().y() / 120 * self._theme.px(NOTCH))
        event.accept()

    def by(self, pixels: float) -> None:
        """Scroll by this much, from where a glide under way will end."""
        running = self._motion.state() == QAbstractAnimation.State.Running
        target = (self._to if running else self._bar.value()) + pixels
        self._to = min(max(target, self._bar.minimum()), self._bar.maximum())
        self._from = self._bar.value()
        self._motion.stop()
        duration = self._theme.motion("base")
        if duration == 0:
            self._bar.setValue(round(self._to))
            return
        self._motion.setDuration(duration)
        self._motion.start()

    def shift(self, pixels: int) -> None:
        """The content moved under the bar: so do start and end of a glide."""
        self._from += pixels
        self._to += pixels

    def stop(self) -> None:
        """Stay here."""
        self._motion.stop()

    def _move(self, share: float) -> None:
        if self._motion.state() == QAbstractAnimation.State.Running or share == 1.0:
            self._bar.setValue(round(self._from + (self._to - self._from) * share))
