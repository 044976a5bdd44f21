"""One row of what moved: icon, words, state, what can be done, amount and time."""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.activity import STATUS_WORDS, Activity, Status
from morpheus_desktop.widgets.basic import Chip, Tile, Tone, button, label, set_property
from morpheus_desktop.widgets.tip import set_tip

HEIGHT, TILE = 56, 32
GAP, LEAST_WORDS = 12, 140
EDGES = (14, 4, 16, 4)
CHIP_COLUMN = 128
CHIPS: dict[Status, tuple[Tone, str]] = {
    "pending": ("warn", "clock"),
    "unsent": ("warn", "pause"),
    "confirmed": ("", "check"),
    "failed": ("danger", "x"),
    "cancelled": ("", "x"),
    "replaced": ("warn", "replace"),
    "not_sent": ("danger", "x"),
}


class ActivityRow(QFrame):
    """One row.

    Signals:
        opened: key; show or hide the details.
        speed_up_asked, cancel_asked, again_asked, send_now_asked, drop_asked: id of the
            transaction.
    """

    opened = Signal(str)
    speed_up_asked = Signal(int)
    cancel_asked = Signal(int)
    again_asked = Signal(int)
    send_now_asked = Signal(int)
    drop_asked = Signal(int)

    def __init__(self, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("activityRow")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme, self._amounts = theme, amounts
        self._row: Activity | None = None
        self._tile = Tile(theme, "arrow-up-right", size=TILE)
        self._title = label("", "body_strong", cut=True)
        self._detail = label("", "small", "text-3", cut=True)
        self._chip = Chip(theme, "")
        self._speed_up = button(theme, "Speed up", icon="zap")
        self._cancel = button(theme, "Cancel")
        self._again = button(theme, "Try again", icon="refresh-cw")
        self._send_now = button(theme, "Send now", icon="arrow-up-right")
        self._drop = button(theme, "Do not send")
        self._amount = label("", "mono")
        self._time = label("", "small", "text-3")
        self._chips, self._state, self._figures = QWidget(), QWidget(), QWidget()
        self._grid = QGridLayout(self)
        self._folded = False
        self._build()
        self._speed_up.clicked.connect(lambda: self._ask(self.speed_up_asked))
        self._cancel.clicked.connect(lambda: self._ask(self.cancel_asked))
        self._again.clicked.connect(lambda: self._ask(self.again_asked))
        self._send_now.clicked.connect(lambda: self._ask(self.send_now_asked))
        self._drop.clicked.connect(lambda: self._ask(self.drop_asked))
        theme.changed.connect(self._measure)
        self._measure()

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self._title)
        words.addWidget(self._detail)
        words.addStretch()
        chips = QHBoxLayout(self._chips)
        chips.setContentsMargins(0, 0, 0, 0)
        chips.addWidget(self._chip)
        chips.addStretch()
        figures = QVBoxLayout(self._figures)
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setSpacing(0)
        figures.addStretch()
        for each in (self._amount, self._time):
            each.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figures.addWidget(each)
        figures.addStretch()
        state = QHBoxLayout(self._state)
        state.setContentsMargins(0, 0, 0, 0)
        state.setSpacing(GAP)
        state.addWidget(self._chips)
        state.addStretch()
        for action in (self._speed_up, self._cancel, self._again, self._send_now, self._drop):
            state.addWidget(action)
        self._grid.setContentsMargins(*EDGES)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(4)
        self._grid.addWidget(self._tile, 0, 0)
        self._grid.addLayout(words, 0, 1)
        self._grid.addWidget(self._state, 0, 2)
        self._grid.addWidget(self._figures, 0, 3)
        self._grid.setColumnStretch(1, 5)
        self._grid.setColumnStretch(2, 4)

    def _measure(self) -> None:
        self.setMinimumHeight(self._theme.px(HEIGHT))
        self._chips.setFixedWidth(self._theme.px(CHIP_COLUMN))
        self._amount.setMinimumWidth(self._theme.px(120))
        self._arrange()

    @property
    def folded(self) -> bool:
        """Whether state and actions stand below the words."""
        return self._folded

    def _arrange(self) -> None:
        """State and actions beside the words where there is room for both."""
        wanted = self._edges + 2 * GAP + self._least_figures + self._state.minimumSizeHint().width()
        wanted += self._theme.px(LEAST_WORDS)
        # Before it has its place its width says nothing.
        fold = self.testAttribute(Qt.WidgetAttribute.WA_Resized) and self.width() < wanted
        if fold == self._folded:
            return
        self._folded = fold
        self._grid.removeWidget(self._state)
        self._grid.addWidget(self._state, *((1, 1, 1, 3) if fold else (0, 2)))
        self._grid.setColumnStretch(2, 0 if fold else 4)

    @property
    def _edges(self) -> int:
        return EDGES[0] + EDGES[2] + self._theme.px(TILE) + GAP

    @property
    def _least_figures(self) -> int:
        return self._figures.minimumSizeHint().width()

    def show_row(self, row: Activity, *, reason: str, first: bool, is_open: bool) -> None:
        """Show it as it is now.

        Args:
            reason: why nothing can be signed, or empty.
            first: Tab stops here; the arrow keys lead on.
        """
        self._row = row
        failed = row.status in ("failed", "not_sent")
        waits = row.is_pending or row.is_unsent
        self._tile.set(row.icon, "danger" if failed else "warn" if waits else "text-2")
        self._title.setText(row.label or row.title)
        # A fee is the most it can be; what leaves, or may be taken, is rounded up too.
        up = row.is_pending or row.amount <= 0
        detail = row.detail.replace(
            "{amount}", self._amounts.text(row.detail_wei, row.detail_unit, up=up)
        )
        self._detail.setText(f"{row.title}. {detail}".strip() if row.label else detail)
        self._detail.setVisible(bool(self._detail.text()))
        moved = self._amounts.movement(row.amount, row.token) if row.amount else ""
        self._amount.setText(moved or ("did not move" if failed else ""))
        self._amount.set_tone("accent-text" if row.amount > 0 else "text" if moved else "text-3")
        set_tip(
            self._amount, self._amounts.tip(abs(row.amount), row.token, row.block) if moved else ""
        )
        can_replace = row.is_pending and row.record is not None
        for each in (self._speed_up, self._cancel):
            each.setVisible(can_replace)
            each.set_reason(reason)
        self._again.setVisible(failed and row.kind == "sent" and row.record is not None)
        self._again.set_reason(reason)
        self._send_now.setVisible(row.is_unsent)
        self._send_now.set_reason(reason)
        self._drop.setVisible(row.is_unsent)
        set_property(self, "pending", "true" if waits else "false")
        set_property(self, "open", "true" if is_open else "false")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if first else Qt.FocusPolicy.ClickFocus)
        self.tick()

    def tick(self) -> None:
        """Let the time go on."""
        row = self._row
        if row is None:
            return
        tone, icon = CHIPS[row.status]
        words = STATUS_WORDS[row.status]
        now = datetime.now(UTC).astimezone()
        then = datetime.fromtimestamp(row.time, UTC).astimezone()
        if row.is_pending:
            self._chip.set(f"{words} {fmt.duration(time.time() - row.time)}", tone, icon)
        else:
            self._chip.set(words, tone, icon)
        self._time.setText(fmt.age(then, now))
        set_tip(
            self._time,
            f"{fmt.moment(then, now)}\n{datetime.fromtimestamp(row.time, UTC):%Y-%m-%d %H:%M:%S} UTC",
        )
        self.setAccessibleName(f"{row.title}, {words}")
        self.setAccessibleDescription(
            self._amounts.spoken(abs(row.amount), row.token) if row.amount else row.detail
        )

    def _ask(self, signal: SignalInstance) -> None:
        if self._row is not None and self._row.record is not None:
            signal.emit(self._row.record.id)

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """State and actions can always go below."""
        words = self._title.minimumSizeHint().width() + GAP + self._least_figures
        widest = self._edges + max(words, self._state.minimumSizeHint().width())
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for all in one line, or not any more."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Actions came or went."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens the details."""
        if self._row is not None and self.rect().contains(event.position().toPoint()):
            self.opened.emit(self._row.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So do Space and Enter."""
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self._row is not None and event.key() in keys:
            self.opened.emit(self._row.key)
        else:
            super().keyPressEvent(event)
