"""The wallet and the network in few words: for the sidebar, the status bar and the chip of play
money.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.network_choice import NetworkChoice
from router.config import Settings
from router.errors import MorpheusError
from router.money import Money
from router.networks import DEMO

if TYPE_CHECKING:  # start-up cost: they bring web3 along
    from router.chain.client import Head
    from router.wallet.wallet import WalletState

Phase = Literal["off", "connecting", "on", "failed"]

LOOK_EVERY_S, DEMO_EVERY_S = 12.0, 4.0
STALE_S = 60.0


@dataclass(frozen=True)
class AccountWords:
    """What the account button says; `address` is empty without a wallet."""

    title: str = "No wallet"
    detail: str = "Local chat only"
    address: str = ""
    locked: bool = False


class AccountViewModel(NetworkChoice, QObject):
    """Follows the wallet and the newest block.

    Signals:
        changed: any of it.
        read_again: everything of the network is wanted anew.
        failed: an exception that nobody expected.

    Attributes:
        head: the newest block, or None.
        problem: why no node answers now; empty while one does.
    """

    changed = Signal()
    read_again = Signal()
    failed = Signal(object)

    def __init__(
        self, money: Money, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self.head: Head | None = None
        self.problem = ""
        self._money = money
        self._settings = settings
        self._clock = clock
        self._tasks = UiTasks(self.failed.emit)
        self._wake = asyncio.Event()
        # The age of a block grows by itself.
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self.changed)
        self._unsubscribe = [
            money.loaded.subscribe(lambda _: self._loaded()),
            money.chain_part.changed.subscribe(lambda _: self._part_changed()),
            settings.changed.subscribe(lambda _: self.changed.emit()),
        ]

    async def close(self) -> None:
        """Stop listening and end what runs."""
        self._tick.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    # The wallet

    @property
    def state(self) -> "WalletState | None":
        """The wallet; None until it was looked for."""
        return self._money.wallet.state if self._money.wallet is not None else None

    @property
    def has_wallet(self) -> bool:
        """Whether there is one of the user's own."""
        state = self.state
        return state is not None and state.kind != "none" and not state.borrowed

    @property
    def words(self) -> AccountWords:
        """What to call it."""
        state = self.state
        if state is None or not state.address:
            return AccountWords()
        title = "Watched wallet" if state.kind == "watch" else "Main wallet"
        title = "Demo wallet" if state.borrowed else title
        locked = state.kind == "locked"
        detail = fmt.short_address(state.address) + (", locked" if locked else "")
        return AccountWords(title, detail, state.address, locked)

    def lock(self) -> None:
        """Forget the key now."""
        self._money.lock()

    # The network

    @property
    def phase(self) -> Phase:
        """Whether it is connected."""
        state = self._money.chain_part.state
        if state.phase == "failed" or self.problem:
            return "failed"
        if state.phase == "starting":
            return "connecting"
        funds = self._money.funds
        return "on" if funds is not None and funds.is_connected else "off"

    @property
    def chip(self) -> str:
        """What stands beside the name of a network whose money is not real."""
        return "" if self.network.is_real else self.network.money.split(",")[0]

    @property
    def local(self) -> bool:
        """Whether the connected network is on this computer."""
        return self.network.name == DEMO

    @property
    def latency_s(self) -> float | None:
        """How long the node in use took for its last answer."""
        funds = self._money.funds
        if funds is None or not funds.is_connected:
            return None
        nodes = funds.connection.nodes
        found = [state.latency_s for state in nodes.states if state.url == nodes.in_use]
        return found[0] if found else None

    @property
    def block_age_s(self) -> float:
        """Seconds since the newest block was made."""
        return max(self._clock() - self.head.timestamp, 0.0) if self.head is not None else 0.0

    @property
    def clock_behind_s(self) -> float:
        """Seconds by which the newest block is later than this computer's clock, if it matters.

        The demo network can skip days, and a moment is no matter.
        """
        ahead = self.head.timestamp - self._clock() if self.head is not None else 0.0
        return ahead if ahead > STALE_S and not self.local else 0.0

    @property
    def stale(self) -> bool:
        """Whether the newest block is old; the demo network makes blocks only when needed."""
        return not self.local and self.block_age_s > STALE_S

    def _not_chosen(self, error: MorpheusError) -> None:
        self.failed.emit(error)

    def reconnect(self) -> None:
        """Try the network again after it failed."""
        self._tasks.start("reconnect", self._money.chain_part.restart())

    def refresh(self) -> None:
        """Read again: the newest block now, and whoever listens to the money reads too."""
        self._wake.set()
        funds = self._money.funds
        if funds is not None and funds.is_connected:
            funds.changed.emit(None)
        self.read_again.emit()

    # Following

    def _loaded(self) -> None:
        assert self._money.wallet is not None
        self._unsubscribe.append(
            self._money.wallet.changed.subscribe(lambda _state: self.changed.emit())
        )
        self.changed.emit()

    def _part_changed(self) -> None:
        funds = self._money.funds
        if self._money.chain_part.state.phase == "ready" and self.phase == "on":
            if funds is not None and funds.journal_problem is not None:
                self.failed.emit(funds.journal_problem)
            self._tick.start()
            self._tasks.start("newest block", self._follow())
        else:
            self._tick.stop()
            self._tasks.cancel("newest block")
            self.head, self.problem = None, ""
        self.changed.emit()

    async def _follow(self) -> None:
        assert self._money.funds is not None
        chain = self._money.funds.connection.chain
        while True:
            try:
                self.head, self.problem = await chain.head(), ""
            except MorpheusError as error:
                self.problem = error.message
            self.changed.emit()
            self._wake.clear()
            pause = DEMO_EVERY_S if self.local else LOOK_EVERY_S
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue
