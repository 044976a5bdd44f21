"""A process that opens and closes sessions and can be killed in the middle, again and again.

It reads a job a line from stdin, does each in a fork of itself (importing takes longer than the
job), and says how that ended. Jobs: see `Job`.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from router.chain.client import Chain
from router.chain.follow import Follower
from router.chain.journal import Journal
from router.chain.marketplace import Marketplace
from router.chain.nodes import Nodes
from router.chain.tx import TxManager
from router.config import MarketConfig
from router.consumer.book import Book
from router.consumer.sessions import Sessions
from router.devnet.accounts import PROVIDER
from router.networks import Network
from router.tasks import Tasks
from router.wallet.account import Account
from router.wallet.wallet import Wallet
from tests.support.forked import serve
from tests.support.toy_provider import ToyProvider

HANG_S = 60.0
SECONDS = 600


@dataclass(frozen=True)
class Job:
    """One run of the app.

    Args:
        folder: of the journal and the book.
        deed: "open" a new session, "start" and look what there is, "retry" what stands still,
            "close" all that is open.
        crash_at: name of the crash point at which the process is killed; empty for none.
    """

    folder: str
    network: dict[str, Any]
    key: str
    bid_id: str
    deed: Literal["open", "start", "retry", "close"]
    crash_at: str = ""

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


async def run(job: Job) -> None:
    async with _app(job) as (sessions, follow, settled):
        await sessions.refresh()
        if job.deed == "open":
            # Only what happens from here on is to be killed.
            quote = await sessions.quote(job.bid_id, SECONDS)
            opening = await sessions.open(quote)
            follow()
            done = await sessions.opening_done(opening.id)
            assert done.step == "done", done.error
        elif job.deed == "close":
            for view in sessions.views:
                if view.phase in ("open", "ended", "waiting"):
                    await sessions.close(await sessions.prepare_close(view.id))
        if job.deed != "open":
            follow()
        for opening in sessions.openings:
            await sessions.opening_done(opening.id)
        if job.deed == "retry":
            for opening in sessions.openings:
                if opening.step == "failed":
                    await sessions.retry(opening.id)
                    done = await sessions.opening_done(opening.id)
                    assert done.step == "done", done.error
        await settled()


@asynccontextmanager
async def _app(job: Job) -> AsyncIterator[tuple[Sessions, Any, Any]]:
    """What a start of the app builds for one network; transactions are followed when told to."""
    network = Network(**{**job.network, "nodes": tuple(job.network["nodes"])})
    nodes = Nodes(network.chain_id, network.nodes, try_s=20.0, requests_a_minute=1_000_000)
    chain = Chain(nodes)
    folder = Path(job.folder)
    journal = Journal(folder / "transactions.db")
    book = Book(folder / "sessions.db", network.chain_id)
    wallet = Wallet(folder)
    wallet.borrow(bytes.fromhex(job.key[2:]))
    await journal.open()
    await book.open()
    manager = TxManager(chain, network, journal, wallet.signer)
    follower, tasks = Follower(chain, network, journal, manager), Tasks()
    provider = ToyProvider(Account(bytes.fromhex(PROVIDER.key[2:])), network.chain_id)
    market = Marketplace(chain, network)
    sessions = Sessions(
        market, manager, book, wallet, provider, MarketConfig, folder / "rating.json"
    )
    await sessions.start(watching=False)

    async def settled() -> None:
        while any(r.is_open for r in await journal.list(network.chain_id)):
            await asyncio.sleep(0.01)

    try:
        async with asyncio.timeout(HANG_S):
            yield sessions, lambda: tasks.spawn("follow", follower.run()), settled
    finally:
        await sessions.stop()
        await tasks.close()
        await journal.close()
        await book.close()
        await nodes.close()


if __name__ == "__main__":
    serve(Job, run)
