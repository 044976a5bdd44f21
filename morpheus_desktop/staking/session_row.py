"""One session that holds MOR: how long it lasts, what is staked, and what closing gives back."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.staking.closing_view import ClosingView
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.spinner import Ring
from morpheus_desktop.widgets.tip import set_tip
from router.consumer.records import SessionView
from router.untrusted import one_line

RING = 28
BESIDE_FROM = 600
LATE_S, LAST_S = 300, 60


class SessionRow(QFrame):
    """One row.

    Signals:
        chat_asked, expand_asked: id of the session.
        close_now_asked: close it as it is shown. unlock_asked: that needs the wallet.
    """

    chat_asked = Signal(str)
    unlock_asked = Signal()
    expand_asked = Signal(str)
    close_now_asked = Signal()

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("sessionRow")
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._view: SessionView | None = None
        self._ring = Ring(theme, RING, "info", name="Time left")
        self._name = label("", "body_strong", cut=True)
        self._picture = Identicon(theme, 14)
        self._provider = label("", "mono_small", "text-3")
        self._left = label("", "mono", cut=True)
        self._ends = label("", "small", "text-3", cut=True)
        self._stake = label("", "mono")
        self._price = label("", "small", "text-3")
        self._chat = button(theme, "Chat", "ghost", icon="message-square")
        self._close = button(theme, "Close now", icon="chevron-down")
        self.closing = ClosingView(vm, theme, amounts)
        self.setFocusProxy(self._close)  # it shows and hides, and sends nothing
        self._build()
        self._chat.clicked.connect(lambda: self._ask(self.chat_asked))
        self._close.clicked.connect(lambda: self._ask(self.expand_asked))
        self.closing.close_asked.connect(self.close_now_asked)
        self.closing.unlock_asked.connect(self.unlock_asked)

    def _build(self) -> None:
        who = QHBoxLayout()
        who.setSpacing(6)
        who.addWidget(self._picture)
        who.addWidget(self._provider)
        who.addStretch()
        facts = QWidget()
        line = QHBoxLayout(facts)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        line.addWidget(self._ring)
        names = _stack(self._name)
        names.addLayout(who)
        line.addLayout(names, 5)
        line.addLayout(_stack(self._left, self._ends), 4)
        line.addLayout(_stack(self._stake, self._price), 3)
        actions = QWidget()
        buttons = QHBoxLayout(actions)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self._chat)
        buttons.addWidget(self._close)
        whole = Fold(self._theme, facts, actions, BESIDE_FROM, gap=8)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(10)
        column.addWidget(whole)
        column.addWidget(self.closing)

    def show_session(self, view: SessionView) -> None:
        """Show it as it is now."""
        self._view = view
        session = view.session
        self._name.setText(one_line(view.model_name) or "A model that is gone")
        self._picture.set_address(view.provider)
        self._provider.setText(fmt.short_address(view.provider) if view.provider else "")
        self._stake.setText(self._amounts.text(session.stake, "MOR"))
        set_tip(self._stake, self._amounts.tip(session.stake, "MOR"))
        price = view.bid.price_per_second * 3600 if view.bid is not None else None
        self._price.setText(f"{fmt.amount(price, 'MOR', up=True)}/h" if price else "")
        is_open = self._vm.expanded == view.id
        self._close.set_icon("chevron-up" if is_open else "chevron-down")
        self._close.setText("Close…" if view.phase in ("ended", "waiting") else "Close now")
        self._close.set_reason("It is being closed" if view.phase == "closing" else "")
        self._chat.setVisible(view.phase == "open")
        self.closing.setVisible(is_open)
        if is_open:
            self.closing.show_closing(view)
        self.tick()

    def tick(self) -> None:
        """Let the time go on."""
        view = self._view
        if view is None:
            return
        session, left = view.session, self._vm.seconds_left(view)
        whole = max(view.granted_s, 1)
        tone = "danger" if left <= LAST_S else "warn" if left <= LATE_S else "info"
        ends = fmt.moment(local_time(session.ends_at), local_time(view.as_of))
        self._ring.set_value(left / whole, tone, f"{fmt.duration(left)} left, ends {ends}")
        words = {
            "open": (fmt.duration(left), f"ends {ends}"),
            "ended": ("ended", self._when_closed()),
            "closing": ("closing…", "back with the next block"),
            "waiting": ("waiting to close", view.problem.message if view.problem else ""),
            "closed": ("closed", ""),
        }
        first, second = words[view.phase]
        if view.phase == "open" and self._vm.closes_after_midnight(view):
            second += ", closed after midnight UTC"
        self._left.setText(first)
        self._ends.setText(second)

    def _when_closed(self) -> str:
        view = self._view
        if view is None or not self._vm.auto_close:
            return "close it to get your MOR back"
        return f"closed {fmt.moment(local_time(view.close_at), local_time(view.as_of))}"

    def _ask(self, signal: SignalInstance) -> None:
        if self._view is not None:
            signal.emit(self._view.id)


def _stack(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    return column
