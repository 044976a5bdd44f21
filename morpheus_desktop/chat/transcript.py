"""The conversation on the screen: thousands of messages, widgets only for those near the window.

Heights of messages that nobody has looked at are estimated. When one turns out different, the
scroll position is corrected in the same step, so that what the user reads does not move. The end is
followed while an answer is written, until the user scrolls up.
"""

from collections.abc import Callable, Sequence
from time import perf_counter

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QWidget

from morpheus_desktop.chat.announce import announce, announce_end
from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.body import holds_focus
from morpheus_desktop.chat.focus_order import move_focus
from morpheus_desktop.chat.glide import Glide
from morpheus_desktop.chat.heights import Heights
from morpheus_desktop.chat.markdown import last_code
from morpheus_desktop.chat.message_area import MessageArea
from morpheus_desktop.chat.notice import Notice
from morpheus_desktop.chat.pill import Pill
from morpheus_desktop.chat.question import QuestionView
from morpheus_desktop.chat.rows import GAPS, TOP, Row, View, guess, rows_of
from morpheus_desktop.theme import Theme
from router.store.records import Message, Stats
from router.untrusted import has_hidden

COLUMN = 720
MARGIN = 44  # left and right of the column, at least
BOTTOM = 12
FLUSH_MS = 33
REST = 4  # a slow flush is followed by a pause this many times as long
VISIBLE_S = 0.020  # to make what the user sees, at one go
AHEAD_S = 0.005  # to make what is next to it, at one go
STICKY = 24  # this near to the end counts as the end


class TranscriptView(MessageArea):
    """The messages of one chat; its signals are those of MessageArea."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Asking for the one that Qt makes would delay the first frame: desk._know_widgets.
        self.setViewport(QWidget())
        self._theme = theme
        self.view_resized.connect(self._resized)
        self._rows: list[Row] = []
        self._by_id: dict[int, Row] = {}
        self._live: dict[str, Row] = {}  # the rows that have widgets
        self._last: Row | None = None  # the last answer
        self._messages: tuple[Message, ...] = ()
        self._notices: list[Notice] = []
        self._amounts_hidden = False
        self._heights = Heights()
        self._column = (0, 0)
        self._following = True
        self._settling = False
        self._waiting: dict[int, Row] = {}
        self._flushed = 0.0
        self._flusher = _single_shot(self, self._flush)
        self._settler = _single_shot(self, self._settle)
        self._glide = Glide(self.verticalScrollBar(), theme)
        self._pill = Pill(theme, "Jump to latest", self)
        self._pill.hide()
        self._pill.clicked.connect(self.jump_to_latest)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Conversation")
        theme.changed.connect(self._restyle)

    # --- content -----------------------------------------------------------------------------

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show these messages, top to bottom.

        What is shown already stays as it is as far as the beginnings agree. Another chat opens at
        its end; a new question scrolls to the end.
        """
        self._messages = tuple(messages)
        self._update()

    def add(self, message: Message) -> None:
        """One more message at the end: a question, or an answer that begins to be written."""
        if any(not notice.before for notice in self._notices):
            self.set_messages([*self._messages, message])
            return
        self._messages = (*self._messages, message)
        self._add(list(rows_of([message], [])))
        self._mark_last()
        self._following = self._following or message.role == "user"
        self._settle()

    def set_message(self, message: Message) -> None:
        """One of the messages has changed: its text, state, figures or versions."""
        row = self._by_id.get(message.id)
        self._messages = tuple(message if old.id == message.id else old for old in self._messages)
        stats = message.stats
        if row is None or (stats is not None and (stats.dropped_turns or stats.rerouted)):
            self._update()
        else:
            self._renew(row, Row(row.key, row.kind, message))
            self._settle()

    def set_notices(self, notices: Sequence[Notice]) -> None:
        """What the app itself says between the messages."""
        self._notices = list(notices)
        self._update()

    def hide_amounts(self, *, hidden: bool) -> None:
        """Whether no amount is shown."""
        self._amounts_hidden = hidden
        for row in self._live.values():
            if isinstance(row.view, AnswerView):
                row.view.hide_amounts(hidden=hidden)
        self._update()

    def append(self, message_id: int, text: str = "", reasoning: str = "") -> None:
        """More of an answer that is being written; shown within 33 ms, together with the rest."""
        row = self._by_id.get(message_id)
        if row is None:
            return
        if text:
            row.text.append(text)
        if reasoning:
            row.reasoning.append(reasoning)
        if isinstance(row.view, AnswerView):
            row.view.buffer(text, reasoning)
        self._waiting[message_id] = row
        if not self._flusher.isActive():
            since_ms = (perf_counter() - self._flushed) * 1000
            self._flusher.start(max(0, round(FLUSH_MS - since_ms)))

    def set_live(self, message_id: int, stats: Stats) -> None:
        """The figures so far of an answer that is being written."""
        row = self._by_id.get(message_id)
        if row is not None and isinstance(row.view, AnswerView):
            row.view.set_live(stats)

    def edit(self, message_id: int) -> None:
        """Open the editor of a question."""
        self.scroll_to(message_id)
        row = self._by_id.get(message_id)
        if row is not None and isinstance(row.view, QuestionView):
            row.view.edit()

    def _update(self) -> None:
        rows = list(rows_of(self._messages, self._notices, hidden=self._amounts_hidden))
        same = 0
        while same < min(len(rows), len(self._rows)) and rows[same].key == self._rows[same].key:
            same += 1
        grown = len(rows) > same
        opened = same == 0
        for old, new in zip(self._rows[:same], rows[:same], strict=True):
            if old.item != new.item:
                self._renew(old, new)
        self._cut(same)
        self._add(rows[same:])
        self._mark_last()
        asked = grown and not opened and any(row.kind == "question" for row in rows[same:])
        if opened or asked:
            self._following = True
        self._settle()

    def _renew(self, row: Row, new: Row) -> None:
        was, row.item = row.item, new.item
        row.text.clear()
        row.reasoning.clear()
        view = row.view
        if isinstance(new.item, Message) and isinstance(was, Message):
            announce_end(self, was, new.item)
            if isinstance(view, AnswerView | QuestionView) and view.set_message(new.item):
                self._heights.set(row.index, self._gap(row) + view.content_height)
                return
        self._drop(row)

    def _cut(self, length: int) -> None:
        for row in self._rows[length:]:
            self._drop(row)
            if isinstance(row.item, Message):
                self._by_id.pop(row.item.id, None)
                self._waiting.pop(row.item.id, None)
        del self._rows[length:]
        self._heights.truncate(length)

    def _add(self, rows: Sequence[Row]) -> None:
        width, scale = self._column[1] or self._theme.px(COLUMN), self._theme.scale
        fresh = not self._rows
        heights: list[int] = []
        for index, row in enumerate(rows, start=len(self._rows)):
            row.index = index
            heights.append(guess(row, width, scale))
            if isinstance(row.item, Message):
                self._by_id[row.item.id] = row
        self._rows.extend(rows)
        if fresh:
            self._heights = Heights(heights)
            return
        for height in heights:
            self._heights.append(height)
        for row in rows:
            if isinstance(row.item, Message) and row.item.state == "writing":
                announce(self, f"{row.item.model or 'The model'} is answering.")

    def _mark_last(self) -> None:
        self._last = next((row for row in reversed(self._rows) if row.kind == "answer"), None)
        for row in self._live.values():
            if isinstance(row.view, AnswerView):
                row.view.set_last(last=row is self._last)

    def step_version(self, step: int) -> None:
        """Ask for the version before (-1) or after (1) the last answer."""
        if self._last is None:
            return
        message = self._last.message
        at = message.versions.index(message.id) + step if message.versions else -1
        if 0 <= at < len(message.versions):
            self.version_selected.emit(message.versions[at])

    def copy_last_code(self) -> bool:
        """Put the last code block of the conversation on the clipboard; False if there is none."""
        for row in reversed(self._rows):
            if row.kind == "answer" and (code := last_code(row.message.content)) is not None:
                QGuiApplication.clipboard().setText(code)
                self.copied.emit(has_hidden(code))
                return True
        return False

    # --- streaming ---------------------------------------------------------------------------

    def _flush(self) -> None:
        started = perf_counter()
        waiting, self._waiting = self._waiting, {}
        for row in waiting.values():
            if isinstance(row.view, AnswerView):
                row.view.flush()
                self._heights.set(row.index, self._gap(row) + row.view.content_height)
        self._settle()
        # A slow one is followed by a longer pause, so that it never takes most of the time.
        took_s = perf_counter() - started
        self._flushed = started + max(0.0, took_s * REST - FLUSH_MS / 1000)

    # --- scrolling ---------------------------------------------------------------------------

    def jump_to_latest(self) -> None:
        """To the end, and follow it."""
        self._glide.stop()
        self._following = True
        self._settle()

    def scroll_to(self, message_id: int) -> None:
        """Bring a message to the top of the window."""
        row = self._by_id.get(message_id)
        if row is not None:
            self._glide.stop()
            self._following = False
            self.verticalScrollBar().setValue(self._heights.top(row.index))
            self._settle()

    @property
    def following(self) -> bool:
        """Whether the view stays at the end as the answer grows."""
        return self._following

    @property
    def column(self) -> tuple[int, int]:
        """Left edge and width of the reading column, in this widget."""
        return self._column

    def _anchor(self) -> tuple[int, tuple[int, int]]:
        """What stays where it is: the first row in the window whose height is not a guess."""
        y = self.verticalScrollBar().value()
        first, last = self._heights.at(y), self._heights.at(y + self.viewport().height())
        known = (i for i in range(first, last + 1) if self._rows[i].view is not None)
        index = next(known, first)
        row = self._rows[index]
        inside = y - self._heights.top(index)
        if row.view is None or inside < 0:
            return index, (-1, inside)
        gap = self._gap(row)
        within, offset = row.view.anchor(inside - gap)
        return index, (within, offset + gap if within < 0 else offset)

    def _y_of(self, anchor: tuple[int, tuple[int, int]]) -> int:
        index, inside = anchor
        row = self._rows[index]
        top = self._heights.top(index)
        if inside[0] < 0 or row.view is None:
            return top + inside[1]
        return top + self._gap(row) + row.view.y_of(inside)

    def _settle(self) -> None:
        """Make what is visible, then what is near; go on later when time is over."""
        if self._settling:
            return
        if not self._rows or self.viewport().height() < 1:
            self._set_range(None)
            self._place()
            return
        self._settling = True
        bar, height = self.verticalScrollBar(), self.viewport().height()
        started = perf_counter()
        done = False
        for _ in range(6):
            anchor = None if self._following else self._anchor()
            self._set_range(anchor)
            done = self._make(bar.value(), bar.value() + height, started + VISIBLE_S)
            at = bar.value()
            self._set_range(anchor)
            if not done or bar.value() == at:
                break
        if done:
            anchor = None if self._following else self._anchor()
            above, below = bar.value() - height, bar.value() + 2 * height
            done = self._make(above, below, max(started, perf_counter()) + AHEAD_S)
            self._set_range(anchor)
        self._give_up(bar.value() - 2 * height, bar.value() + 3 * height)
        self._place()
        self._settling = False
        if not done:
            self._settler.start(0)

    def _make(self, top: int, bottom: int, deadline: float) -> bool:
        first, last = self._heights.at(top), self._heights.at(bottom)
        for index in range(first, last + 1):
            row = self._rows[index]
            if row.view is None:
                if perf_counter() > deadline:
                    return False
                row.view = self.make_view(row, self._theme, self._column[1])
                if isinstance(row.view, AnswerView):
                    row.view.set_last(last=row is self._last)
                    row.view.hide_amounts(hidden=self._amounts_hidden)
                self._live[row.key] = row
            start = self._heights.top(index) + self._gap(row)
            done = row.view.show_range(top - start, bottom - start, deadline)
            self._heights.set(index, self._gap(row) + row.view.content_height)
            if not done:
                return False
        return True

    def _set_range(self, anchor: tuple[int, tuple[int, int]] | None) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        longest = max(0, self._heights.total + self._theme.px(BOTTOM) - height)
        value = longest if anchor is None else min(longest, max(0, self._y_of(anchor)))
        blocked = bar.blockSignals(True)
        bar.setPageStep(height)
        bar.setSingleStep(self._theme.px(24))
        bar.setRange(0, longest)
        self._glide.shift(value - bar.value())
        bar.setValue(value)
        bar.blockSignals(blocked)

    def _place(self) -> None:
        offset = self.verticalScrollBar().value()
        x = self._column[0]
        for row in self._live.values():
            if row.view is not None:
                row.view.move(x, self._heights.top(row.index) + self._gap(row) - offset)
        away = self.verticalScrollBar().maximum() - offset
        self._pill.setVisible(not self._following and away > self._theme.px(STICKY))
        self._pill.place(self._column, self.height())

    def _give_up(self, top: int, bottom: int) -> None:
        first, last = self._heights.at(top), self._heights.at(bottom)
        for row in list(self._live.values()):
            if row.view is not None and not (first <= row.index <= last or holds_focus(row.view)):
                self._drop(row)

    def _lay_out_again(self, change: Callable[[View], None]) -> None:
        """Change what is visible; the rest is given up and made again when it is looked at."""
        if not self._rows:
            return
        top = self.verticalScrollBar().value()
        self._give_up(top, top + self.viewport().height())
        self._settling = True  # the views tell of their new heights one by one
        for row in self._live.values():
            if row.view is not None:
                change(row.view)
                self._heights.set(row.index, self._gap(row) + row.view.content_height)
        self._settling = False

    # --- rows --------------------------------------------------------------------------------

    def _gap(self, row: Row) -> int:
        return self._theme.px(GAPS[row.kind] if row.index else TOP)

    def _drop(self, row: Row) -> None:
        if row.view is None:
            return
        if isinstance(row.view, AnswerView):
            row.unfolded = row.view.unfolded
        if row.view.isAncestorOf(self.window().focusWidget()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would take the window's first
        row.view.hide()
        row.view.deleteLater()
        row.view = None
        self._live.pop(row.key, None)

    def _resized(self, row: Row) -> None:
        if row.view is not None and not self._settling:
            anchor = None if self._following else self._anchor()
            self._heights.set(row.index, self._gap(row) + row.view.content_height)
            self._set_range(anchor)
            self._settle()

    def _restyle(self) -> None:
        self._glide.stop()
        self._measure_column()
        self._lay_out_again(lambda view: view.restyle())
        self._settle()
        self.viewport().update()

    def _measure_column(self) -> None:
        column = column_of(self.width(), self._theme)
        width = column[1]
        if column == self._column:
            return
        anchor = None if self._following or not self._rows else self._anchor()
        resized = column[1] != self._column[1]
        self._column = column
        if resized:
            self._lay_out_again(lambda view: view.set_width(width))
            self._set_range(anchor)

    # --- Qt ----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure_column()
        self._settle()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if not self._settling:
            bar = self.verticalScrollBar()
            near = bar.value() >= bar.maximum() - self._theme.px(STICKY)
            self._following = near and dy <= 0  # a first small step up is meant
            self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._glide.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.viewport().height() - self._theme.px(48)
        line = self._theme.px(48)
        steps = {
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Up: -line,
            Qt.Key.Key_Down: line,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._glide.by(steps[key])
        elif key == Qt.Key.Key_Home:
            self._glide.stop()
            self.verticalScrollBar().setValue(0)
        elif key == Qt.Key.Key_End:
            self.jump_to_latest()
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        rows = sorted(self._live.values(), key=lambda row: row.index)
        views = [row.view for row in rows if row.view is not None]
        return move_focus(self, views, forward=forward) or super().focusNextPrevChild(forward)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self._theme.color("focus"), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
            painter.end()


def column_of(room: int, theme: Theme) -> tuple[int, int]:
    """Left edge and width of the reading column in a room of this width."""
    width = max(1, min(theme.px(COLUMN), room - 2 * MARGIN))
    return (room - width) // 2, width


def _single_shot(parent: TranscriptView, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(call)
    return timer
