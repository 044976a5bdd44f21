"""The wallet page: what there is, where it is, what moved, and who may take it.

Made when money is loaded (see router.money): it brings web3 along.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from PySide6.QtCore import Signal

from morpheus_desktop.viewmodels import places
from morpheus_desktop.viewmodels.activity import Activity, rows_of
from morpheus_desktop.viewmodels.signing import why_not
from morpheus_desktop.viewmodels.watching import Watching
from router.chain.history import Permission, Transfer
from router.chain.journal import TxRecord
from router.chain.marketplace import Account
from router.errors import MorpheusError
from router.funds import Funds
from router.money import Money
from router.networks import Network
from router.wallet.wallet import Wallet, WalletState

Filter = Literal["all", "sent", "received", "sessions"]

STALE_S = 60.0
READ_EVERY_S = 10.0
ROWS_AT_ONCE = 50


class WalletViewModel(Watching):
    """Reads while somebody looks; `watch` says so.

    Signals:
        changed: balances, wallet or network are others now, or older than they were.
        activity_changed: the rows are others.
        permissions_changed: who may take MOR was read.

    Attributes:
        account, rows, permissions: None until they were read.
        looked: the token's logs were read, or could not be; until then rows may be missing.
        problem, activity_problem: why the last reading failed.
    """

    changed = Signal()
    activity_changed = Signal()
    permissions_changed = Signal()

    def __init__(self, money: Money, clock: Callable[[], float] = time.time) -> None:
        super().__init__(STALE_S, clock)
        assert money.wallet is not None
        assert money.funds is not None
        self.wallet: Wallet = money.wallet
        self.funds: Funds = money.funds
        self.account: Account | None = None
        self.problem: MorpheusError | None = None
        self.activity_problem: MorpheusError | None = None
        self.rows: list[Activity] | None = None
        self.looked = False
        self.permissions: list[Permission] | None = None
        self._transfers: list[Transfer] = []
        self._of: tuple[str, str] = ("", "")
        self._filter: Filter = "all"
        self._query = ""
        self._shown = ROWS_AT_ONCE
        self._again = False
        self._unsubscribe = [
            self.funds.changed.subscribe(lambda _: self.refresh()),
            self.funds.tx_changed.subscribe(lambda _: self._read_activity_soon()),
            self.funds.book.changed.subscribe(lambda _: self._read_activity_soon()),
            self.wallet.changed.subscribe(lambda _: self._wallet_changed()),
            money.chain_part.changed.subscribe(lambda _: self.changed.emit()),
        ]

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    # How things are

    @property
    def state(self) -> WalletState:
        """The wallet."""
        return self.wallet.state

    @property
    def network(self) -> Network | None:
        """The network that is connected."""
        return self.funds.connection.network if self.funds.is_connected else None

    @property
    def cannot_sign(self) -> str:
        """Why nothing can be sent now, in a sentence; empty when it can. A lock is no reason."""
        known = self.account is not None
        return why_not(self.state, self.network, known=known, stale=self.stale)

    @property
    def released_at(self) -> datetime | None:
        """When all that is on hold can be claimed, in local time."""
        then = places.released_at(self.account)
        return places.local_time(then) if then else None

    # What moved

    @property
    def fitting(self) -> list[Activity]:
        """The rows that fit the filter and the search."""
        return [
            row
            for row in self.rows or []
            if self._filter in ("all", row.kind) and (not self._query or row.fits(self._query))
        ]

    @property
    def shown(self) -> list[Activity]:
        """Those of them that are on the page."""
        return self.fitting[: self._shown]

    @property
    def read_from(self) -> int | None:
        """The block from which on MOR that came was looked for; 0 is the very first."""
        return self.funds.history().first if self._has_account else None

    def set_filter(self, kind: Filter) -> None:
        """Show one kind of rows only."""
        self._filter = kind
        self.activity_changed.emit()

    def search(self, text: str) -> None:
        """Show rows that hold this text only."""
        self._query = text
        self.activity_changed.emit()

    @property
    def query(self) -> str:
        """The text that rows have to hold, or empty."""
        return self._query.strip()

    def show_more(self) -> None:
        """Show more rows, and look further back when all are shown."""
        if len(self.fitting) > self._shown:
            self._shown += ROWS_AT_ONCE
            self.activity_changed.emit()
        else:
            self._tasks.start("further", self._look_further())

    def label(self, record: TxRecord, text: str) -> None:
        """Write a note beside a transaction."""
        self._tasks.start(f"label {record.id}", self._label(record.id, text.strip()))

    def send_unsent(self, tx_id: int) -> None:
        """Send what was signed and never sent, as it is."""
        self._settle(tx_id, self.funds.send_unsent)

    def drop_unsent(self, tx_id: int) -> None:
        """Give up what was signed and never sent."""
        self._settle(tx_id, self.funds.drop_unsent)

    def name_of(self, address: str) -> str:
        """What an address is called here, or empty."""
        network = self.network
        if network is not None and address == network.diamond:
            return "the marketplace"
        if network is not None and address == network.token:
            return "the MOR contract"
        if address == self.state.address:
            return "yourself"
        return self.funds.book.name_of(address)

    # Reading

    @property
    def reading(self) -> bool:
        """Whether an answer is waited for."""
        return self._tasks.running("read") or self._tasks.running("activity")

    def refresh(self) -> None:
        """Read now; what is being read is not given up, but read once more afterwards."""
        self._forget_others()
        self._again = True
        if not self._tasks.running("read"):
            self._tasks.start("read", self._read_all())

    @property
    def _has_account(self) -> bool:
        return self.funds.is_connected and bool(self.funds.address)

    @property
    def _is_known(self) -> bool:
        return self.account is not None

    async def _watch(self) -> None:
        while True:
            self.refresh()
            await asyncio.sleep(READ_EVERY_S)

    async def _read_all(self) -> None:
        while self._again:
            self._again = False
            self._forget_others()
            if self._has_account:
                await self._read_account()
                await self._read_activity()
        self.changed.emit()

    async def _read_account(self) -> None:
        of = self._of
        try:
            account = await self.funds.account()
        except MorpheusError as error:
            self.problem = error
        else:
            if of == self._of:
                self.account, self.problem, self._read_at = account, None, self._clock()
        self.changed.emit()

    def _read_activity_soon(self) -> None:
        if self._tasks.running("read"):
            self._again = True
        elif self._has_account:
            self._tasks.start("activity", self._read_activity())

    async def _read_activity(self) -> None:
        """What was sent from here is shown at once, and also when the logs cannot be read."""
        of, history = self._of, self.funds.history()
        if self.rows is None:
            await self._make_rows(of)
        problem: MorpheusError | None = None
        permissions = self.permissions
        try:
            await history.update()
            transfers = await history.transfers()
            permissions = await history.permissions()
        except MorpheusError as error:
            problem, transfers = error, self._transfers
        if of != self._of:
            return
        self.activity_problem, self.looked = problem, True
        self._transfers, self.permissions = transfers, permissions
        self.permissions_changed.emit()
        await self._make_rows(of)

    async def _make_rows(self, of: tuple[str, str]) -> None:
        if of != self._of or not self._has_account:
            return  # the network went away meanwhile, and its journal with it
        records = await self.funds.transactions()
        network = self.network
        if of == self._of and network is not None:
            self.rows = rows_of(
                records,
                self._transfers,
                network,
                self.funds.address,
                self.name_of,
                self.funds.unsent,
            )
            self.activity_changed.emit()

    async def _look_further(self) -> None:
        await self.funds.history().further()
        await self._read_activity()

    async def _label(self, tx_id: int, text: str) -> None:
        await self.funds.connection.transactions.label(tx_id, text)

    def _settle(self, tx_id: int, act: Callable[[int], Awaitable[TxRecord]]) -> None:
        """Do one of both, once: a second click does not interrupt the first."""
        if not self._tasks.running(f"unsent {tx_id}"):
            self._tasks.start(f"unsent {tx_id}", self._settling(act(tx_id)))

    async def _settling(self, work: Awaitable[TxRecord]) -> None:
        try:
            await work
        finally:
            self._read_activity_soon()

    def _wallet_changed(self) -> None:
        self._forget_others()
        self.changed.emit()

    def _forget_others(self) -> None:
        """What was read of another account or network is not this one's."""
        network = self.network
        of = (self.state.address, network.token if network is not None else self._of[1])
        if of == self._of:
            return
        self._of = of
        self.account, self.rows, self.permissions, self._transfers = None, None, None, []
        self.problem = self.activity_problem = None
        self.looked = False
        self.activity_changed.emit()
