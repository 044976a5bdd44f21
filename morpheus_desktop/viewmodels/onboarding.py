"""Setting up a wallet without its looks: the steps, what keeps one from going on, and the work.

Nothing that is typed is lost by going back. The wallet is made in the middle of the way: then all
that was typed is forgotten, and there is no way back to the steps before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.draft import Draft, Source, Way
from morpheus_desktop.viewmodels.network_choice import NetworkChoice
from router.chain.accounts import Balance
from router.chain.session_cost import SessionCost
from router.config import Settings
from router.errors import MorpheusError
from router.money import Money
from router.wallet import derive, mnemonic
from router.wallet.account import Account

HOUR_S = 3600
OFFLINE = "Will check when you are online"

STEPS: dict[str, str] = {
    "password": "Choose a password",
    "words": "Write down {count} words",
    "check": "Check your words",
    "source": "What you have",
    "accounts": "Choose an account",
    "network": "Pick a network",
    "funds": "Add funds",
}
MAKES = {"create": "check", "import": "password"}


@dataclass(frozen=True)
class FoundAccount:
    """One account of a phrase, and what it has when that was asked for."""

    path: str
    address: str
    balance: Balance | None = None


@dataclass(frozen=True)
class Funding:
    """What the last step compares; wei. `problem` says why it is not known."""

    mor: int | None = None
    eth: int | None = None
    cost: SessionCost | None = None
    problem: str = ""

    @property
    def missing_mor(self) -> int:
        """How much more MOR a session of one hour needs."""
        return max(self.cost.mor - self.mor, 0) if self.cost and self.mor is not None else 0

    @property
    def missing_eth(self) -> int:
        """How much more ETH its fees need."""
        return max(self.cost.eth - self.eth, 0) if self.cost and self.eth is not None else 0


class OnboardingViewModel(NetworkChoice, QObject):
    """The way to a wallet.

    Signals:
        changed: anything of it; read it all anew.
        step_changed: another step is open.
        forgotten: what was typed is gone here; fields shall forget it too.
        finished: it was gone through to the end, or left with a wallet made.
        failed: an exception that nobody expected.

    Attributes:
        draft: what was typed; steps write into it with `set`.
        error: why the last work did not succeed, shown on the step.
    """

    changed = Signal()
    step_changed = Signal()
    forgotten = Signal()
    finished = Signal()
    failed = Signal(object)

    def __init__(self, money: Money, settings: Settings) -> None:
        super().__init__()
        self.draft = Draft()
        self.step = "password"
        self.error: MorpheusError | None = None
        self.made = False
        self.accounts: tuple[FoundAccount, ...] = ()
        self.funding = Funding()
        self._money = money
        self._settings = settings
        self._tasks = UiTasks(self._went_wrong)
        self._left = False
        self._unsubscribe: list[Callable[[], None]] = [
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            money.chain_part.changed.subscribe(lambda _state: self._network_changed()),
        ]

    def begin(self, way: Way) -> None:
        """Start from the first step with nothing typed; a wallet that is being made goes on."""
        self._left = False
        if self.busy:
            return
        self.draft.wipe()
        self.draft.way = way
        self.made, self.error, self.accounts, self.funding = False, None, (), Funding()
        if way == "create":
            self.draft.make_words(12)
        self._go(self.steps[0])

    async def close(self) -> None:
        """Forget what was typed and end what runs."""
        self._wipe()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    def forget(self) -> None:
        """Forget what was typed and what was found with it.

        While the wallet is made, its file may be half written: that ends first.
        """
        self._left = self.busy
        if not self._left:
            self._wipe()

    def _wipe(self) -> None:
        self._tasks.cancel_all()
        self.draft.wipe()
        self.step = self.steps[0]
        self.accounts = ()
        self.forgotten.emit()

    # Steps

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of this way, in their order."""
        if self.draft.way == "create":
            return ("password", "words", "check", "network", "funds")
        own = {"phrase": ("source", "accounts", "password"), "watch": ("source",)}
        return (*own.get(self.draft.source, ("source", "password")), "network", "funds")

    def title(self, step: str) -> str:
        """What a step is called in the list of steps."""
        return STEPS[step].format(count=self.draft.count)

    @property
    def heading(self) -> str:
        """What this way is."""
        return "Create a wallet" if self.draft.way == "create" else "Import a wallet"

    @property
    def busy(self) -> bool:
        """Whether the wallet is being made right now."""
        return self._tasks.running("make") and not self.made

    @property
    def makes(self) -> bool:
        """Whether going on from this step makes the wallet."""
        watch = self.draft.source == "watch" and self.draft.way == "import"
        return not self.made and self.step == ("source" if watch else MAKES[self.draft.way])

    @property
    def problem(self) -> str:
        """Why this step cannot be left forward, in a sentence; empty when it can."""
        draft = self.draft
        if self.made or self.step in ("network", "funds"):
            return ""
        if self.step == "words":
            return "" if draft.seen else "Show the words and write them down first."
        if self.step == "password":
            return draft.password_problem() or draft.repeat_problem()
        if self.step == "check":
            missing = len(draft.asked) - draft.right_words
            return f"{missing} of the words are missing or wrong." if missing else ""
        if self.step == "source":
            return draft.source_problem()
        return draft.path_problem() or ("" if self.accounts else "The accounts are looked for.")

    def set(self, **values: object) -> None:
        """Keep what was typed."""
        for name, value in values.items():
            setattr(self.draft, name, value)
        self.error = None
        self.changed.emit()

    def set_source(self, source: Source) -> None:
        """Import from something else; what was typed for the others stays."""
        self.set(source=source)

    def set_word(self, place: int, text: str) -> None:
        """Keep a word that was typed back."""
        self.draft.typed[place] = text
        self.changed.emit()

    def set_count(self, count: int) -> None:
        """Make another phrase, of 12 or 24 words."""
        if len(self.draft.words) != count:
            self.draft.make_words(count)
            self.changed.emit()

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before that can still be changed."""
        at = self.steps.index(self.step)
        return at > 0 and not self.busy and not (self.made and self.step == "network")

    def back(self) -> None:
        """To the step before; nothing typed is lost."""
        if self.can_go_back:
            self._go(self.steps[self.steps.index(self.step) - 1])

    def forward(self) -> None:
        """To the next step; by Enter, click or otherwise, the rules are the same."""
        if self.problem or self.busy:
            self.changed.emit()
            return
        if self.makes:
            self.error = None
            self._tasks.start("make", self._make(replace(self.draft)))
            self.changed.emit()
        else:
            self._next()

    def _next(self) -> None:
        at = self.steps.index(self.step)
        if at + 1 == len(self.steps):
            self.finished.emit()
        else:
            self._go(self.steps[at + 1])

    def _go(self, step: str) -> None:
        self.step = step
        self.error = None
        self.step_changed.emit()
        self.changed.emit()
        if step == "accounts":
            self.preview()
        elif step == "funds":
            self.refresh()

    # Work

    async def _make(self, draft: Draft) -> None:
        try:
            await self._keep(draft)
        finally:
            draft.wipe()
        self.made = True
        if self._left:
            self._wipe()
            return
        self.draft.wipe_secrets()
        self.accounts = ()
        self.forgotten.emit()
        self._next()

    async def _keep(self, draft: Draft) -> None:
        wallet = self._money.needed_wallet()
        if draft.way == "create":
            await wallet.create(" ".join(draft.words), draft.password)
        elif draft.source == "phrase":
            await wallet.create(
                draft.phrase, draft.password, passphrase=draft.passphrase, path=draft.chosen_path
            )
        elif draft.source == "key":
            await wallet.import_key(draft.key, draft.password)
        elif draft.source == "file":
            await wallet.import_keystore(draft.file, draft.file_password, draft.password)
        else:
            await wallet.watch(draft.address)

    def preview(self) -> None:
        """Find the accounts of the typed phrase."""
        if not self.draft.path_problem():
            self._tasks.start("accounts", self._preview())

    async def _preview(self) -> None:
        found = await asyncio.to_thread(
            _accounts, self.draft.phrase, self.draft.passphrase, self.draft.template_path
        )
        self.accounts = tuple(FoundAccount(path, address) for path, address in found)
        self.draft.index = min(self.draft.index, len(self.accounts) - 1)
        self.changed.emit()

    def look_up_balances(self) -> None:
        """Ask the network, in one request, what the accounts have."""
        self._tasks.start("balances", self._balances())

    async def _balances(self) -> None:
        self._money.needed_wallet()
        assert self._money.funds is not None
        asked = self.accounts
        found = await self._money.funds.balances_of([account.address for account in asked])
        if asked is self.accounts:
            self.accounts = tuple(
                FoundAccount(account.path, account.address, balance)
                for account, balance in zip(asked, found, strict=True)
            )
            self.changed.emit()

    def refresh(self) -> None:
        """Compare again what there is with what a session needs."""
        self._tasks.start("funds", self._refresh())

    async def _refresh(self) -> None:
        try:
            funds = self._money.needed_funds()
            account = await funds.account()
            cost = await funds.session_cost(HOUR_S)
        except MorpheusError as error:
            self.funding = Funding(problem=error.message)
        else:
            self.funding = Funding(account.mor, account.eth, cost)
        self.changed.emit()

    # The network

    def _not_chosen(self, error: MorpheusError) -> None:
        self._show(error)

    @property
    def address(self) -> str:
        """Of the wallet that was made."""
        wallet = self._money.wallet
        return wallet.state.address if wallet is not None else ""

    def _network_changed(self) -> None:
        if self.step == "funds" and self._money.chain_part.state.phase in ("ready", "failed"):
            self.refresh()
        self.changed.emit()

    def _went_wrong(self, error: Exception) -> None:
        if self._left and not self.busy:
            self._wipe()  # nobody looks at the step any more
            self.failed.emit(error)
        elif isinstance(error, MorpheusError):
            self._show(error)
        else:
            self.changed.emit()
            self.failed.emit(error)

    def _show(self, error: MorpheusError) -> None:
        self.error = error
        self.changed.emit()


def _accounts(phrase: str, passphrase: str, template: str) -> list[tuple[str, str]]:
    """(path, address) of the accounts of a phrase; of one where the path counts none."""
    seed = mnemonic.seed(phrase, passphrase)
    if "{index}" in template:
        return list(derive.addresses(seed, template))
    path = derive.checked_path(template)
    account = Account(derive.derive(seed, path))
    address = account.address
    account.wipe()
    return [(path, address)]
