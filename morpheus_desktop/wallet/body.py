"""The wallet page when there is a wallet. Imported once money is loaded: it brings web3 along."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import shown_elsewhere
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.wallet.activity_list import ActivityList
from morpheus_desktop.wallet.buckets import BucketsCard
from morpheus_desktop.wallet.cards import ADDRESS_WIDTH, AddressCard, BalanceCard
from morpheus_desktop.widgets.basic import Chip, Picture, button, icon_button, label
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader, scrolling
from morpheus_desktop.widgets.tip import set_tip
from morpheus_desktop.widgets.watched_page import WatchedPage
from router.networks import DEMO

SIDE, GAP = 24, 12
CARDS_FROM = 720
PASSED_ON = (
    "speed_up_asked",
    "cancel_asked",
    "again_asked",
    "send_now_asked",
    "drop_asked",
    "export_asked",
    "link_asked",
    "name_asked",
)


class WalletBody(WatchedPage):
    """Balances, buckets, address, activity.

    Signals:
        send_asked, receive_asked, claim_asked, permissions_asked, names_asked, export_asked:
            open it.
        speed_up_asked, cancel_asked, again_asked, send_now_asked, drop_asked: id of a
            transaction.
        link_asked: address of a page. name_asked: an address to be named.
    """

    send_asked = Signal()
    receive_asked = Signal()
    claim_asked = Signal()
    permissions_asked = Signal()
    names_asked = Signal()
    export_asked = Signal()
    speed_up_asked = Signal(int)
    cancel_asked = Signal(int)
    again_asked = Signal(int)
    send_now_asked = Signal(int)
    drop_asked = Signal(int)
    link_asked = Signal(str)
    name_asked = Signal(str)

    def __init__(self, vm: WalletViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__(vm)
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._header = PageHeader(theme, "Wallet")
        self._money = Chip(theme, "Play money", "warn")
        self._hide = icon_button(theme, "eye", "Hide amounts", checkable=True)
        self._receive = button(theme, "Receive", icon="arrow-down-left")
        self._send = button(theme, "Send", "primary", icon="arrow-up-right")
        self._note = Note(theme, "warn")
        self._note.be_narrow()
        self._retry = button(theme, "Try again")
        self._note.add_action(self._retry)
        self._activity_note = Note(theme, "warn")
        self._mor = BalanceCard(theme, amounts, "MOR")
        self._eth = BalanceCard(theme, amounts, "ETH")
        self._address = AddressCard(theme)
        self._buckets = BucketsCard(vm, theme, amounts)
        self.activity = ActivityList(vm, theme, amounts)
        self._allowed = label("", "small", "text-2", wrap=True)
        self._permissions = button(theme, "Permissions", "link")
        self._names = button(theme, "Address book", "link", icon="book-user")
        self._build()
        self._connect()
        self.setFocusProxy(self._send)
        self._show()

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._header, self.activity]

    def search(self) -> None:
        """Go to the search in what moved."""
        self.activity.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build(self) -> None:
        for each in (self._money, self._hide, self._receive, self._send):
            self._header.add_action(each)
        coins = Fold(self._theme, self._mor, self._eth, stretches=(1, 1), gap=GAP)
        cards = Fold(
            self._theme,
            coins,
            self._address,
            CARDS_FROM,
            stretches=(1, 0),
            side=ADDRESS_WIDTH,
            gap=GAP,
        )
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(Picture(self._theme, "shield-check", 14, "accent-text"))
        below.addWidget(self._allowed, 1)
        below.addWidget(self._permissions)
        below.addWidget(self._names)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SIDE, 20, SIDE, 20)
        column.setSpacing(GAP)
        column.addWidget(self._note)
        column.addWidget(cards)
        column.addWidget(self._buckets)
        column.addSpacing(8)
        column.addWidget(self._activity_note)
        column.addWidget(self.activity)
        column.addLayout(below)
        # A factor: cards and rows with room inside would take their share otherwise.
        column.addStretch(1)
        scrolling(self, self._header, inside)

    def _connect(self) -> None:
        self._hide.clicked.connect(self._amounts.toggle)
        self._send.clicked.connect(self.send_asked)
        for where in (
            self._receive.clicked,
            self._address.receive_asked,
            self.activity.receive_asked,
        ):
            where.connect(self.receive_asked)
        self._retry.clicked.connect(self._vm.refresh)
        self._buckets.claim_asked.connect(self.claim_asked)
        self._permissions.clicked.connect(self.permissions_asked)
        self._names.clicked.connect(self.names_asked)
        for name in PASSED_ON:
            getattr(self.activity, name).connect(getattr(self, name))
        self._vm.changed.connect(self._refresh)
        self._vm.activity_changed.connect(self._refresh_activity)
        self._vm.permissions_changed.connect(self._show_permissions)
        self._amounts.changed.connect(self._show)

    def _refresh(self) -> None:
        if self.isVisible():
            self._show()

    def _refresh_activity(self) -> None:
        if self.isVisible():
            self.activity.show_rows()

    def _tick(self) -> None:
        self.activity.tick()
        if self._vm.stale:
            self._show()

    def _show(self) -> None:
        vm = self._vm
        network, account = vm.network, vm.account
        self._header.set_facts(self._facts())
        self._money.setVisible(network is not None and not network.is_real)
        if network is not None and not network.is_real:
            self._money.set("Play money" if network.name == DEMO else "Test tokens", "warn")
        hidden = self._amounts.hidden
        self._hide.setChecked(hidden)
        self._hide.set_icon("eye-off" if hidden else "eye")
        set_tip(self._hide, "Show amounts" if hidden else "Hide amounts")
        self._hide.setAccessibleName(self._hide.toolTip())
        self._send.set_reason(vm.cannot_sign)
        block = account.block if account else None
        self._mor.show_balance(
            account.mor if account else None, block, self._mor_note(), stale=vm.stale
        )
        self._eth.show_balance(
            account.eth if account else None, block, self._eth_note(), stale=vm.stale
        )
        self._address.show_address(vm.state.address, network.title if network else "")
        self._buckets.show_buckets()
        self._show_notes()
        self.activity.show_rows()

    def _facts(self) -> str:
        vm = self._vm
        facts = [vm.network.title] if vm.network is not None else ["Not connected"]
        facts += {"locked": ["locked"], "watch": ["watch only"]}.get(vm.state.kind, [])
        return ", ".join(facts)

    def _mor_note(self) -> str:
        account = self._vm.account
        if self._vm.stale:
            return f"As of {fmt.clock(self._vm.read_at)}"
        if account is None:
            return "Not known yet"
        if account.total == account.mor:
            return "Nothing is staked"
        elsewhere = self._amounts.text(shown_elsewhere(account), "MOR")
        return f"+ {elsewhere} staked or on its way back"

    def _eth_note(self) -> str:
        account, network = self._vm.account, self._vm.network
        if self._vm.stale:
            return f"As of {fmt.clock(self._vm.read_at)}"
        if account is None or network is None:
            return "Not known yet"
        if not account.eth:
            return "Network fees are paid in ETH. Receive a little to be able to send."
        return "For network fees"

    def _show_notes(self) -> None:
        vm = self._vm
        self._note.setVisible(True)
        if vm.problem is not None:
            self._note.set_error(vm.problem)
        elif vm.stale:
            self._note.set(
                "warn",
                f"No answer for {fmt.duration(vm.age_s)}.",
                f"The figures are as of {fmt.clock(vm.read_at)}. Nothing is sent meanwhile.",
            )
        elif vm.state.kind == "watch":
            self._note.set("", "This wallet is only watched.", "Import its phrase or key to send.")
        elif vm.network is None:
            self._note.set("", "No network is connected.", "Balances are read when one is.")
        else:
            self._note.setVisible(False)
        self._retry.setVisible(vm.problem is not None or vm.stale)
        problem = vm.activity_problem
        self._activity_note.setVisible(problem is not None)
        if problem is not None:
            self._activity_note.set(
                "warn",
                "MOR that came in could not be read.",
                "Balances and what was sent from here are complete.",
            )
        self._show_permissions()

    def _show_permissions(self) -> None:
        allowed = self._vm.permissions
        if allowed is None:
            self._allowed.setText("Who may move your MOR:")
        elif not allowed:
            self._allowed.setText("No contract has permission to move your MOR right now.")
        else:
            self._allowed.setText(f"{fmt.counted(len(allowed), 'permission')} to move your MOR.")
