"""Quotes at their edges. That they come true is in integration/test_quotes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from router.chain.client import Chain
from router.chain.marketplace import Marketplace
from router.consumer.quotes import is_worse, quote
from router.consumer.records import Quote
from router.consumer.rules import Rules
from router.devnet.deploy import FUNDS
from router.errors import BadRequest, NotFound
from tests.support.quoted import PROVIDER
from tests.support.rule_memory import RuleMemory
from tests.support.stake_model import DAY, MOR
from tests.support.world import PRICE, START, World, world

MORNING = START + 36_000


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


@pytest.fixture
async def bid(here: World) -> str:
    found = await here.offer(stake=100 * MOR)
    await here.mine_at(MORNING)
    return "0x" + found.hex()


async def quoted(
    here: World, bid: str, seconds: int = 3600, market: Marketplace | None = None, **options: Any
) -> Quote:
    market = market or here.market
    rules = Rules(market, RuleMemory())
    user = here.account("newcomer").address
    return await quote(market, user, bid, seconds, rules=rules, **options)


async def test_somebody_without_anything_sees_what_is_missing(here: World, bid: str) -> None:
    shown = await quoted(here, bid)
    assert (shown.balance, shown.coin, shown.permission) == (0, 0, 0)
    assert shown.needs_permission
    assert shown.amount > 11 * MOR
    assert shown.granted_s >= 3600
    assert (shown.model.name, shown.provider.endpoint) == ("Model", "127.0.0.1:3333")
    assert (shown.timestamp, shown.ends_at) == (MORNING, MORNING + shown.granted_s)
    assert (shown.earns_at_most, shown.funding) == (100 * MOR, FUNDS)
    assert (shown.rule, shown.rule_known) == ("day-lock", False)


async def test_ways_to_end_staked_and_direct(here: World, bid: str) -> None:
    shown = await quoted(here, bid)
    early, natural, late = shown.endings
    assert [each.way for each in shown.endings] == ["now", "natural", "after_midnight"]
    assert (early.at, natural.at) == (MORNING + 1800, shown.ends_at)
    assert late.at == START + DAY + 60
    assert (late.at_once, late.on_hold, late.spent) == (shown.amount, 0, 0)
    assert natural.provider == shown.cost == shown.granted_s * PRICE
    direct = await quoted(here, bid, is_direct=True)
    assert direct.amount == shown.amount, "as much is set aside; only the price is spent"
    assert direct.endings[2].at_once == shown.amount - shown.cost
    assert [each.spent for each in direct.endings] == [1800 * PRICE, shown.cost, shown.cost]


async def test_the_shortest_and_the_longest(here: World, bid: str) -> None:
    with pytest.raises(BadRequest, match="at least 5 minutes") as caught:
        await quoted(here, bid, 299)
    assert caught.value.param == "seconds"
    shortest = await quoted(here, bid, 300)
    assert 300 <= shortest.granted_s <= 301
    assert not shortest.is_cut
    longest = await quoted(here, bid, 8 * DAY)
    assert (longest.granted_s, longest.is_cut) == (7 * DAY, True)
    exactly = await quoted(here, bid, 7 * DAY)
    assert (exactly.granted_s, exactly.is_cut) == (7 * DAY, False)
    assert longest.amount == exactly.amount, "no more is staked than lasts seven days"


async def test_bids_that_are_gone_or_never_were(here: World, bid: str) -> None:
    with pytest.raises(NotFound, match="no longer offered"):
        await quoted(here, "0x" + "12" * 32)
    for wrong in ("", "0x12", "bid"):
        with pytest.raises(BadRequest, match="not the id of a bid"):
            await quoted(here, wrong)
    await here.call("provider", "deleteModelBid", bytes.fromhex(bid[2:]))
    with pytest.raises(NotFound, match="no longer offered") as caught:
        await quoted(here, bid)
    assert caught.value.safe
    assert caught.value.hint


async def test_permission_and_who_pays_providers(here: World, bid: str) -> None:
    before = await quoted(here, bid)
    await here.give("newcomer", 20 * MOR)
    await here.token("funding", "approve", here.network.diamond, 7)
    shown = await quoted(here, bid)
    assert not shown.needs_permission
    assert (shown.balance, shown.funding) == (20 * MOR, 7)
    assert shown.network_fee < before.network_fee
    assert shown.closing_fee > shown.network_fee


class Counting(Chain):
    """Notes at which block calls are read."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.nodes)
        self.blocks: list[object] = []

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        self.blocks.append(options["at"])
        return await super().call(to, data, **options)


async def test_all_of_one_block(here: World, bid: str) -> None:
    chain, memory = Counting(here.chain), RuleMemory()
    market = Marketplace(chain, here.network)
    rules = Rules(market, memory)
    (facet,) = (await market.many.read([rules.facet])).values
    memory.kept["demo"] = f"snapshot {facet}"
    chain.blocks.clear()
    shown = await quote(market, here.account("newcomer").address, bid, 3600, rules=rules)
    assert chain.blocks == ["latest", *[shown.block] * 3]
    assert (shown.rule, shown.rule_known) == ("snapshot", True)


async def test_when_the_user_is_asked_again(here: World, bid: str) -> None:
    old = await quoted(here, bid)
    assert not is_worse(old, old)
    assert not is_worse(old, replace(old, amount=old.amount * 101 // 100))
    assert is_worse(old, replace(old, amount=old.amount * 101 // 100 + 1))
    assert not is_worse(old, replace(old, amount=1, granted_s=3600))
    assert is_worse(old, replace(old, granted_s=3599))
    assert is_worse(old, replace(old, bid=replace(old.bid, price_per_second=PRICE - 1)))
    assert is_worse(old, replace(old, bid=replace(old.bid, id="0x" + "12" * 32)))
    assert is_worse(old, replace(old, is_direct=True))
    assert is_worse(replace(old, rule="snapshot"), old)
    assert not is_worse(old, replace(old, rule="snapshot"))
    assert is_worse(old, replace(old, chain_id=8453))
    assert is_worse(old, replace(old, user=PROVIDER))


async def test_a_day_later_is_asked_again(here: World, bid: str) -> None:
    """Shown ten minutes before midnight, confirmed after it: what is held, is held a day more."""
    midnight = START + DAY
    await here.mine_at(midnight - 600)
    shown = await quoted(here, bid, 300)
    assert {ending.release_at for ending in shown.endings if ending.on_hold} == {midnight}
    await here.mine_at(midnight - 310)
    assert not is_worse(shown, await quoted(here, bid, 300))
    await here.mine_at(midnight + 5)
    after = await quoted(here, bid, 300)
    assert {ending.release_at for ending in after.endings if ending.on_hold} == {midnight + DAY}
    assert is_worse(shown, after)
    assert is_worse(replace(shown, endings=()), after), "what is held was not shown at all"
    assert not is_worse(after, replace(after, endings=()))


async def test_who_pays_providers_no_longer_can(here: World, bid: str) -> None:
    """Closing would have to wait for him, so it is asked before it is opened."""
    shown = await quoted(here, bid)
    await here.token("funding", "approve", here.network.diamond, shown.cost - 1)
    now = await quoted(here, bid)
    assert is_worse(shown, now)
    assert not is_worse(now, now), "that was shown"
    assert not is_worse(replace(shown, is_direct=True), replace(now, is_direct=True))
