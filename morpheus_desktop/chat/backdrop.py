"""What lies between the conversation and the list of chats over it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

SCRIM = 0.4


class Backdrop(QWidget):
    """Lies under the list where that is over the conversation; a click beside the list ends it."""

    clicked = Signal()

    def __init__(self, over: QWidget, theme: Theme) -> None:
        super().__init__(over)
        self._theme = theme
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The click is for this, not for what is below."""
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what is below."""
        painter = QPainter(self)
        painter.setOpacity(SCRIM)
        painter.fillRect(self.rect(), self._theme.color("scrim"))
        painter.end()
