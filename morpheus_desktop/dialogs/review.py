"""The last look before a signature: what leaves, to whom, the highest fee, what stays.

Enter confirms only on the button itself; the focus begins on the safe answer.
"""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.review import Need, ReviewViewModel
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.wallet.fee_choice import FeeChoice
from morpheus_desktop.wallet.recipient_view import RecipientView
from morpheus_desktop.wallet.summary import Summary
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from router.chain.review import Effect

CONFIRM: dict[Need, str] = {
    "alike": "I checked every group of this address another way",
    "contract": "A contract shall receive it",
    "unusual_fee": "Pay this unusual fee",
    "clipboard": "I compared the address; it is the right one",
    "twin": "Send it a second time",
}
HIDDEN = "Amounts are hidden. Show them before you sign."


class ReviewDialog(Overlay):
    """Accepted when it was sent, or when the wallet has to be unlocked first.

    `went_back` tells that the form is wanted again; `use_instead` is the address of somebody
    known that the user took instead, or empty.
    """

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        vm: ReviewViewModel,
        wallet: WalletViewModel,
        amounts: Amounts,
        *,
        back: bool = False,
    ) -> None:
        subtitle = (
            "Step 2 of 2. Nothing has been signed yet." if back else "Nothing has been signed yet."
        )
        super().__init__(theme, over, vm.wish.title, subtitle=subtitle, width=640)
        self.went_back = False
        self.use_instead = ""
        self._vm, self._wallet, self._amounts = vm, wallet, amounts
        self._what = label("", "label", "text-2")
        self._figure = label("", "hero", wrap=True)
        self._network = label("", "small", "text-2")
        self._recipient = RecipientView(theme, vm.wish.recipient, warn=vm.wish.is_typed)
        self._fees = FeeChoice(theme, amounts)
        self._summary = Summary(amounts)
        self._note = Note(theme, "danger")
        self._again = button(theme, "Try again")
        self._note.add_action(self._again)
        self._note.be_narrow()
        self._show_amounts = button(theme, "Show amounts", icon="eye")
        self._checks = {need: CheckBox(theme, words) for need, words in CONFIRM.items()}
        self._safe = button(theme, "Back" if back else "Not now")
        self._go = button(theme, "Send", "primary")
        self._build()
        self._connect(back=back)
        self._show()

    def first_focus(self) -> QWidget:
        """The safe answer."""
        return self._recipient.safe_button or self._safe

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(self._figure, 1)
        head.addWidget(self._network, 0, Qt.AlignmentFlag.AlignBottom)
        column.addWidget(self._what)
        column.addLayout(head)
        for each in (self._recipient, self._note, self._fees, self._summary):
            column.addWidget(each)
        checks = QVBoxLayout()
        checks.setSpacing(0)
        for check in self._checks.values():
            checks.addWidget(check)
        self.footer.insertLayout(0, checks)
        self.body.addWidget(Scrolled(inside, "Review"))
        for action in (self._show_amounts, self._safe, self._go):
            self.footer.addWidget(action)

    def _connect(self, *, back: bool) -> None:
        vm = self._vm
        self._safe.clicked.connect(self._go_back if back else self.reject)
        self._recipient.back_asked.connect(self._go_back)
        self._recipient.other_asked.connect(self._use)
        self._go.clicked.connect(vm.send)
        self._again.clicked.connect(vm.start)
        self._show_amounts.clicked.connect(self._amounts.toggle)
        self._fees.chosen.connect(vm.choose)
        for need, check in self._checks.items():
            check.toggled.connect(partial(self._confirm, need))
        vm.changed.connect(self._show)
        vm.finished.connect(self.accept)
        self._wallet.changed.connect(self._show)
        self._amounts.changed.connect(self._show)

    def _confirm(self, need: Need, on: bool) -> None:
        self._vm.confirm(need, on=on)

    def _go_back(self) -> None:
        self.went_back = True
        self.reject()

    def _use(self, address: str) -> None:
        self.use_instead = address
        self._go_back()

    def _show(self) -> None:
        vm, network = self._vm, self._wallet.network
        effect = self._effect()
        self._what.setText(self._what_words(effect))
        self._figure.setText(self._figure_words(effect))
        self._figure.setVisible(effect is None or effect.amount > 0)
        self._network.setText(f"on {network.title}" if network is not None else "")
        self._recipient.show_clipboard(vm.in_clipboard)
        self._fees.show_options(vm)
        self._summary.show_summary(vm)
        self._show_note()
        for need, check in self._checks.items():
            check.setVisible(need in vm.needs)
            check.setChecked(vm.is_confirmed(need))
        hidden = self._amounts.hidden
        self._show_amounts.setVisible(hidden)
        self._go.setText(self._action(effect))
        busy = vm.state in ("preparing", "signing")
        self._go.set_busy(busy=busy)
        self._go.set_reason("" if busy else HIDDEN if hidden else vm.blocked)
        self.closable = vm.state != "signing"
        self._safe.set_reason("" if self.closable else "It is being signed")
        self.refit()

    def _effect(self) -> Effect | None:
        """What leaves or comes back, or is allowed to leave."""
        prepared = self._vm.prepared
        if prepared is None:
            return None
        first = prepared.decoded.effects[0]
        return replace(first, amount=self._vm.comes_back) if self._vm.comes_back else first

    def _what_words(self, effect: Effect | None) -> str:
        if self._vm.comes_back:
            return "You get back"
        if effect is not None and effect.direction == "permission":
            return "It may take exactly" if effect.amount else "It may take nothing any more"
        if effect is not None and effect.direction == "none":
            return "Nothing leaves but the network fee"
        return "You send"

    def _figure_words(self, effect: Effect | None) -> str:
        """All digits: nothing is signed that is rounded."""
        if effect is None:
            return fmt.UNKNOWN
        return self._amounts.exact(effect.amount, effect.token)

    def _action(self, effect: Effect | None) -> str:
        if self._vm.state == "signing":
            return "Signing…"
        amount = self._amounts.text(effect.amount, effect.token, up=True) if effect else ""
        return self._vm.wish.action.replace("{amount}", amount).strip()

    def _show_note(self) -> None:
        vm = self._vm
        self._again.setVisible(vm.problem is not None)
        prepared = vm.prepared
        self._note.setVisible(True)
        if vm.problem is not None:
            self._note.set_error(vm.problem)
        elif vm.notice:
            self._note.set("warn", vm.notice)
        elif prepared is not None and prepared.twin:
            self._note.set(
                "warn",
                "One is still on the way.",
                f"{fmt.short_hash(prepared.twin)} does exactly this and is not settled.",
            )
        elif prepared is not None and prepared.unusual_fee:
            self._note.set(
                "warn",
                "The network fee is unusually high.",
                "It is over three times what was paid in the last blocks.",
            )
        else:
            self._note.setVisible(False)
