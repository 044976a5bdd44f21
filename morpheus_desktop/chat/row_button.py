"""A button that holds more than an icon and words: a chip, a key cap, an arrow, a bar."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from morpheus_desktop.theme import Theme

HEIGHT = 32
BAR = 2


def without_mnemonic(text: str) -> str:
    """A text for a button or menu in which `&` stands for itself."""
    return text.replace("&", "&&")


class RowButton(QPushButton):
    """A secondary button with a row of widgets in it; they let all clicks through.

    Args:
        name: what a screen reader calls it.
        margin: left and right of the row.
    """

    def __init__(self, theme: Theme, name: str, *widgets: QWidget, margin: int = 12) -> None:
        super().__init__()
        self._theme = theme
        self._margin = margin
        self._progress = 0.0
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        for widget in widgets:
            widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._row.addWidget(widget)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_progress(self, part: float) -> None:
        """Fill a bar along the lower edge, from 0 (none) to 1."""
        self._progress = part
        self.update()

    def _restyle(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(self._margin), 0, px(self._margin), 0)
        self._row.setSpacing(px(8))
        self.updateGeometry()

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As wide as the row."""
        return QSize(self._row.sizeHint().width(), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """As the hint."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, and the bar on it."""
        super().paintEvent(event)
        if self._progress <= 0:
            return
        height = self._theme.px(BAR)
        room = QRectF(self.rect()).adjusted(7, 0, -7, -1)
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRect(
            QRectF(room.left(), room.bottom() - height, room.width() * self._progress, height)
        )
        painter.end()
