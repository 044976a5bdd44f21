"""The lines of the log, painted in columns: time, level, part, text."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.log_lines import LineRole, LogModel, clock, level_name
from morpheus_desktop.widgets.focus_frame import no_ring
from router.log import LogLine

LOOKS = {
    "error": ("circle-x", "danger"),
    "warn": ("triangle-alert", "warn"),
    "info": ("info", "text-3"),
    "debug": ("bug", "text-3"),
}
LINE, SIDE, ICON = 28, 16, 13
TIME, LEVEL, PART, LEAST_TEXT = 112, 62, 80, 120
Index = QModelIndex | QPersistentModelIndex


class LogView(QListView):
    """One line of the screen for each line of the log; a click or Enter opens it.

    Signals:
        opened: LogLine.
        scrolled: whether it stands away from the newest line.
    """

    opened = Signal(object)
    scrolled = Signal(bool)

    def __init__(self, theme: Theme, model: LogModel) -> None:
        super().__init__()
        self._delegate = _Lines(theme)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Log lines, newest first")
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        no_ring(self)
        self.clicked.connect(lambda index: self.opened.emit(index.data(LineRole)))
        self.verticalScrollBar().valueChanged.connect(lambda value: self.scrolled.emit(value > 0))
        theme.changed.connect(self.doItemsLayout)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open the line in focus."""
        opens = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if opens and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().data(LineRole))
        else:
            super().keyPressEvent(event)


class _Lines(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """28 px."""
        return QSize(self._theme.px(TIME + LEVEL + PART + LEAST_TEXT), self._theme.px(LINE))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        line: LogLine = index.data(LineRole)
        theme, level = self._theme, level_name(line.level)
        icon, tone = LOOKS[level]
        area = QRect(option.rect)
        painter.save()
        self._ground(painter, option, area, level)
        painter.setFont(theme.font("mono"))
        left = area.left() + theme.px(SIDE)
        left = self._column(painter, area, left, theme.px(TIME), clock(line.time), "text-3")
        painter.drawPixmap(
            left, area.center().y() - theme.px(ICON) // 2, theme.pixmap(icon, ICON, tone)
        )
        left += theme.px(ICON + 5)
        left = self._column(painter, area, left, theme.px(LEVEL), level, tone)
        left = self._column(painter, area, left, theme.px(PART), line.part, "text-2")
        rest = area.right() - left - theme.px(SIDE)
        text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, rest)
        self._column(painter, area, left, rest, text, "text-3" if level == "debug" else "text")
        painter.restore()

    def _ground(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, level: str
    ) -> None:
        theme, state = self._theme, option.state
        if level == "error":
            painter.fillRect(area, theme.color("danger-soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("bg-hover"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(QRectF(area).adjusted(3, 1, -3, -1), 4, 4)

    def _column(
        self, painter: QPainter, area: QRect, left: int, width: int, text: str, tone: str
    ) -> int:
        painter.setPen(self._theme.color(tone))
        box = QRect(left, area.top(), width, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        return left + width
