"""The search field above the chats, with its shortcut in it while it is empty."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.keycaps import caps_width, paint_caps

RIGHT = 11


class SearchField(LineEdit):
    """Searches chats and messages.

    Signals:
        left: the user goes on to what was found.
    """

    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Search chats and messages", hint="Search chats", icon="search")
        self._keys = ""
        self.setClearButtonEnabled(True)
        for clear in self.findChildren(QToolButton):
            clear.setAccessibleName("Clear the search")

    def set_keys(self, keys: str) -> None:
        """Show the shortcut that leads here, or none."""
        self._keys = keys
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes into the list; Esc ends the search, and without one is for the page."""
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the keys where the text will be."""
        super().paintEvent(event)
        if not self.text() and not self.hasFocus():
            left = self.width() - self._theme.px(RIGHT) - caps_width(self._keys, self._theme)
            paint_caps(QPainter(self), left, self.height() / 2, self._keys, self._theme)
