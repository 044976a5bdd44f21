"""A row between messages in which the app itself speaks; models cannot make one."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.theme import Theme

PAD_X = 12
PAD_Y = 14
TEXT_X = 38
_ICONS = {"info": "info", "warn": "triangle-alert", "danger": "circle-x", "neutral": "info"}


@dataclass(frozen=True)
class Notice:
    """What is said.

    Args:
        key: names it in `TranscriptView.notice_clicked` and `remove_notice`.
        before: id of the message it stands above; 0 puts it at the end.
        title: a bold first sentence, may be empty.
        action: the word on the button, empty for none.
    """

    key: str
    text: str
    title: str = ""
    tone: Literal["neutral", "info", "warn", "danger"] = "neutral"
    icon: str = ""
    action: str = ""
    before: int = 0


class NoticeView(QWidget):
    """One notice."""

    action_clicked = Signal(str)

    def __init__(
        self, theme: Theme, notice: Notice, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notice = notice
        self._width = width
        self._button: PaintedButton | None = None
        if notice.action:
            self._button = PaintedButton(theme, "", notice.action, notice.action, self)
            self._button.clicked.connect(lambda: self.action_clicked.emit(notice.key))
        self.setAccessibleName(f"{notice.title} {notice.text}".strip())
        self.set_width(width)

    @property
    def content_height(self) -> int:
        """The height for the present width."""
        px = self._theme.px
        lines = self._laid_out().boundingRect()
        return max(px(48), round(lines.height()) + 2 * px(PAD_Y))

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width
        height = self.content_height
        self.resize(width, height)
        if self._button is not None:
            size = self._button.sizeHint()
            x = width - size.width() - self._theme.px(8)
            self._button.setGeometry(x, (height - size.height()) // 2, *size.toTuple())

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        self.set_width(self._width)
        self.update()

    def show_range(self, top: int, bottom: int, deadline: float) -> bool:
        """Everything is there already."""
        return True

    def anchor(self, y: int) -> tuple[int, int]:
        """Its own top is the only anchor."""
        return -1, y

    def y_of(self, anchor: tuple[int, int]) -> int:
        """Where an anchor is now."""
        return anchor[1]

    @property
    def _room(self) -> int:
        px = self._theme.px
        button = self._button.sizeHint().width() + px(8) if self._button else 0
        return max(px(80), self._width - px(TEXT_X) - px(PAD_X) - button)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px, notice = self._theme, self._theme.px, self._notice
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain = notice.tone == "neutral"
        painter.setPen(QPen(theme.color("line" if plain else f"{notice.tone}-line")))
        painter.setBrush(theme.color("bg-raised" if plain else f"{notice.tone}-soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        token = "text-2" if plain else notice.tone
        icon = theme.pixmap(notice.icon or _ICONS[notice.tone], 16, token)
        painter.drawPixmap(px(13), (self.height() - px(16)) // 2, icon)
        layout = self._laid_out()
        top = (self.height() - layout.boundingRect().height()) / 2
        painter.setPen(theme.color("text-2"))
        layout.draw(painter, QPointF(px(TEXT_X), top))

    def _laid_out(self) -> QTextLayout:
        """The words in lines, the title in bold."""
        theme, notice = self._theme, self._notice
        layout = QTextLayout(f"{notice.title} {notice.text}".strip(), theme.font("body"))
        title = QTextLayout.FormatRange()
        title.start, title.length = 0, len(notice.title)
        look = QTextCharFormat()
        look.setFont(theme.font("body_strong"))
        look.setForeground(theme.color("text"))
        title.format = look
        layout.setFormats([title])
        layout.beginLayout()
        y = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._room)
            line.setPosition(QPointF(0, y))
            y += max(theme.line_height("body"), line.height())
        layout.endLayout()
        return layout
