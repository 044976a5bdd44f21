"""The button that floats over the end of a transcript: Jump to latest."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from morpheus_desktop.theme import Theme

HEIGHT = 32


class Pill(QAbstractButton):
    """Icon and words on a raised ground."""

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def place(self, column: tuple[int, int], bottom: int) -> None:
        """In the middle of the column, just above `bottom`."""
        size = self.sizeHint()
        x = column[0] + (column[1] - size.width()) // 2
        self.setGeometry(x, bottom - size.height() - self._theme.px(12), *size.toTuple())

    def sizeHint(self) -> QSize:
        px = self._theme.px
        words = QFontMetrics(self._theme.font("label")).horizontalAdvance(self.text())
        return QSize(words + px(14 + 6 + 28), px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(theme.color("focus" if focused else "line-strong"), 1 + focused))
        painter.setBrush(theme.color("bg-hover" if self.underMouse() else "bg-overlay"))
        inset = 1.0 if focused else 0.5
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        icon = theme.pixmap("arrow-down", 14, "text-2")
        painter.drawPixmap(px(14), (self.height() - px(14)) // 2, icon)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text"))
        area = self.rect().adjusted(px(34), 0, 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())
