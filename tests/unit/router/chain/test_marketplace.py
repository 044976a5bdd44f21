"""Reading the marketplace: all of it, at one block, and no less than it says there is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.chain import marketplace
from router.chain.client import Chain
from router.chain.codec import NotOffered
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.nodes import Nodes
from router.chain.records import Session
from router.devnet.accounts import PROVIDER, USER
from tests.support.fault_rpc import FaultRpc, fault_rpc
from tests.support.stake_model import MOR, Model
from tests.support.world import PRICE, START, World, world

pytestmark = pytest.mark.slow

T = START + 10 * 3600


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


@pytest.fixture
async def node(here: World) -> AsyncIterator[FaultRpc]:
    async with fault_rpc(here.url) as made:
        yield made


@pytest.fixture
async def market(here: World, node: FaultRpc) -> AsyncIterator[Marketplace]:
    nodes = Nodes(1337, [node.url])
    yield Marketplace(Chain(nodes), here.network)
    await nodes.close()


async def open_sessions(here: World, count: int) -> int:
    """So many sessions of the user; the stake of each."""
    bid = await here.offer(stake=100 * MOR)
    await here.give("user", 1000 * MOR)
    stake = Model().stake_for(3600 * PRICE, T)
    for number in range(count):
        await here.open(bid, stake, T + number)
    return stake


async def test_everything_of_an_account(
    here: World, node: FaultRpc, market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marketplace, "PAGE", 2)  # so that three sessions are two pages
    stake = await open_sessions(here, 3)
    account = await market.account(USER.address)
    assert len(account.sessions) == 3
    assert account.in_sessions == 3 * stake
    assert account.total == 1000 * MOR == account.mor + 3 * stake
    assert (account.block, account.on_hold) == ((await here.chain.head()).number, 0)
    assert account.eth == await here.chain.balance(USER.address)
    first = account.sessions[0]
    await here.close(bytes.fromhex(first.id[2:]), T + 600)
    after = await market.account(USER.address)
    assert after.total == 1000 * MOR
    assert (after.in_sessions, after.on_hold > 0) == (2 * stake, True)
    node.asked.clear()
    monkeypatch.setattr(marketplace, "PAGE", 500)
    await market.account(USER.address)
    assert node.asked.count("eth_call") == 2, "balances and list, then the sessions"


async def test_an_account_that_has_nothing(market: Marketplace) -> None:
    account = await market.account("0x" + "12" * 20)
    assert (account.total, account.eth, account.sessions) == (0, 0, ())


async def test_the_market(here: World, node: FaultRpc, market: Marketplace) -> None:
    bid = await here.offer(stake=100 * MOR)
    node.asked.clear()
    found = await market.market()
    (model,) = found.models
    (offer,) = found.offers[model.id]
    assert (offer.bid.id, offer.bid.provider) == ("0x" + bid.hex(), PROVIDER.address)
    assert offer.bid.is_active
    assert offer.stats.total_count == 0
    assert found.providers.keys() == {PROVIDER.address}
    assert node.asked.count("eth_call") == 5
    await here.call("provider", "deleteModelBid", bid)
    assert (await market.market()).offers == {}


class Lying(Chain):
    """A node that lies about one function."""

    def __init__(self, chain: Chain, name: str, value: Any) -> None:
        super().__init__(chain.nodes, chain.url)
        self._selector, self._value = DIAMOND[name].selector, value

    async def read(self, to: str, function: Any, *arguments: Any, at: Any = "latest") -> Any:
        if function.selector == self._selector:
            return self._value
        return await super().read(to, function, *arguments, at=at)


@pytest.mark.parametrize(("page", "words"), [([], "getUserSessions"), ([b"\1" * 32], "getSession")])
async def test_sessions_that_are_missing_are_said(
    here: World, monkeypatch: pytest.MonkeyPatch, page: list[bytes], words: str
) -> None:
    """Their MOR would be missing from what is shown."""
    monkeypatch.setattr(marketplace, "PAGE", 2)
    await open_sessions(here, 3)
    chain = Lying(here.chain, "getUserSessions", (page, 3))
    with pytest.raises(NotOffered, match=words):
        await Marketplace(chain, here.network).account(USER.address)


async def test_a_list_that_never_ends(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marketplace, "MOST_IDS", 50)
    chain = Lying(here.chain, "getModelIds", ([b"\1" * 32] * 10, 10**9))
    with pytest.raises(NotOffered, match="getModelIds"):
        await Marketplace(chain, here.network)._all_pages(([], 10**9), "getModelIds", (), 0)


@pytest.mark.parametrize("at", [6, 7, 8])
def test_a_session_of_a_time_that_is_none(at: int) -> None:
    """Nothing that shows dates could show it."""
    value = [USER.address, b"\1" * 32, 1, b"", 0, 0, 5, 6, 7, True, False]
    found = Session.from_abi("0x", value)
    assert found is not None
    assert (found.opened_at, found.ends_at, found.closed_at) == (5, 6, 7)
    value[at] = 10**12
    with pytest.raises(NotOffered):
        Session.from_abi("0x", value)
