"""The diagnostics page: the parts with their states, the log, and the report."""

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.diagnostics import (
    DiagnosticsViewModel,
    LineRole,
    clock,
    level_name,
)
from morpheus_desktop.widgets.basic import (
    Label,
    Picture,
    ThemedButton,
    button,
    card,
    icon_button,
    label,
)
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.switch import Switch
from router.log import LogLine
from router.parts import Part

LEVELS = {
    "debug": ("Debug", logging.DEBUG),
    "info": ("Info", logging.INFO),
    "warning": ("Warnings", logging.WARNING),
    "error": ("Errors", logging.ERROR),
}
PARTS = ("app", "api", "chat", "local", "store")
LOOKS = {
    "error": ("circle-x", "danger"),
    "warn": ("triangle-alert", "warn"),
    "info": ("info", "text-3"),
    "debug": ("bug", "text-3"),
}
PHASES = {
    "waiting": ("circle", "text-3", "Not started"),
    "starting": ("loader-circle", "info", "Starting"),
    "ready": ("circle-check", "accent-text", "Running"),
    "failed": ("circle-x", "danger", "Stopped"),
    "off": ("circle", "text-3", "Off"),
}
PROMISE = "A report leaves out keys, passwords, questions, answers and tokens."
PROMISE_DETAIL = "You see the exact contents before anything is saved. Nothing is uploaded."
Index = QModelIndex | QPersistentModelIndex


class DiagnosticsPane(QWidget):
    """Parts, log, report.

    Signals:
        folder_asked: open the log folder.
        preview_asked: show the report.
    """

    folder_asked = Signal()
    preview_asked = Signal()

    def __init__(self, vm: DiagnosticsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        header = PageHeader(theme, "Diagnostics")
        folder = button(theme, "Open log folder", "ghost", icon="folder")
        folder.clicked.connect(self.folder_asked)
        report = button(theme, "Make a report", icon="file-text")
        report.clicked.connect(self.preview_asked)
        header.add_action(folder)
        header.add_action(report)
        column.addWidget(header)
        body = QVBoxLayout()
        body.setContentsMargins(24, 20, 24, 20)
        body.setSpacing(12)
        column.addLayout(body, 1)
        self._cards = [PartCard(theme, part, vm.retry) for part in vm.parts]
        row = QHBoxLayout()
        row.setSpacing(12)
        for each in self._cards:
            row.addWidget(each, 1)
        body.addLayout(row)
        self._problem = Note(theme, "warn", vm.log_problem, "Lines are kept in memory meanwhile.")
        self._problem.setVisible(bool(vm.log_problem))
        body.addWidget(self._problem)
        body.addLayout(self._filters())
        body.addWidget(self._log(), 1)
        body.addWidget(self._promise())
        vm.parts_changed.connect(self._show_parts)
        self._show_parts()

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._search, self._list]

    def search(self) -> None:
        """Go to the filter."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _filters(self) -> QHBoxLayout:
        theme, model = self._theme, self._vm.log_model
        row = QHBoxLayout()
        row.setSpacing(8)
        self._search = QLineEdit(placeholderText="Text in a line")
        self._search.setAccessibleName("Filter lines by text")
        self._search.setFixedWidth(theme.px(280))
        self._search.addAction(
            theme.icon("search", 16, "text-3"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._search.textChanged.connect(lambda text: model.set_filter(text=text))
        levels = Segmented(theme, "Level", [(key, words) for key, (words, _) in LEVELS.items()])
        levels.choose("debug")
        levels.chosen.connect(lambda key: model.set_filter(level=LEVELS[key][1]))
        parts = QComboBox()
        parts.setAccessibleName("Part")
        parts.addItem("All parts", "")
        for part in PARTS:
            parts.addItem(part, part)
        parts.currentIndexChanged.connect(lambda _: model.set_filter(part=parts.currentData()))
        follow = Switch(theme, "Follow new lines")
        follow.setChecked(True)
        follow.toggled.connect(lambda on: model.set_following(on=on))
        copy = icon_button(theme, "copy", "Copy the lines shown")
        copy.clicked.connect(self._copy)
        for widget in (self._search, levels, parts):
            row.addWidget(widget)
        row.addStretch()
        row.addWidget(label("Follow", "small", "text-2"))
        row.addWidget(follow)
        row.addWidget(copy)
        return row

    def _log(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("logFrame")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 8, 1, 8)
        self._list = QListView()
        self._list.setModel(self._vm.log_model)
        self._list.setModelColumn(3)
        self._rows = LogRows(self._theme)
        self._list.setItemDelegate(self._rows)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName("Log lines")
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = label("No lines match", "body", "text-3")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._list)
        inside.addWidget(self._empty)
        for changed in (self._vm.log_model.modelReset, self._vm.log_model.rowsInserted):
            changed.connect(self._show_empty)
        self._show_empty()
        return frame

    def _show_empty(self) -> None:
        some = bool(self._vm.log_model.lines())
        self._list.setVisible(some)
        self._empty.setVisible(not some)

    def _promise(self) -> QFrame:
        frame, column = card()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Picture(self._theme, "shield-check", 16, "accent-text"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(PROMISE, "body"))
        words.addWidget(label(PROMISE_DETAIL, "small", "text-3"))
        row.addLayout(words, 1)
        preview = button(self._theme, "Preview report")
        preview.clicked.connect(self.preview_asked)
        row.addWidget(preview)
        column.addLayout(row)
        return frame

    def _show_parts(self) -> None:
        for each in self._cards:
            each.show_state()

    def _copy(self) -> None:
        lines = reversed(self._vm.log_model.lines())
        text = "\n".join(
            f"{clock(line.time)} {level_name(line.level):5} {line.part:6} {line.text}"
            for line in lines
        )
        QGuiApplication.clipboard().setText(text)


class PartCard(QFrame):
    """One part of the node: state, a fact, and a way to start it again."""

    def __init__(self, theme: Theme, part: Part, retry: Callable[[Part], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._part = part
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        self._icon = Picture(theme, "circle", 14)
        head.addWidget(self._icon)
        head.addWidget(label(part.state.title, "body"))
        head.addStretch()
        self._again: ThemedButton = icon_button(theme, "rotate-cw", f"Restart: {part.state.title}")
        self._again.clicked.connect(lambda: retry(self._part))
        head.addWidget(self._again)
        self._state: Label = label("", "body", "text-2")
        self._fact: Label = label("", "small", "text-3", wrap=True)
        column.addLayout(head)
        column.addWidget(self._state)
        column.addWidget(self._fact)

    def show_state(self) -> None:
        """Show how the part is."""
        state = self._part.state
        icon, tone, words = PHASES[state.phase]
        self._icon.set(icon, tone)
        self._state.setText(words)
        self._fact.setText(describe(state.error).text if state.error is not None else state.detail)
        self._fact.set_tone("danger" if state.error is not None else "text-3")
        self.setAccessibleName(f"{state.title}: {words}")


class LogRows(QStyledItemDelegate):
    """Paints log lines in columns: time, level, part, text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """28 px."""
        return QSize(option.rect.width(), self._theme.px(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        line: LogLine = index.data(LineRole)
        theme, level = self._theme, level_name(line.level)
        icon, tone = LOOKS[level]
        painter.save()
        area = QRect(option.rect)
        if level == "error":
            painter.fillRect(area, theme.color("danger-soft"))
        painter.setFont(theme.font("mono"))
        left = area.left() + theme.px(16)
        left = self._column(painter, area, left, 112, clock(line.time), "text-3")
        pixmap = theme.pixmap(icon, 13, tone)
        painter.drawPixmap(left, area.center().y() - theme.px(6), pixmap)
        left = self._column(painter, area, left + theme.px(18), 62, level, tone)
        left = self._column(painter, area, left, 66, line.part, "text-2")
        rest = area.right() - left - 8
        text = QFontMetrics(painter.font()).elidedText(line.text, Qt.TextElideMode.ElideRight, rest)
        tone = "text-3" if level == "debug" else "text"
        self._column(painter, area, left, rest / theme.scale, text, tone)
        painter.restore()

    def _column(
        self, painter: QPainter, area: QRect, left: int, width: float, text: str, tone: str
    ) -> int:
        pixels = self._theme.px(width)
        painter.setPen(self._theme.color(tone))
        box = QRect(left, area.top(), pixels, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        return left + pixels
