"""A slider: track 4, thumb 18 with a wide rim; the ring of the focus is around the thumb."""

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.focus_frame import ring

THUMB, THUMB_HOVERED, RIM = 18, 20, 4
TRACK = 4
HEIGHT = 32
FACE = "#FFFFFF"


class Slider(QSlider):
    """A horizontal slider of whole steps; `name` is what it sets.

    A click on the track moves the thumb there.
    """

    def __init__(self, theme: Theme, name: str, low: int, high: int, step: int = 1) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._dragging = False
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setPageStep(max((high - low) // 10, step))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._place_ring)
        theme.changed.connect(self._place_ring)
        self._place_ring()

    def show_value(self, value: int) -> None:
        """Show what is set, without telling anybody."""
        blocked = self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(blocked)
        self._place_ring()

    def _place_ring(self) -> None:
        ring(self, radius=self._theme.px(THUMB) // 2, around=self._thumb(THUMB))
        self.update()

    def _thumb(self, size: int) -> QRect:
        side = self._theme.px(size)
        room = self.width() - self._theme.px(THUMB_HOVERED)
        span = max(self.maximum() - self.minimum(), 1)
        part = (self.value() - self.minimum()) / span
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            part = 1 - part
        thumb = QRect(0, 0, side, side)
        middle = self._theme.px(THUMB_HOVERED) / 2 + part * room
        thumb.moveCenter(QPoint(round(middle), self.height() // 2))
        return thumb

    def _go_to(self, x: float) -> None:
        room = max(self.width() - self._theme.px(THUMB_HOVERED), 1)
        part = min(max((x - self._theme.px(THUMB_HOVERED) / 2) / room, 0.0), 1.0)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            part = 1 - part
        steps = round(part * (self.maximum() - self.minimum()) / self.singleStep())
        self.setValue(self.minimum() + steps * self.singleStep())

    # Qt overrides

    def sizeHint(self) -> QSize:
        """High enough to be hit."""
        return QSize(self._theme.px(112), max(self._theme.px(THUMB_HOVERED) + 8, HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Half as wide."""
        return QSize(self._theme.px(56), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the thumb along."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragging = True
            self.setSliderDown(True)
            self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it."""
        if self._dragging:
            self._go_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._dragging = False
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc reach the dialog around it."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The thumb has moved."""
        super().resizeEvent(event)
        self._place_ring()

    def changeEvent(self, event: QEvent) -> None:
        """Grey when it is off."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, the part that is set, thumb."""
        theme, on = self._theme, self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        lit = on and (self.underMouse() or self._dragging)
        thumb = QRectF(self._thumb(THUMB_HOVERED if lit else THUMB))
        height = theme.px(TRACK)
        track = QRectF(0, thumb.center().y() - height / 2, self.width(), height)
        painter.setBrush(theme.color("bg-active"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        done = QRectF(track)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            done.setLeft(thumb.center().x())
        else:
            done.setRight(thumb.center().x())
        color = theme.color("accent" if on else "text-disabled")
        painter.setBrush(color)
        painter.drawRoundedRect(done, height / 2, height / 2)
        rim = theme.px(RIM)
        painter.setPen(QPen(color, rim))
        painter.setBrush(QColor(FACE) if on else theme.color("bg-raised"))
        painter.drawEllipse(thumb.adjusted(rim / 2, rim / 2, -rim / 2, -rim / 2))
        painter.end()
