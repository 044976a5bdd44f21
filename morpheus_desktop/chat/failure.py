"""The note under an answer that failed or was cut off: what happened, and Try again."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.theme import Theme
from router.untrusted import visible

PAD_X = 12
PAD_Y = 10
LONGEST = 600  # characters of a reason
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class Failure(QWidget):
    """Red for a failure, amber for an answer that was cut off."""

    again_clicked = Signal()

    def __init__(
        self,
        theme: Theme,
        reason: str,
        width: int,
        *,
        failed: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reason = visible(reason[:LONGEST])
        self._tone = "danger" if failed else "warn"
        self._width = width
        self._again = PaintedButton(theme, "refresh-cw", "Try again", "Try again", self)
        self._again.clicked.connect(self.again_clicked)
        self.setAccessibleName(self._reason)
        self._again.show()

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width

    @property
    def content_height(self) -> int:
        """The height for the present width."""
        px = self._theme.px
        text = QFontMetrics(self._theme.font("body")).boundingRect(
            QRect(0, 0, self._text_width, 10_000), _WRAPPED.value, self._reason
        )
        return max(text.height() + 2 * px(PAD_Y), px(32) + px(8))

    @property
    def _text_width(self) -> int:
        px = self._theme.px
        return max(px(80), self._width - self._again.sizeHint().width() - px(PAD_X + 28 + 16))

    def resizeEvent(self, event: object) -> None:
        size: QSize = self._again.sizeHint()
        x = self.width() - size.width() - self._theme.px(4)
        self._again.setGeometry(QRect(x, (self.height() - size.height()) // 2, *size.toTuple()))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(f"{self._tone}-line")))
        painter.setBrush(theme.color(f"{self._tone}-soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        icon = "circle-x" if self._tone == "danger" else "triangle-alert"
        pixmap = theme.pixmap(icon, 16, self._tone)
        painter.drawPixmap(px(PAD_X), (self.height() - px(16)) // 2, pixmap)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
        box = QRect(px(PAD_X + 28), 0, self._text_width, self.height())
        painter.drawText(box, flags.value | Qt.AlignmentFlag.AlignLeft.value, self._reason)
