"""The place of the composer at the bottom of a chat."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from morpheus_desktop.chat.composer import Composer
from morpheus_desktop.chat.transcript import column_of
from morpheus_desktop.theme import Theme


class Dock(QWidget):
    """Keeps the composer under the reading column."""

    def __init__(self, composer: Composer, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(composer)
        theme.changed.connect(self._place)

    def _place(self) -> None:
        left, width = column_of(self.width(), self._theme)
        right = max(self.width() - left - width, 0)
        self.setContentsMargins(left, 4, right, self._theme.px(16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The column is in the middle."""
        super().resizeEvent(event)
        self._place()
