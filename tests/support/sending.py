"""Everything that sends transactions, over faulty nodes in front of a chain of a test."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from router.chain.client import Chain
from router.chain.follow import Follower
from router.chain.journal import Journal, TxRecord
from router.chain.nodes import Nodes
from router.chain.preparing import Intent
from router.chain.token import TOKEN
from router.chain.tx import TxManager
from router.errors import MorpheusError
from router.networks import Network
from router.wallet.account import Account
from tests.support.fault_rpc import FaultRpc, fault_rpc
from tests.support.world import World

STRANGER = "0x" + "12" * 20
TRY_S = 30.0
# Where a node says nothing and another has to answer in this time; less where none does.
HASTY_S, NO_TIME_S = 3.0, 0.05


class Clock:
    """Time that passes by itself, and further when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Sending:
    """One user's transactions. `faults` are the nodes, of which the first is preferred."""

    world: World
    network: Network
    account: Account
    faults: list[FaultRpc]
    clock: Clock
    nodes: Nodes
    chain: Chain
    journal: Journal
    manager: TxManager
    follower: Follower

    @property
    def address(self) -> str:
        return self.account.address

    def transfer(self, amount: int = 5, *, key: str = "") -> Intent:
        data = TOKEN["transfer"].encode(STRANGER, amount)
        return Intent(self.network.token, data=data, purpose="Send", key=key)

    async def submit(self, intent: Intent | None = None) -> TxRecord:
        """Send, also when the same is still on the way."""
        return await self.manager.submit(intent or self.transfer(), self.address, accept_twin=True)

    async def look(self, times: int = 1) -> None:
        await self.world.caught_up()
        for _ in range(times):
            await self.follower.look()

    async def record(self, tx_id: int) -> TxRecord:
        return await self.journal.get(tx_id)

    async def all(self) -> list[TxRecord]:
        return await self.journal.list(self.network.chain_id)

    async def received(self) -> int:
        """MOR that arrived at the stranger, asked of the chain itself."""
        await self.world.caught_up()
        return int(await self.world.chain.read(self.network.token, TOKEN["balanceOf"], STRANGER))

    async def sent(self) -> int:
        """Transactions of the account in blocks, asked of the chain itself."""
        await self.world.caught_up()
        return await self.world.chain.nonce(self.address)

    def forget(self) -> None:
        """Let resting nodes be asked again."""
        for state in self.nodes.states:
            self.nodes._set(state.url, rests_until=0.0, phase="ready")


def has_parts(problem: MorpheusError) -> bool:
    """What happened, what is safe, what to do."""
    return bool(problem.message.endswith(".") and problem.safe and problem.hint)


@asynccontextmanager
async def sending(
    world: World, *, nodes: int = 1, journal: Journal | None = None, network: Network | None = None
) -> AsyncIterator[Sending]:
    """The user of a world, with so many faulty nodes before its chain; with none, straight at it."""
    network = network or world.network
    account = world.account("user")
    clock = Clock()
    async with AsyncExitStack() as stack:
        faults = [await stack.enter_async_context(fault_rpc(world.url)) for _ in range(nodes)]
        urls = [fault.url for fault in faults] or [world.url]
        made = Nodes(network.chain_id, urls, try_s=TRY_S, requests_a_minute=1_000_000)
        stack.push_async_callback(made.close)
        if journal is None:
            journal = Journal(None, clock)
            await journal.open()
            stack.push_async_callback(journal.close)
        chain = Chain(made)
        manager = TxManager(chain, network, journal, lambda: account, clock)
        follower = Follower(chain, network, journal, manager, clock=clock)
        yield Sending(
            world, network, account, faults, clock, made, chain, journal, manager, follower
        )
