"""Which closing rule applies: tried out, remembered, or the careful guess. anvil: test_quotes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.chain.client import Chain
from router.chain.marketplace import Marketplace
from router.chain.nodes import RpcError
from router.consumer.records import Rule
from router.consumer.rules import Applied, Rules
from tests.support.edges import model_of
from tests.support.rule_memory import RuleMemory
from tests.support.stake_model import DAY, MOR
from tests.support.world import START, World, world

MORNING = START + 36_000
CAREFUL = Applied("day-lock", is_known=False)


@pytest.fixture(params=["day-lock", "snapshot"])
def rule(request: pytest.FixtureRequest) -> Rule:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def here(rule: Rule) -> AsyncIterator[World]:
    async with world("embedded", rule) as made:
        await made.give("user", 1000 * MOR)
        yield made


@pytest.fixture
async def bid(here: World) -> bytes:
    return await here.offer(stake=100 * MOR)


@pytest.fixture
async def model(here: World, bid: bytes) -> str:
    return "0x" + (await model_of(here, bid)).hex()


class Plain(Chain):
    """A node that takes a call and a block and nothing more."""

    imagined = 0

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        if options.get("codes"):
            self.imagined += 1
            raise RpcError(-32602, "too many arguments, want at most 2")
        return await super().call(to, data, **options)


def plain(here: World) -> Marketplace:
    return Marketplace(Plain(here.nodes), here.network)


async def facet_of(rules: Rules, market: Marketplace) -> str:
    (facet,) = (await market.many.read([rules.facet])).values
    return str(facet)


async def test_nothing_to_go_by_is_the_careful_rule(here: World, model: str) -> None:
    rules = Rules(here.market, RuleMemory())
    assert await rules.current("0xfacet", model) == CAREFUL


async def test_tried_out_with_anybodys_session(
    here: World, rule: Rule, bid: bytes, model: str
) -> None:
    """Also one that ended long ago and was never closed; it is remembered from then on."""
    key = await here.open(bid, 12 * MOR, MORNING)
    await here.mine_at(MORNING + 5 * DAY)
    memory = RuleMemory()
    rules = Rules(here.market, memory)
    facet = await facet_of(rules, here.market)
    assert await rules.current(facet, model) == Applied(rule, is_known=True)
    assert (await here.session(key)).is_active, "it was only imagined"
    for later in (Rules(plain(here), memory), rules):
        assert await later.current(facet, model) == Applied(rule, is_known=True)
    assert await Rules(plain(here), memory).current("0xother", model) == CAREFUL


async def test_sessions_that_would_not_tell(here: World, bid: bytes, model: str) -> None:
    """Direct ones, closed ones, and those whose closing fails because nobody pays providers."""
    await here.open(bid, 12 * MOR, MORNING, direct=True)
    closed = await here.open(bid, 12 * MOR, MORNING + 10)
    await here.close(closed, MORNING + 900)
    rules = Rules(here.market, RuleMemory())
    assert await rules.current("0xfacet", model) == CAREFUL
    await here.open(bid, 12 * MOR, MORNING + 1000)
    await here.token("funding", "approve", here.network.diamond, 0)
    assert await rules.current("0xfacet", model) == CAREFUL


async def test_a_node_that_cannot_imagine_is_asked_once(
    here: World, bid: bytes, model: str
) -> None:
    await here.open(bid, 12 * MOR, MORNING)
    market = plain(here)
    rules = Rules(market, RuleMemory())
    for _ in range(2):
        assert await rules.current("0xfacet", model) == CAREFUL
    assert isinstance(market.chain, Plain)
    assert market.chain.imagined == 1


async def test_learned_from_what_a_closing_gave(
    here: World, rule: Rule, bid: bytes, model: str
) -> None:
    memory = RuleMemory()
    rules = Rules(plain(here), memory)

    async def close(opened: int, after: int, *, direct: bool = False) -> None:
        key = await here.open(bid, 12 * MOR, opened, direct=direct)
        receipt = await here.close(key, opened + after)
        await rules.learn(await here.session(key), receipt)

    await close(MORNING, 900)  # early
    await close(MORNING + 1000, 4000, direct=True)
    await close(MORNING + 6000, DAY)  # after midnight
    assert memory.kept == {}, "these give the same under both rules"
    await close(START + 3 * DAY + 36_000, 4000)
    facet = await facet_of(rules, here.market)
    assert await rules.current(facet, model) == Applied(rule, is_known=True)
