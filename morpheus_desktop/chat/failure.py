"""The note under an answer that failed or was cut off: what happened, and what can be done."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.wording import CHOICES
from morpheus_desktop.theme import Theme
from router.untrusted import visible

PAD_X = 12
PAD_Y = 10
TEXT_X = 28  # from PAD_X
GAP = 4
LONGEST = 600  # characters of a reason
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class Failure(QWidget):
    """Red for a failure, amber for an answer that was cut off.

    One button stands beside the words, several below them.

    Signals:
        chosen: a name of `wording.CHOICES`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        reason: str,
        width: int,
        *,
        failed: bool,
        choices: Sequence[str] = ("retry",),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reason = visible(reason[:LONGEST])
        self._tone = "danger" if failed else "warn"
        self._width = width
        self._buttons = [self._button(choice) for choice in choices]
        self.setAccessibleName(self._reason)

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width

    @property
    def content_height(self) -> int:
        """The height for the present width."""
        px = self._theme.px
        if self._beside:
            return max(self._text_height + 2 * px(PAD_Y), px(32) + px(8))
        return px(PAD_Y) + self._text_height + px(GAP) + len(self._lines()) * px(32) + px(GAP)

    def _button(self, choice: str) -> PaintedButton:
        icon, words = CHOICES[choice]
        made = PaintedButton(self._theme, icon, words, words, self)
        made.clicked.connect(lambda: self.chosen.emit(choice))
        made.show()
        return made

    @property
    def _beside(self) -> bool:
        return len(self._buttons) < 2

    @property
    def _text_width(self) -> int:
        px = self._theme.px
        taken = px(PAD_X + TEXT_X + 16)
        if self._beside:
            taken += sum(each.sizeHint().width() for each in self._buttons)
        return max(px(80), self._width - taken)

    @property
    def _text_height(self) -> int:
        box = QRect(0, 0, self._text_width, 10_000)
        metrics = QFontMetrics(self._theme.font("body"))
        return metrics.boundingRect(box, _WRAPPED.value, self._reason).height()

    def _lines(self) -> list[list[PaintedButton]]:
        """The buttons, as many on a line as there is room for."""
        room = self._width - self._theme.px(TEXT_X + 8)
        lines: list[list[PaintedButton]] = []
        left = 0
        for each in self._buttons:
            width = each.sizeHint().width()
            if not lines or width > left:
                lines.append([])
                left = room
            lines[-1].append(each)
            left -= width + self._theme.px(GAP)
        return lines

    def resizeEvent(self, event: object) -> None:
        px = self._theme.px
        if self._beside:
            for each in self._buttons:
                size = each.sizeHint()
                x = self.width() - size.width() - px(4)
                each.setGeometry(x, (self.height() - size.height()) // 2, *size.toTuple())
            return
        top = px(PAD_Y) + self._text_height + px(GAP)
        for line in self._lines():
            x = px(PAD_X + TEXT_X - 8)  # their words stand below the words of the reason
            for each in line:
                each.setGeometry(x, top, *each.sizeHint().toTuple())
                x += each.width() + px(GAP)
            top += px(32)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(f"{self._tone}-line")))
        painter.setBrush(theme.color(f"{self._tone}-soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        icon = "circle-x" if self._tone == "danger" else "triangle-alert"
        middle = (self.height() - px(16)) // 2
        top = middle if self._beside else px(PAD_Y + 1)
        painter.drawPixmap(px(PAD_X), top, theme.pixmap(icon, 16, self._tone))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        box = QRect(px(PAD_X + TEXT_X), 0, self._text_width, self.height())
        upright = Qt.AlignmentFlag.AlignVCenter
        if not self._beside:
            box.setTop(px(PAD_Y))
            upright = Qt.AlignmentFlag.AlignTop
        flags = Qt.TextFlag.TextWordWrap.value | upright.value | Qt.AlignmentFlag.AlignLeft.value
        painter.drawText(box, flags, self._reason)
