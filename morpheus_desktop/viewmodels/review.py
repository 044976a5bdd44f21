"""A transaction as it is shown before it is signed. What was shown is what is signed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.recipient import Recipient, address_in
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from router.chain.fees import Speed
from router.chain.journal import TxRecord
from router.chain.preparing import Prepared
from router.errors import BadRequest, Busy, MorpheusError, WalletLocked

State = Literal["preparing", "ready", "failed", "signing", "sent"]
Need = Literal["alike", "contract", "unusual_fee", "clipboard", "twin"]
# What comes of a look: decided by the user, or by the wallet being locked.
Outcome = Literal["", "sent", "locked"]

NEED_REASONS: dict[Need, str] = {
    "alike": "Check the address first.",
    "contract": "Confirm that a contract shall receive it.",
    "unusual_fee": "Confirm the unusual fee first.",
    "clipboard": "Check the address again: the clipboard has changed.",
    "twin": "Confirm that it shall be sent a second time.",
}


@dataclass(frozen=True)
class Wish:
    """What is to be reviewed.

    Args:
        title: of the dialog.
        action: words of the button that signs, with {amount} where that belongs.
        done: what is said when it was sent.
        prepare: tries it and says what it does; called again when it has to be.
        speeds: the user may choose how fast.
        recipient: whom it is about: who is paid, or a contract.
        is_typed: the recipient was typed or pasted, so the clipboard is compared with it.
        label: the user's own note.
    """

    title: str
    action: str
    done: str
    prepare: Callable[[], Awaitable[Prepared]]
    speeds: bool = True
    recipient: Recipient | None = None
    is_typed: bool = False
    label: str = ""


class ReviewViewModel(QObject):
    """One look at one transaction.

    Signals:
        changed: anything of it.
        finished: it was sent, or the wallet is locked; see `outcome`.

    Args:
        clipboard: gives the text in the clipboard.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, vm: WalletViewModel, wish: Wish, clipboard: Callable[[], str]) -> None:
        super().__init__()
        self.wish = wish
        self.state: State = "preparing"
        self.outcome: Outcome = ""
        self.speed: Speed = "normal"
        self.options: Mapping[Speed, Prepared] = {}
        self.problem: MorpheusError | None = None
        self.notice = ""
        self.record: TxRecord | None = None
        self.in_clipboard = ""
        self._vm = vm
        self._clipboard = clipboard
        self._confirmed: set[Need] = set()
        self._tasks = UiTasks(vm.failed.emit)

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()

    # What is shown

    @property
    def prepared(self) -> Prepared | None:
        """Exactly what would be signed."""
        return self.options.get(self.speed)

    @property
    def mor_after(self) -> tuple[int, int] | None:
        """MOR before and after; None when it does not change, or is not known."""
        account, prepared = self._vm.account, self.prepared
        if account is None or prepared is None:
            return None
        left = sum(
            effect.amount
            for effect in prepared.decoded.effects
            if effect.direction == "out" and effect.token == "MOR"
        )
        came = self.comes_back
        return (account.mor, account.mor - left + came) if left or came else None

    @property
    def comes_back(self) -> int:
        """MOR that a claim brings back, in wei."""
        account, prepared = self._vm.account, self.prepared
        if account is None or prepared is None or prepared.decoded.call != "withdrawUserStakes":
            return 0
        return account.claimable

    @property
    def eth_after(self) -> tuple[int, int] | None:
        """The chain's coin before, and after the highest fee."""
        account, prepared = self._vm.account, self.prepared
        if account is None or prepared is None:
            return None
        return account.eth, max(account.eth - prepared.coin_max, 0)

    def too_dear(self, speed: Speed) -> bool:
        """Whether there is not enough coin for a speed."""
        account = self._vm.account
        return account is not None and self.options[speed].coin_max > account.eth

    @property
    def needs(self) -> tuple[Need, ...]:
        """What has to be confirmed by itself."""
        needs: list[Need] = []
        recipient = self.wish.recipient
        if recipient is not None and recipient.alike:
            needs.append("alike")
        if recipient is not None and self.wish.is_typed and recipient.is_contract:
            needs.append("contract")
        if self.prepared is not None and self.prepared.twin:
            needs.append("twin")
        if self.prepared is not None and self.prepared.unusual_fee:
            needs.append("unusual_fee")
        if self.in_clipboard:
            needs.append("clipboard")
        return tuple(needs)

    def is_confirmed(self, need: Need) -> bool:
        """Whether the user confirmed it."""
        return need in self._confirmed

    @property
    def blocked(self) -> str:
        """Why it cannot be signed now, in a sentence; empty when it can."""
        if self.state == "preparing":
            return "It is being tried."
        if self.state in ("signing", "sent"):
            return "It is being signed."
        if self.problem is not None or self.prepared is None:
            return "It would fail."
        if reason := self._vm.cannot_sign:
            return reason
        if self.too_dear(self.speed):
            return "There is not enough ETH for this fee."
        open_needs = [need for need in self.needs if need not in self._confirmed]
        return NEED_REASONS[open_needs[0]] if open_needs else ""

    # What the user does

    def start(self) -> None:
        """Try it."""
        self._tasks.start("prepare", self.prepare())

    def choose(self, speed: Speed) -> None:
        """Pay another fee; an unusual one is to be confirmed again."""
        if speed != self.speed and speed in self.options:
            self.speed = speed
            self._confirmed.discard("unusual_fee")
            self.changed.emit()

    def confirm(self, need: Need, *, on: bool) -> None:
        """Confirm by itself, or take that back."""
        (self._confirmed.add if on else self._confirmed.discard)(need)
        self.changed.emit()

    def send(self) -> None:
        """Sign what is shown, and send it."""
        if not self.blocked:
            self._tasks.start("send", self.sign())

    async def prepare(self) -> None:
        """Try it, and show what it does now."""
        self.state, self.problem, self.outcome = "preparing", None, ""
        self.changed.emit()
        try:
            prepared = await self.wish.prepare()
            self._check_recipient(prepared)
            self.options = prepared.speeds if self.wish.speeds else {"normal": prepared}
        except MorpheusError as error:
            self.options = {}
            self._fail(error)
            return
        self.state = "ready"
        self.changed.emit()

    async def sign(self) -> None:
        """Sign what is shown and nothing else; `outcome` tells how it went."""
        prepared = self.prepared
        if self.blocked or prepared is None or self._clipboard_changed():
            self.changed.emit()
            return
        self.state, self.outcome = "signing", ""
        self.changed.emit()
        transactions = self._vm.funds.connection.transactions
        try:
            record = await transactions.send(
                prepared,
                accept_unusual_fee="unusual_fee" in self._confirmed,
                accept_twin="twin" in self._confirmed,
            )
        except WalletLocked:
            self.state = "ready"
            self._finish("locked")
        except Busy as busy:
            self._confirmed.clear()
            self.notice = f"{busy.message} Look at it again; nothing was sent."
            await self.prepare()
        except MorpheusError as error:
            self._fail(error)
        else:
            self.record, self.state = record, "sent"
            await self._keep_label(record)
            self._finish("sent")

    async def _keep_label(self, record: TxRecord) -> None:
        """It is sent: that its note cannot be kept is no failure of the payment."""
        if not self.wish.label:
            return
        try:
            self.record = await self._vm.funds.connection.transactions.label(
                record.id, self.wish.label
            )
        except MorpheusError as error:
            self._vm.failed.emit(error)

    def _check_recipient(self, prepared: Prepared) -> None:
        """What is shown is the form's; what is signed are these bytes. They must agree."""
        recipient = self.wish.recipient
        paid = [e.counterparty for e in prepared.decoded.effects if e.direction != "none"]
        if recipient is not None and paid and paid != [recipient.address]:
            raise BadRequest("The transaction is for another address than the one that is shown.")

    def _clipboard_changed(self) -> bool:
        """Whether the clipboard holds another address than the one that was typed or pasted."""
        recipient = self.wish.recipient
        if recipient is None or not self.wish.is_typed or "clipboard" in self._confirmed:
            return False
        found = address_in(self._clipboard())
        self.in_clipboard = found if found and found != recipient.address else ""
        return bool(self.in_clipboard)

    def _finish(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.changed.emit()
        self.finished.emit()

    def _fail(self, error: MorpheusError) -> None:
        self.state, self.problem = "failed", error
        self.changed.emit()
