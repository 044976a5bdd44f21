"""Endings against a second model of the contract; the chain itself is in integration/test_quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.chain.records import Provider
from router.consumer.endings import (
    DAY,
    Deal,
    after_midnight,
    closing_previews,
    day_of,
    ending,
    held,
)
from router.consumer.records import Ending, Rule
from router.errors import NotFound
from tests.support.stake_model import MOR, Model, close
from tests.support.world import PRICE, START, world

RULES: tuple[Rule, ...] = ("day-lock", "snapshot")
MORNING = START + 36_000
RICH = Provider("0x" + "11" * 20, "", 10**30, 1, START + 365 * DAY, 0, False)


def deal(
    opened: int,
    seconds: int,
    *,
    direct: bool = False,
    withdrawn: int = 0,
    provider: Provider = RICH,
) -> Deal:
    stake = Model().stake_for(PRICE * (seconds + 1), opened)
    return Deal(stake, PRICE, opened, opened + seconds, direct, withdrawn, provider)


def ended(one: Deal, at: int, rule: Rule, *, ours: bool = False) -> Ending:
    stipend, day = held(one, at, rule)
    return ending(one, at, rule, Model().stake_for(stipend, day), ours=ours)


@given(
    st.integers(START, START + 3 * DAY), st.integers(300, 7 * DAY), st.integers(0, 9 * DAY),
    st.booleans(), st.booleans(), st.sampled_from(RULES),
)  # fmt: skip
def test_as_the_second_model_says(
    opened: int, seconds: int, after: int, direct: bool, ours: bool, rule: Rule
) -> None:
    one = deal(opened, seconds, direct=direct)
    found = ended(one, opened + after, rule, ours=ours)
    wanted = close(
        Model(), stake=one.stake, price=PRICE, opened=opened, ends=one.ends_at,
        closed=opened + after, direct=direct, dispute=ours, day_lock=rule == "day-lock",
    )  # fmt: skip
    assert (found.at_once, found.on_hold, found.provider) == (
        wanted.user, wanted.held, wanted.provider,
    )  # fmt: skip
    assert found.release_at == (wanted.release_at if wanted.held else 0)
    assert found.at_once + found.on_hold + found.spent == one.stake


def test_the_natural_end_is_where_the_rules_differ() -> None:
    one = deal(MORNING, 3600)
    locked, free = (ended(one, one.ends_at, rule) for rule in RULES)
    # The stake is for a second more than lasts, and only that comes back at once.
    assert (locked.way, locked.release_at, locked.transactions) == ("natural", START + DAY, 2)
    assert locked.at_once < one.stake // 3000
    assert (free.at_once, free.on_hold, free.release_at) == (one.stake, 0, 0)
    assert free.transactions == 1
    for rule in RULES:
        later = ended(one, after_midnight(one.ends_at), rule)
        assert (later.way, later.at_once, later.transactions) == ("after_midnight", one.stake, 1)


@pytest.mark.parametrize("rule", RULES)
def test_the_second_of_midnight(rule: Rule) -> None:
    one = deal(MORNING, 3600)
    midnight = day_of(one.ends_at) + DAY
    assert ended(one, midnight - 1, rule).way == "natural"
    assert ended(one, midnight, rule).way == "after_midnight"
    assert ended(one, midnight, rule).on_hold == 0
    assert ended(one, one.ends_at - 1, rule).way == "now"
    assert after_midnight(one.ends_at) > midnight
    assert after_midnight(midnight) == midnight + DAY + 60, "an end at midnight is of the new day"


def test_what_the_provider_may_still_be_paid() -> None:
    poor = Provider("0x" + "11" * 20, "", MOR, 1, MORNING + 900, MOR - 7, False)
    one = deal(MORNING, 3600, provider=poor)
    assert ended(one, MORNING + 600, "day-lock").provider == 7
    over = ended(one, MORNING + 901, "day-lock")
    assert over.provider == 901 * PRICE, "a new period begins with nothing earned"
    direct = ended(deal(MORNING, 3600, direct=True, provider=poor), MORNING + 600, "day-lock")
    assert (direct.spent, direct.provider) == (600 * PRICE, 7), "the user pays in full all the same"


def test_what_the_provider_has_taken_is_not_paid_again() -> None:
    one = deal(MORNING, 3600, withdrawn=3600 * PRICE)
    assert ended(one, one.ends_at + 60, "day-lock").provider == 0


async def test_a_live_session_now_and_later() -> None:
    async with world("embedded", "day-lock") as here:
        bid = await here.offer(stake=100 * MOR)
        await here.give("user", 1000 * MOR)
        session = await here.session(await here.open(bid, 12 * MOR, MORNING))
        await here.mine_at(MORNING + 600)
        (now,) = await closing_previews(here.market, session, "day-lock")
        assert (now.at, now.way, now.provider) == (MORNING + 600, "now", 600 * PRICE)
        moments = (MORNING + 900, after_midnight(session.ends_at))
        early, late = await closing_previews(here.market, session, "day-lock", moments, ours=True)
        assert (early.provider, early.on_hold > now.on_hold) == (0, True)
        assert (late.at_once, late.provider) == (12 * MOR, (session.ends_at - MORNING) * PRICE)


async def test_a_session_that_the_network_does_not_know() -> None:
    async with world("embedded", "day-lock") as here:
        bid = await here.offer(stake=100 * MOR)
        await here.give("user", 1000 * MOR)
        before = await here.rpc("evm_snapshot")
        session = await here.session(await here.open(bid, 12 * MOR, MORNING))
        await here.rpc("evm_revert", before)
        with pytest.raises(NotFound, match="does not know this session"):
            await closing_previews(here.market, session, "day-lock")
