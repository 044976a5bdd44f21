"""The bar under the head of a remote chat: provider, price, stake, time left; or what is missing."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.chat.announce import announce
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel
from morpheus_desktop.widgets.basic import Picture, button, label
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.spinner import Ring
from morpheus_desktop.widgets.tip import set_tip

if TYPE_CHECKING:  # start-up cost: it brings web3 along
    from router.consumer.records import SessionView

HEIGHT, RING, PICTURE = 52, 28, 22
GAP = 16
LATE_S, LAST_S = 300, 60
# Below this price a second says nothing to anybody: it is shown for an hour.
TINY_WEI = 10**9
SEALED = (
    "lock",
    "Sealed",
    "Sealed: only the provider can read your questions, and only you its answers.",
)
CLEAR = (
    "lock-open",
    "Clear text",
    "Clear text: the provider and anyone on the path can read your prompts. The answers are sealed.",
)
NOT_KNOWN = ("", "", "")


class Figure(QWidget):
    """A caption, perhaps with a sign and a word, and a value below it."""

    def __init__(self, theme: Theme, caption: str) -> None:
        super().__init__()
        self.caption = label(caption, "caption", "text-3")
        self.value = label("", "mono")
        self._sign = Picture(theme, "lock", 12, "info")
        self._word = label("", "caption", "info")
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.caption)
        above.addSpacing(4)
        above.addWidget(self._sign)
        above.addWidget(self._word)
        above.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch()
        column.addLayout(above)
        column.addWidget(self.value)
        column.addStretch()
        self.mark("", "", "info")

    def mark(self, icon: str, word: str, tone: str) -> None:
        """Put a sign and a word beside the caption; with "" none."""
        self._word.setVisible(bool(word))
        self._sign.setVisible(bool(word))
        self._word.setText(word)
        self._word.set_tone(tone)
        if icon:
            self._sign.set(icon, tone)

    def say(self, value: str, tip: str, spoken: str = "") -> None:
        """Show a value."""
        self.value.setText(value)
        set_tip(self, tip)
        self.setAccessibleName(f"{self.caption.text()}: {spoken or value}")


class SessionBar(QFrame):
    """One row of 52 px, or two where there is not the room; gone for local models.

    Signals:
        extend_asked, close_asked: id of the session.
        open_asked, unlock_asked, local_asked: what is offered where no session answers.
    """

    extend_asked = Signal(str)
    close_asked = Signal(str)
    open_asked = Signal()
    unlock_asked = Signal()
    local_asked = Signal()

    def __init__(self, vm: ChatSessionViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("sessionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._warned = ""
        self._picture = Identicon(theme, PICTURE)
        self._provider = Figure(theme, "Provider")
        self._price = Figure(theme, "Price")
        self._stake = Figure(theme, "")
        self._ring = Ring(theme, RING, "info", name="Time left")
        self._left = label("", "mono")
        self._ends = label("", "caption", "text-3")
        self._extend = button(theme, "Extend")
        self._close = button(theme, "Close")
        self._says = Missing(theme)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._facts, self._time = self._build_facts(), self._build_time()
        self._lay_out()
        self._extend.clicked.connect(lambda: self.extend_asked.emit(self._id))
        self._close.clicked.connect(lambda: self.close_asked.emit(self._id))
        self._says.open_asked.connect(self.open_asked)
        self._says.unlock_asked.connect(self.unlock_asked)
        self._says.local_asked.connect(self.local_asked)
        vm.changed.connect(self._show)
        amounts.changed.connect(self._show)
        theme.changed.connect(self._measure)
        self._show()
        self._measure()

    def set_keys(self, extend: str) -> None:
        """Show the shortcut."""
        words = "Open the session that follows this one"
        set_tip(self._extend, f"{words} ({extend})" if extend else words)

    @property
    def _id(self) -> str:
        view = self._vm.view
        return view.id if view is not None else ""

    # Building

    def _build_facts(self) -> QWidget:
        facts = QWidget()
        row = QHBoxLayout(facts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._picture)
        row.addSpacing(8 - GAP)
        for figure in (self._provider, self._price, self._stake):
            row.addWidget(figure)
        row.addStretch()
        return facts

    def _build_time(self) -> QWidget:
        time = QWidget()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self._left)
        words.addWidget(self._ends)
        words.addStretch()
        row = QHBoxLayout(time)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._ring)
        row.addLayout(words)
        row.addStretch()
        row.addWidget(self._extend)
        row.addWidget(self._close)
        return time

    def _lay_out(self) -> None:
        session = QWidget()
        session.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.addWidget(self._facts, 1)
        self._row.addWidget(self._time)
        self._stack = QStackedWidget()
        self._stack.addWidget(session)
        self._stack.addWidget(self._says)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 12, 0)
        column.addWidget(self._stack)

    # Showing

    def _show(self) -> None:
        vm = self._vm
        phase, view = vm.phase, vm.view
        self.setVisible(phase != "local")
        if phase == "open" and view is not None:
            self._stack.setCurrentIndex(0)
            self._show_session(view)
        elif phase != "local":
            self._stack.setCurrentWidget(self._says)
            self._says.show_phase(vm)
        self._measure()

    def _show_session(self, view: "SessionView") -> None:
        amounts, session = self._amounts, view.session
        self._picture.set_address(view.provider)
        address = view.provider
        icon, word, tip = NOT_KNOWN if view.sealed is None else SEALED if view.sealed else CLEAR
        self._provider.mark(icon, word, "info" if view.sealed else "warn")
        whole = "\n".join(filter(None, (fmt.full_address(address), tip)))
        spoken = f"{fmt.spoken_address(address)}{f', {word}' if word else ''}"
        self._provider.say(fmt.short_address(address), whole, spoken)
        price, unit = price_of(view)
        self._price.say(fmt.amount(price, unit, up=True), fmt.amount_tip(price, unit))
        direct = "Paid from it, the rest returns"
        self._stake.caption.setText(direct if session.is_direct else "Staked, returned at end")
        self._stake.say(
            amounts.text(session.stake, "MOR"),
            amounts.tip(session.stake, "MOR"),
            amounts.spoken(session.stake, "MOR"),
        )
        self._show_time(view)

    def _show_time(self, view: "SessionView") -> None:
        session, left = view.session, self._vm.seconds_left
        whole = max(view.granted_s, 1)
        tone = "danger" if left <= LAST_S else "warn" if left <= LATE_S else "info"
        then, now = _local(session.ends_at), _local(session.ends_at - left)
        same = then.date() == now.date()
        ends = f"ends {fmt.clock(then) if same else fmt.moment(then, now)}"
        self._ring.set_value(left / whole, tone, f"{fmt.duration(left)} left, {ends}")
        self._left.setText(fmt.duration(left))
        self._left.set_tone("text" if tone == "info" else tone)
        self._ends.setText(ends)
        exact = f"{then:%Y-%m-%d %H:%M:%S}, {then.astimezone(UTC):%H:%M:%S} UTC"
        set_tip(self._ring, exact)
        self._warn(tone, left)

    def _warn(self, tone: str, left: int) -> None:
        """Have it said once that the session ends soon, and once more that it ends now."""
        told = "" if tone == "info" else f"{self._id} {tone}"
        if told and told != self._warned:
            announce(self, f"The session ends in {fmt.duration(left)}.")
        self._warned = told

    def _measure(self) -> None:
        """One row, or the time below the rest."""
        room = self.width() - 36
        wanted = self._facts.sizeHint().width() + GAP + self._time.sizeHint().width()
        folded = wanted > room and self._stack.currentIndex() == 0
        way = QBoxLayout.Direction.TopToBottom if folded else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)
        self._row.setSpacing(0 if folded else GAP)
        high = self._theme.px(HEIGHT)
        if self._stack.currentWidget() is self._says:
            inside = self._says.heightForWidth(room) if self._says.hasHeightForWidth() else 0
            self.setFixedHeight(max(high, inside + 1))
        else:
            self.setFixedHeight(2 * high - self._theme.px(8) if folded else high)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many rows as it takes."""
        super().resizeEvent(event)
        self._measure()


class Missing(QWidget):
    """Why no session answers, and what can be done.

    Signals:
        open_asked, unlock_asked, local_asked.
    """

    open_asked = Signal()
    unlock_asked = Signal()
    local_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = label("", "body", "text-2", wrap=True)
        self._open = button(theme, "Open a session")
        self._unlock = button(theme, "Unlock", icon="lock-open")
        self._local = button(theme, "Local model", "ghost", icon="cpu")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for each in (self._open, self._unlock, self._local):
            row.addWidget(each)
        self._open.clicked.connect(self.open_asked)
        self._unlock.clicked.connect(self.unlock_asked)
        self._local.clicked.connect(self.local_asked)

    def show_phase(self, vm: ChatSessionViewModel) -> None:
        """Say it in two sentences."""
        phase, name = vm.phase, vm.name
        title, rest = {
            "loading": ("Looking for your session.", f"{name} answers as soon as it is found."),
            "offline": ("No network is connected.", f"{name} is reached through one."),
            "none": (f"No session is open for {name}.", "Open one, or ask a local model."),
            "locked": ("The wallet is locked.", "It signs your questions to the provider."),
            "ended": (f"The session with {name} is over.", _ended(vm)),
        }[phase]
        self._words.set_words(title, rest)
        self.setAccessibleName(f"{title} {rest}")
        self._open.setVisible(phase in ("none", "ended"))
        self._unlock.setVisible(phase == "locked")


def _ended(vm: ChatSessionViewModel) -> str:
    """Where the stake of a session that is over is."""
    view = vm.view
    if view is None:
        return "It is closed."
    if view.phase == "closed":
        return f"It is closed. {_closed(vm, view)}".strip()
    if view.phase == "closing":
        return "It is being closed; its stake is on the way back."
    if view.phase == "waiting" and view.problem is not None:
        return view.problem.message
    return "Its stake is safe and returns when it is closed."


def _closed(vm: ChatSessionViewModel, view: "SessionView") -> str:
    """Where the MOR of a closed session is now."""
    its = "What it did not cost" if view.session.is_direct else "Its stake"
    until = fmt.moment(_local(vm.held_until), _local(view.as_of))
    return {
        "unknown": "",
        "on hold": f"{its} is back in your wallet, but for what is on hold until {until}.",
        "claimable": f"{its} is back in your wallet, but for what the staking page can claim.",
        "back": f"{its} is back in your wallet.",
    }[vm.stake_is]


def _local(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC).astimezone()


def price_of(view: "SessionView") -> tuple[int | None, str]:
    """The price in a unit that can be read, and the unit."""
    if view.bid is None:
        return None, "MOR/s"
    price = view.bid.price_per_second
    return (price * fmt.HOUR, "MOR/h") if price < TINY_WEI else (price, "MOR/s")
