"""The sessions of the demo network's user, on a chain of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from router.chain.client import Chain
from router.chain.follow import Follower
from router.chain.journal import Journal
from router.chain.marketplace import Marketplace
from router.chain.nodes import Nodes
from router.chain.records import Session, as_hex
from router.chain.tx import TxManager
from router.config import MarketConfig
from router.consumer.book import Book
from router.consumer.providers import Providers
from router.consumer.records import Opening, Quote, SessionView
from router.consumer.sessions import Sessions
from router.devnet.deploy import MOR, Rule
from router.tasks import Tasks
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet
from tests.support.edges import HOUR, T
from tests.support.fault_rpc import FaultRpc, fault_rpc
from tests.support.toy_provider import ToyProvider
from tests.support.world import World, world

PASSWORD = "correct horse battery"
QUICK = Cost(1, 8 * 4, 4)
FUNDED = 1_000 * MOR


@dataclass
class SessionDesk:
    """Everything that a connected network has for sessions."""

    here: World
    wallet: Wallet
    node: FaultRpc
    nodes: Nodes
    journal: Journal
    book: Book
    manager: TxManager
    follower: Follower
    provider: ToyProvider
    sessions: Sessions
    bid: bytes
    config: MarketConfig = field(default_factory=MarketConfig)

    @property
    def address(self) -> str:
        return self.here.account("user").address

    @property
    def bid_id(self) -> str:
        return as_hex(self.bid)

    async def quote(self, seconds: int = HOUR, *, is_direct: bool = False) -> Quote:
        return await self.sessions.quote(self.bid_id, seconds, is_direct=is_direct)

    async def open(self, seconds: int = HOUR, *, is_direct: bool = False) -> Opening:
        """From the quote to the end of the opening, whichever it is."""
        opening = await self.sessions.open(await self.quote(seconds, is_direct=is_direct))
        return await self.sessions.opening_done(opening.id)

    async def opened(self, seconds: int = HOUR, *, is_direct: bool = False) -> SessionView:
        """An open session, as the list has it."""
        opening = await self.open(seconds, is_direct=is_direct)
        assert opening.step == "done", opening.error
        await self.sessions.refresh()
        return self.sessions.view(opening.session_id)

    async def on_chain(self) -> tuple[Session, ...]:
        """The sessions of the user, asked of the chain past the app."""
        return (await self.here.market.account(self.address)).sessions

    async def allowance(self) -> int:
        return (await self.here.market.account(self.address)).allowance

    async def look(self, at: int) -> None:
        """A block of this time, the watcher's look at it, and what came of that."""
        await self.here.mine_at(at)
        await self.sessions.look()
        await self.settled()
        await self.sessions.refresh()

    async def sent(self) -> int:
        """Transactions of the user in blocks."""
        return await self.here.chain.nonce(self.address)

    async def settled(self) -> None:
        """Wait until nothing of the user's is on the way."""
        chain_id = self.here.network.chain_id
        while any(r.is_open for r in await self.journal.list(chain_id, self.address)):
            await asyncio.sleep(0.01)


async def _wallet(folder: Path, here: World, *, own: bool) -> Wallet:
    wallet = Wallet(folder, cost=QUICK)
    key = bytes(here.account("user")._key)
    if own:
        await wallet.import_key(key.hex(), PASSWORD)
    else:
        wallet.borrow(key)
    return wallet


@asynccontextmanager
async def desk_on(
    here: World,
    folder: Path,
    bid: bytes,
    *,
    own_wallet: bool = False,
    on_disk: bool = False,
    wired: bool = False,
) -> AsyncIterator[SessionDesk]:
    """What a start of the app builds, on a chain that is there; watching waits for `look`.

    Args:
        own_wallet: a wallet with a password, which can be locked; else a lent account.
        on_disk: journal and book outlive it, for what is to be started again.
        wired: providers are asked over their sockets, and not the toy.
    """
    wallet = await _wallet(folder, here, own=own_wallet)
    async with fault_rpc(here.url) as node:
        nodes = Nodes(here.network.chain_id, [node.url], try_s=20.0, requests_a_minute=1_000_000)
        chain = Chain(nodes)
        journal = Journal(folder / "transactions.db" if on_disk else None)
        book = Book(folder / "sessions.db" if on_disk else None, here.network.chain_id)
        await journal.open()
        await book.open()
        manager = TxManager(chain, here.network, journal, wallet.signer)
        follower = Follower(chain, here.network, journal, manager)
        tasks = Tasks()
        tasks.spawn("follow", follower.run())
        provider = ToyProvider(here.account("provider"), here.network.chain_id)
        market = Marketplace(chain, here.network)
        sessions = Sessions(
            market,
            manager,
            book,
            wallet,
            Providers(chain, here.network, allow_private=lambda: True) if wired else provider,
            lambda: desk.config,
            folder / "rating-config.json",
        )
        desk = SessionDesk(
            here, wallet, node, nodes, journal, book, manager, follower, provider, sessions, bid
        )
        await sessions.start(watching=False)
        try:
            yield desk
        finally:
            await sessions.stop()
            await tasks.close()
            await nodes.close()
            await journal.close()
            await book.close()
            wallet.revoke()


@asynccontextmanager
async def session_desk(
    folder: Path,
    *,
    kind: str = "embedded",
    rule: Rule = "day-lock",
    own_wallet: bool = False,
    on_disk: bool = False,
) -> AsyncIterator[SessionDesk]:
    """A new chain, a provider with a bid, a user with MOR but without a permission, a desk."""
    async with world(kind, rule) as here:
        bid = await here.offer(stake=100 * MOR)
        await here.give("user", FUNDED, 10**19)
        await here.token("user", "approve", here.network.diamond, 0)
        await here.mine_at(T)
        async with desk_on(here, folder, bid, own_wallet=own_wallet, on_disk=on_disk) as desk:
            yield desk
