"""The diagnostics page: the parts with their states, the log, and the report."""

import logging
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop import format as fmt
from morpheus_desktop.diagnostics.log_view import LogView
from morpheus_desktop.diagnostics.part_card import PartCard
from morpheus_desktop.diagnostics.record import RecordDialog
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.diagnostics import DiagnosticsViewModel
from morpheus_desktop.viewmodels.log_lines import as_text
from morpheus_desktop.widgets.basic import Picture, button, card, icon_button, label
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.field import Choice, LineEdit
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.switch import Switch
from morpheus_desktop.widgets.wrap import Wrap
from router.log import LogLine

LEVELS = {
    "debug": ("Debug", logging.DEBUG),
    "info": ("Info", logging.INFO),
    "warning": ("Warnings", logging.WARNING),
    "error": ("Errors", logging.ERROR),
}
PARTS = ("app", "api", "chat", "local", "store")
MEMORY_ONLY = "New lines are kept in memory and are lost when the app ends."
PROMISE = "A report leaves out keys, passwords, questions, answers and tokens"
PROMISE_DETAIL = "You see the exact contents before anything is saved. Nothing is uploaded."
NO_MATCH = "No line has this level, this part and this text."
SEARCH, LEAST_LOG = 280, 120
CARD = 180  # least width of a part's card


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
        header = PageHeader(theme, "Diagnostics")
        folder = button(theme, "Open log folder", "ghost", icon="folder")
        folder.clicked.connect(self.folder_asked)
        report = button(theme, "Make a report", icon="file-text")
        report.clicked.connect(self.preview_asked)
        header.add_action(folder)
        header.add_action(report)
        self._cards = [PartCard(theme, part, vm.retry, vm.fact) for part in vm.parts]
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self._place_cards()
        inside = QWidget()
        body = QVBoxLayout(inside)
        body.setContentsMargins(24, 20, 24, 20)
        body.setSpacing(12)
        body.addLayout(self._grid)
        self._problem = Note(theme, "warn", vm.log_problem, MEMORY_ONLY)
        self._problem.setVisible(bool(vm.log_problem))
        body.addWidget(self._problem)
        body.addLayout(self._filters())
        body.addWidget(self._log(), 1)
        body.addWidget(self._promise())
        area = QScrollArea()  # the log scrolls; with large text the page does too
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(area, 1)
        self._connect()

    def _connect(self) -> None:
        self._vm.parts_changed.connect(self._show_parts)
        self._vm.log_model.changed.connect(self._show_log)
        self._list.opened.connect(self._open_line)
        self._list.scrolled.connect(lambda _away: self._show_follow())
        self._follow.toggled.connect(lambda _on: self._show_follow())
        self._theme.changed.connect(self._measure)
        self._measure()
        self._show_log()

    def _place_cards(self) -> None:
        """Side by side as far as there is room, then below."""
        room = max(self.width() // self._theme.px(CARD), 1)
        lines = -(-len(self._cards) // room)
        columns = -(-len(self._cards) // lines)
        for number, each in enumerate(self._cards):
            self._grid.addWidget(each, number // columns, number % columns)
        for column in range(len(self._cards)):
            self._grid.setColumnStretch(column, int(column < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may hold more cards or fewer."""
        super().resizeEvent(event)
        self._place_cards()

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._search, self._list]

    def search(self) -> None:
        """Go to the filter."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _filters(self) -> QHBoxLayout:
        theme, model = self._theme, self._vm.log_model
        self._search = LineEdit(theme, "Filter lines by text", hint="Text in a line", icon="search")
        self._search.textChanged.connect(lambda text: model.set_filter(text=text))
        self._levels = Segmented(
            theme, "Level", [(key, words) for key, (words, _) in LEVELS.items()]
        )
        self._levels.choose("debug")
        self._levels.chosen.connect(lambda key: model.set_filter(level=LEVELS[key][1]))
        self._parts = Choice(theme, "Part", [("", "All parts"), *((part, part) for part in PARTS)])
        self._parts.chosen.connect(lambda part: model.set_filter(part=part))
        self._follow_words = label("Follow", "small", "text-2")
        self._follow = Switch(theme, "Follow new lines")
        self._follow.setChecked(True)
        copy = icon_button(theme, "copy", "Copy the lines shown")
        copy.clicked.connect(self._copy)
        choices = Wrap(gap=8, line_gap=8)
        for choice in (self._search, self._levels, self._parts):
            choices.addWidget(choice)
        following = QHBoxLayout()
        following.setSpacing(8)
        for widget in (self._follow_words, self._follow, copy):
            following.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(choices, 1)
        row.addLayout(following)
        return row

    def _log(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("logFrame")
        self._list = LogView(self._theme, self._vm.log_model)
        nothing = EmptyState("list-filter", "No lines match", self._theme, NO_MATCH)
        clear = button(self._theme, "Show all lines")
        clear.clicked.connect(self._clear)
        nothing.add_action(clear)
        holder = QWidget()
        centre = QVBoxLayout(holder)
        centre.addWidget(nothing, 0, Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._list)
        self._pages.addWidget(holder)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 8, 1, 8)
        inside.addWidget(self._pages)
        return frame

    def _promise(self) -> QFrame:
        frame, column = card()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Picture(self._theme, "shield-check", 16, "accent-text"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(PROMISE, wrap=True))
        words.addWidget(label(PROMISE_DETAIL, "small", "text-3", wrap=True))
        row.addLayout(words, 1)
        preview = button(self._theme, "Preview report")
        preview.clicked.connect(self.preview_asked)
        row.addWidget(preview)
        column.addLayout(row)
        return frame

    def _measure(self) -> None:
        self._search.setFixedWidth(self._theme.px(SEARCH))
        self._pages.setMinimumHeight(self._theme.px(LEAST_LOG))
        self._place_cards()

    def _show_parts(self) -> None:
        for each in self._cards:
            each.show_state()

    def _show_log(self) -> None:
        self._pages.setCurrentIndex(0 if self._vm.log_model.rowCount() else 1)
        waiting = self._vm.log_model.waiting
        self._follow_words.setText(f"{fmt.count(waiting)} new" if waiting else "Follow")
        self._show_parts()

    def _show_follow(self) -> None:
        """New lines wait while the user reads older ones."""
        away = self._list.verticalScrollBar().value() > 0
        self._vm.log_model.set_following(on=self._follow.isChecked() and not away)

    def _clear(self) -> None:
        self._search.clear()
        self._levels.choose("debug")
        self._parts.choose("")
        self._vm.log_model.set_filter(level=logging.DEBUG, part="", text="")
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_line(self, line: LogLine) -> None:
        dialog = RecordDialog(self._theme, self.window(), line)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _copy(self) -> None:
        lines = reversed(self._vm.log_model.lines())
        QGuiApplication.clipboard().setText("\n".join(map(as_text, lines)))
