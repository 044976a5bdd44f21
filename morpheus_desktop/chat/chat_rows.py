"""Paints the rows of the chat list: group titles, chats, and places where a text was found."""

from datetime import datetime

from PySide6.QtCore import (
    QElapsedTimer,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat_list import Row, RowRole
from morpheus_desktop.widgets.spinner import ARC_DEGREES
from router.untrusted import one_line

Index = QModelIndex | QPersistentModelIndex
State = QStyle.StateFlag


class ChatRows(QStyledItemDelegate):
    """One look for each kind of Row."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._clock = QElapsedTimer()
        self._clock.start()

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """36 px for a chat, more for a place in a message."""
        row: Row = index.data(RowRole)
        heights = {"group": 32 if index.row() else 28, "chat": 36, "hit": 56}
        return QSize(option.rect.width(), self._theme.px(heights[row.kind]))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, icon, words."""
        row: Row = index.data(RowRole)
        area = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.kind == "group":
            self._words(
                painter, area.adjusted(10, 0, 0, -4), row.title, "label", "text-3", bottom=True
            )
        else:
            self._ground(painter, option)
            if row.kind == "chat":
                self._chat(painter, area, row, bool(option.state & State.State_Selected))
            else:
                self._hit(painter, area, row)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        theme = self._theme
        chosen = option.state & State.State_Selected
        if not chosen and not option.state & State.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bg-active" if chosen else "bg-hover"))
        painter.drawRoundedRect(option.rect, 6, 6)
        if option.state & State.State_HasFocus and option.state & State.State_KeyboardFocusChange:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 6, 6)

    def _chat(self, painter: QPainter, area: QRect, row: Row, chosen: bool) -> None:
        assert row.chat is not None
        theme = self._theme
        side = theme.px(14)
        icon = "pin" if row.chat.pinned else "globe" if row.chat.origin == "remote" else "cpu"
        top = area.top() + (area.height() - side) // 2
        painter.drawPixmap(area.left() + 10, top, theme.pixmap(icon, 14, "text-3"))
        right = area.right() - 10
        if row.writing:
            self._ring(painter, QRect(right - side, top, side, side))
            right -= side + 8
        elif when := _when(row.chat.updated_at):
            font = theme.font("caption")
            width = QFontMetrics(font).horizontalAdvance(when)
            box = QRect(right - width, area.top(), width + 2, area.height())
            self._words(painter, box, when, "caption", "text-3")
            right -= width + 8
        left = area.left() + 10 + side + 8
        box = QRect(left, area.top(), right - left, area.height())
        self._words(painter, box, row.title or "New chat", "body", "text" if chosen else "text-2")

    def _ring(self, painter: QPainter, area: QRect) -> None:
        """An arc that turns as it is painted again and again."""
        turn = self._theme.motion("spinner_turn")
        angle = self._clock.elapsed() % turn / turn * 360 if turn else 0
        painter.setPen(QPen(self._theme.color("accent"), 2, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(
            QRectF(area).adjusted(1, 1, -1, -1), round((90 - angle) * 16), -ARC_DEGREES * 16
        )

    def _hit(self, painter: QPainter, area: QRect, row: Row) -> None:
        assert row.hit is not None
        half = area.height() // 2
        upper = QRect(area.left() + 10, area.top() + 4, area.width() - 20, half - 4)
        lower = QRect(area.left() + 10, area.top() + half, area.width() - 20, half - 6)
        self._words(painter, upper, row.title or "New chat", "body", "text")
        self._words(painter, lower, one_line(row.hit.text, 120), "small", "text-3")

    def _words(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        style: str,
        token: str,
        *,
        bottom: bool = False,
    ) -> None:
        painter.setFont(self._theme.font(style))
        painter.setPen(self._theme.color(token))
        shown = QFontMetrics(painter.font()).elidedText(
            text, Qt.TextElideMode.ElideRight, area.width()
        )
        upright = Qt.AlignmentFlag.AlignBottom if bottom else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | upright, shown)


def _when(updated_at: float) -> str:
    now = datetime.now().astimezone()
    then = datetime.fromtimestamp(updated_at, now.tzinfo)
    return fmt.clock(then) if then.date() == now.date() else ""
