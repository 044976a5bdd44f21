"""The user's money on one network: what there is, what moves, and sending it.

`start` connects to the network of the settings; the demo network is started first. Until then,
and without a wallet, nothing leaves the computer.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from router.address_book import AddressBook
from router.backends.base import Backend
from router.chain import token
from router.chain.accounts import Balance, balances
from router.chain.client import Chain
from router.chain.fees import Speed
from router.chain.follow import Follower
from router.chain.history import TokenHistory
from router.chain.journal import Journal, TxRecord
from router.chain.marketplace import Account, Marketplace
from router.chain.nodes import Nodes
from router.chain.preparing import Intent, Prepared
from router.chain.review import decode_tx
from router.chain.session_cost import SessionCost, session_cost
from router.chain.tx import TxManager
from router.config import Settings
from router.consumer.book import Book
from router.consumer.failover import Failover, Rules
from router.consumer.leases import Leases
from router.consumer.providers import Providers
from router.consumer.remote import RemoteBackend
from router.consumer.sessions import Sessions
from router.devnet.process import DemoChain
from router.errors import BadRequest, ChainUnavailable, StorageError
from router.events import Emitter
from router.networks import DEMO, NETWORKS, Network
from router.paths import Paths
from router.tasks import Tasks, supervise
from router.units import WEI, exact
from router.wallet.checks import checked_address, danger_of
from router.wallet.node_keys import NodeKeys
from router.wallet.wallet import Wallet

log = logging.getLogger(__name__)

Coin = Literal["MOR", "ETH"]

PLAY_MOR, PLAY_ETH = 1_000 * WEI, WEI


@dataclass(frozen=True)
class Connection:
    """One network with all that belongs to it."""

    network: Network
    nodes: Nodes
    chain: Chain
    market: Marketplace
    journal: Journal
    transactions: TxManager
    follower: Follower
    providers: Providers
    sessions: Sessions
    leases: Leases
    remote: RemoteBackend
    demo: DemoChain | None = None

    def now(self) -> float:
        """Seconds since 1970 by the clock of the network: the demo network can skip days."""
        return self.demo.now() if self.demo is not None else time.time()


class Funds:
    """The money side of a node.

    `changed` tells that balances or the network may be others now; `tx_changed` of transactions.
    """

    def __init__(self, paths: Paths, settings: Settings, wallet: Wallet, keys: NodeKeys) -> None:
        self.changed: Emitter[None] = Emitter()
        self.tx_changed: Emitter[TxRecord] = Emitter()
        self._paths = paths
        self._settings = settings
        self._wallet = wallet
        self._keys = keys
        self._tasks = Tasks()
        self._connection: Connection | None = None
        self._giving = asyncio.Lock()
        self._failover: tuple[Connection, Failover] | None = None
        self._history: tuple[Connection, str, TokenHistory] | None = None
        self.book = AddressBook(paths.address_book)

    @property
    def connection(self) -> Connection:
        """The network that is connected.

        Raises:
            ChainUnavailable: none is.
        """
        if self._connection is None:
            raise ChainUnavailable(
                "No network is connected.",
                safe="Local chat works without one.",
                hint="Choose a network at the bottom of the sidebar.",
            )
        return self._connection

    @property
    def is_connected(self) -> bool:
        """Whether a network is connected."""
        return self._connection is not None

    @property
    def journal_problem(self) -> StorageError | None:
        """What the user should be told of the file of transactions, if anything."""
        return None if self._connection is None else self._connection.journal.problem

    async def start(self) -> str:
        """Connect to the network of the settings; returns its title.

        Raises:
            ChainUnavailable: the demo network did not start.
            StorageError: the journal of transactions, or the book of sessions, cannot be opened.
        """
        network = NETWORKS[self._settings.current.network]
        demo = None
        if network.name == DEMO:
            demo = DemoChain()
            found = await demo.start()
            network = replace(
                network,
                diamond=found.deployment.diamond,
                token=found.deployment.token,
                multicall=found.deployment.multicall,
                nodes=(found.url,),
            )
        self._connection = await self._connect(network, demo)
        self._tasks.spawn(
            "follow transactions", supervise("transactions", self._connection.follower.run)
        )
        await self._connection.sessions.start()
        self.changed.emit(None)
        return network.title

    async def give_play_money(self) -> None:
        """On the demo network, give the wallet's account something when it has no MOR.

        Raises:
            ChainUnavailable: the demo network does not answer.
        """
        connection, address = self._connection, self.address
        if connection is None or connection.demo is None or not address:
            return
        async with self._giving:
            if (await connection.market.account(address)).mor == 0:
                await connection.demo.give(address, PLAY_MOR, PLAY_ETH)
                self.changed.emit(None)

    async def stop(self) -> None:
        """Let go of the network; transactions are followed again at the next start."""
        connection, self._connection = self._connection, None
        await self._tasks.close()
        if connection is not None:
            await connection.sessions.stop()
            await connection.nodes.close()
            await connection.journal.close()
            await connection.sessions.book.close()
            if connection.demo is not None:
                await connection.demo.stop()
            self.changed.emit(None)

    async def _connect(self, network: Network, demo: DemoChain | None) -> Connection:
        nodes = self._nodes_of(network)
        chain = Chain(nodes)
        # The demo network is gone at the end, and what was sent on it too.
        journal = Journal(None if demo is not None else self._paths.transactions)
        book = Book(None if demo is not None else self._paths.sessions, network.chain_id)
        await journal.open()
        try:
            await book.open()
        except StorageError:
            await journal.close()
            raise
        transactions = TxManager(chain, network, journal, self._wallet.signer)
        transactions.changed.subscribe(self._tx_changed)
        follower = Follower(chain, network, journal, transactions)
        market = Marketplace(chain, network)
        providers = Providers(
            chain,
            network,
            # Where the provider of the demo network listens.
            allow_private=lambda: demo is not None or self._settings.current.market.allow_private,
            now=demo.now if demo is not None else time.time,
            seals=book.seals,
            wire=lambda: self._settings.current.wire,
        )
        sessions = Sessions(
            market,
            transactions,
            book,
            self._wallet,
            providers,
            lambda: self._settings.current.market,
            self._paths.rating,
        )
        leases = Leases(
            sessions,
            book,
            market.providers,
            blocked=lambda: self._settings.current.market.blocked,
        )
        return Connection(
            network,
            nodes,
            chain,
            market,
            journal,
            transactions,
            follower,
            providers,
            sessions,
            leases,
            RemoteBackend(leases, sessions.evidence, providers.link),
            demo,
        )

    def _nodes_of(self, network: Network) -> Nodes:
        own = self._settings.current.chain.nodes_of(network.name)
        self._keys.ask_again()
        return Nodes(
            network.chain_id, own or network.nodes, address_of=self._keys.real if own else None
        )

    def _tx_changed(self, record: TxRecord) -> None:
        self.tx_changed.emit(record)
        if record.state in ("included", "failed", "cancelled", "replaced"):
            self.changed.emit(None)

    # Models of the network

    def backend(self, local: Backend, local_name: Callable[[], str]) -> Backend | None:
        """What answers for models of the network; None while none is connected.

        Args:
            local: answers when nobody of the network does.
        """
        connection = self._connection
        if connection is None:
            return None
        if self._failover is None or self._failover[0] is not connection:
            made = Failover(
                connection.remote, connection.sessions, local, self._rules, local_name=local_name
            )
            self._failover = connection, made
        return self._failover[1]

    def _rules(self) -> Rules:
        market = self._settings.current.market
        return Rules(market.extra_stake, market.allow_direct)

    def model_name(self, model: str) -> str:
        """What a model of the network is called; empty when no session ever was of it."""
        return "" if self._connection is None else self._connection.leases.name_of(model)

    # What there is

    @property
    def address(self) -> str:
        """The account of the wallet; empty without one."""
        return self._wallet.state.address

    def needed_address(self) -> str:
        """The wallet's address.

        Raises:
            BadRequest: there is no wallet.
        """
        if not self.address:
            raise BadRequest(
                "There is no wallet.", code="no_wallet", hint="Create or import one first."
            )
        return self.address

    async def account(self) -> Account:
        """All that the account has, at one block.

        Raises:
            BadRequest: there is no wallet.
            ChainUnavailable, NotOffered
        """
        return await self.connection.market.account(self.needed_address())

    async def transactions(self) -> list[TxRecord]:
        """What was sent from here, newest first."""
        connection = self.connection
        return await connection.journal.list(connection.network.chain_id, self.needed_address())

    @property
    def unsent(self) -> frozenset[int]:
        """Ids of transactions that were signed, never sent, and wait for the user."""
        if self._connection is None:
            return frozenset()
        return frozenset(record.id for record in self._connection.follower.unsent)

    async def send_unsent(self, tx_id: int) -> TxRecord:
        """Send what waits for the user: the bytes that were signed.

        Raises:
            As TxManager.send_unsent.
        """
        return await self.connection.transactions.send_unsent(tx_id)

    async def drop_unsent(self, tx_id: int) -> TxRecord:
        """Give up what waits for the user.

        Raises:
            BadRequest: it may have been sent.
        """
        return await self.connection.follower.drop(tx_id)

    async def allowance(self, spender: str) -> int:
        """MOR that a spender may take, in wei.

        Raises:
            ChainUnavailable, BadRequest
        """
        connection = self.connection
        read = token.allowance(
            connection.network.token, self.needed_address(), checked_address(spender)
        )
        value = await connection.chain.read(read.to, read.function, *read.arguments)
        return int(value)

    def history(self) -> TokenHistory:
        """What the token's logs tell of the account; the same one until account or network change.

        Raises:
            ChainUnavailable, BadRequest
        """
        connection, address = self.connection, self.needed_address()
        known = self._history
        if known is None or known[0] is not connection or known[1] != address:
            made = TokenHistory(connection.chain, connection.network, address)
            known = self._history = (connection, address, made)
        return known[2]

    async def is_contract(self, address: str) -> bool:
        """Whether there is code at an address.

        Raises:
            ChainUnavailable
        """
        return bool(await self.connection.chain.code(checked_address(address)))

    async def sent_to(self) -> set[str]:
        """The addresses to which something was sent from here.

        Only what was signed here counts: logs of a token can be made by anybody.
        """
        network = self.connection.network
        found = set()
        for record in await self.transactions():
            if record.state == "not_sent":
                continue
            effects = decode_tx(network, record.to, record.value, record.data).effects
            found |= {effect.counterparty for effect in effects if effect.direction == "out"}
        return found

    async def balances_of(self, addresses: Sequence[str]) -> tuple[Balance, ...]:
        """What accounts have that may become the wallet's, in one request.

        Where no network is connected yet, that of the settings is asked for this once.

        Raises:
            ChainUnavailable, NotOffered
        """
        if self._connection is not None:
            return await balances(self._connection.chain, self._connection.network, addresses)
        network = NETWORKS[self._settings.current.network]
        nodes = self._nodes_of(network)
        try:
            return await balances(Chain(nodes), network, addresses)
        finally:
            await nodes.close()

    async def session_cost(self, seconds: int) -> SessionCost:
        """What a first session of so many seconds needs.

        Raises:
            ChainUnavailable, NotOffered
        """
        return await session_cost(self.connection.market, seconds)

    # What moves. All raise as TxManager.prepare does.

    async def prepare_send(
        self, coin: Coin, to: str, amount: int, speed: Speed = "normal"
    ) -> Prepared:
        """Send MOR or ETH; `amount` in wei."""
        return await self._prepare(self.sending(coin, to, amount), speed)

    async def prepare_send_all(self, to: str) -> Prepared:
        """Send all ETH there is but the most that the network can take for it, to the wei."""
        return await self.connection.transactions.prepare_all(
            partial(self.sending, "ETH", to), self.needed_address()
        )

    async def prepare_approve(self, amount: int, spender: str = "") -> Prepared:
        """Let the marketplace, or another spender, take exactly so much MOR; 0 takes it back."""
        return await self._prepare(self.approving(amount, spender), "normal")

    async def prepare_claim(self) -> Prepared:
        """Take back the stake that is no longer on hold."""
        return await self.connection.sessions.prepare_claim()

    def sending(self, coin: Coin, to: str, amount: int, key: str = "") -> Intent:
        """The wish to send, before it is tried.

        Raises:
            BadRequest: no address, one where it would be lost, or nothing to send.
        """
        recipient, network = checked_address(to), self.connection.network
        if danger := danger_of(recipient):
            raise BadRequest(danger, param="to")
        if amount <= 0:
            raise BadRequest("There is nothing to send.", param="amount")
        purpose = f"Send {exact(amount)} {coin}"
        if coin == "ETH":
            return Intent(recipient, value=amount, purpose=purpose, key=key)
        if recipient == network.token:
            raise BadRequest(
                "This is the address of the MOR contract itself; MOR sent there is lost.",
                param="to",
            )
        if recipient == network.diamond:
            raise BadRequest(
                "This is the address of the marketplace itself; MOR sent there is lost.",
                param="to",
                hint="To stake MOR, open a session.",
            )
        data = token.transfer(recipient, amount)
        return Intent(network.token, data=data, purpose=purpose, key=key)

    def approving(self, amount: int, spender: str = "", key: str = "") -> Intent:
        """The wish to allow, before it is tried.

        Raises:
            BadRequest: no address, or an amount that means "any".
        """
        network = self.connection.network
        taker = checked_address(spender) if spender else network.diamond
        if not 0 <= amount < 2**255:
            raise BadRequest("Permission is given for an exact amount only.", param="amount")
        purpose = f"Permission for exactly {exact(amount)} MOR" if amount else "End a permission"
        return Intent(network.token, data=token.approve(taker, amount), purpose=purpose, key=key)

    async def submit(self, intent: Intent) -> TxRecord:
        """Send a wish of somebody who looks at nothing in between (the HTTP interface).

        A key says that it is a wish of its own, even when the same is still on the way.
        """
        return await self.connection.transactions.submit(
            intent, self.needed_address(), accept_twin=bool(intent.key)
        )

    async def _prepare(self, intent: Intent, speed: Speed) -> Prepared:
        return await self.connection.transactions.prepare(intent, self.needed_address(), speed)
