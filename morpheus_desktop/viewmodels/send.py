"""Filling in a payment: coin, amount, recipient, a note. Nothing is signed here."""

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.recipient import Recipient, look_at, read_recipient
from morpheus_desktop.viewmodels.review import Wish
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from router.chain.preparing import Prepared
from router.errors import BadRequest, MorpheusError
from router.funds import Coin
from router.units import exact, parse_amount


@dataclass(frozen=True)
class Draft:
    """What was typed; kept when the dialog is left by accident.

    Args:
        is_max: everything there is shall go, less the fee as it is when it is reviewed.
    """

    coin: Coin = "MOR"
    amount: str = ""
    to: str = ""
    label: str = ""
    is_max: bool = False


class SendViewModel(QObject):
    """The form.

    Signals:
        changed: a problem, the draft, or whether something is waited for.
        ready: a Wish to be reviewed.

    Attributes:
        error: why it cannot be reviewed or filled in, if the network said so.
        busy: whether the network is asked.
    """

    changed = Signal()
    ready = Signal(object)

    def __init__(self, vm: WalletViewModel, draft: Draft = Draft()) -> None:
        super().__init__()
        self.draft = draft
        self.error: MorpheusError | None = None
        self.busy = False
        self._vm = vm
        self._tasks = UiTasks(vm.failed.emit)

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()

    @property
    def available(self) -> int | None:
        """What there is of the coin, in wei."""
        account = self._vm.account
        if account is None:
            return None
        return account.mor if self.draft.coin == "MOR" else account.eth

    @property
    def names(self) -> dict[str, str]:
        """The address book."""
        return self._vm.funds.book.names

    @property
    def recipient(self) -> str:
        """The address that was typed, or empty."""
        try:
            return read_recipient(self.draft.to, self._vm.funds)
        except BadRequest:
            return ""

    @property
    def amount_problem(self) -> str:
        """What is wrong with the amount, or empty; nothing typed is not wrong yet."""
        if not self.draft.amount.strip():
            return ""
        try:
            self._amount()
        except BadRequest as error:
            return f"{error.message} {error.hint}".strip()
        return ""

    @property
    def recipient_problem(self) -> str:
        """What is wrong with the recipient, or empty."""
        if not self.draft.to.strip():
            return ""
        try:
            read_recipient(self.draft.to, self._vm.funds)
        except BadRequest as error:
            return f"{error.message} {error.hint}".strip()
        return ""

    @property
    def incomplete(self) -> str:
        """Why it cannot be reviewed yet, or empty."""
        if reason := self._vm.cannot_sign:
            return reason
        if not self.draft.amount.strip():
            return "Type an amount first."
        if not self.draft.to.strip():
            return "Say to whom first."
        return self.amount_problem or self.recipient_problem

    def set(self, **values: object) -> None:
        """Change fields of the draft. An amount that is typed is no longer everything there is."""
        if "amount" in values or "coin" in values:
            values = {"is_max": False} | values
        self.draft = replace(self.draft, **values)  # type: ignore[arg-type]
        self.error = None
        self.changed.emit()

    def use_max(self) -> None:
        """Send all there is; of the coin that pays the fee, all but that."""
        if self.draft.coin == "MOR":
            if self.available is not None:
                self.set(amount=exact(self.available), is_max=True)
            return
        self._ask(self._use_max())

    def review(self) -> None:
        """Look at the recipient; `ready` brings what is to be reviewed."""
        if not self.incomplete and not self.busy:
            self._ask(self._review())

    def _amount(self) -> int:
        """The amount in wei.

        Raises:
            BadRequest: not a number, nothing, or more than there is: names what is missing.
        """
        coin = self.draft.coin
        wei = parse_amount(self.draft.amount)
        if wei == 0:
            raise BadRequest("Nothing would be sent.", param="amount")
        has = self.available
        if has is not None and wei > has:
            short = fmt.amount(wei - has, coin, up=True)
            raise BadRequest(f"You need {short} more.", param="amount")
        return wei

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start("ask", self._asking(work))

    async def _asking(self, work: Coroutine[Any, Any, None]) -> None:
        self.busy = True
        self.changed.emit()
        try:
            await work
        finally:
            self.busy = False
            self.changed.emit()

    async def _use_max(self) -> None:
        funds, has, asked = self._vm.funds, self.available, self.draft
        try:
            if not has:
                raise BadRequest("There is no ETH.", param="amount")
            prepared = await funds.prepare_send_all(self.recipient or funds.address)
        except MorpheusError as error:
            self._fail(error, asked)
            return
        if (self.draft.coin, self.draft.amount) == (asked.coin, asked.amount):
            self.set(amount=exact(prepared.intent.value), is_max=True)

    async def _review(self) -> None:
        funds, draft = self._vm.funds, self.draft
        try:
            address, amount = read_recipient(draft.to, funds), self._amount()
            recipient = await look_at(address, funds)
        except MorpheusError as error:
            self._fail(error, draft)
            return
        if self.draft == draft:
            self.ready.emit(self._wish(recipient, amount, draft))

    def _wish(self, recipient: Recipient, amount: int, draft: Draft) -> Wish:
        funds, is_all = self._vm.funds, draft.coin == "ETH" and draft.is_max

        async def prepare() -> Prepared:
            if is_all:
                return await funds.prepare_send_all(recipient.address)
            return await funds.prepare_send(draft.coin, recipient.address, amount)

        return Wish(
            "Review and send",
            "Send {amount}",
            "The payment is on its way",
            prepare,
            speeds=not is_all,  # another fee would be another amount
            recipient=recipient,
            is_typed=True,
            label=draft.label.strip(),
        )

    def _fail(self, error: MorpheusError, asked: Draft) -> None:
        if self.draft == asked:
            self.error = error
            self.changed.emit()
