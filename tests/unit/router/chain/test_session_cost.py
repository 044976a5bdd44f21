"""What a first session needs."""

from hypothesis import given
from hypothesis import strategies as st

from router.chain.fees import current_fees
from router.chain.session_cost import GAS, session_cost, stake_for
from tests.support.world import PRICE, world

BIG = st.integers(min_value=1, max_value=2**120)


@given(BIG, st.integers(1, 10**7), BIG, BIG)
def test_the_stake_is_rounded_up_and_never_too_small(price, seconds, supply, budget):
    stake = stake_for(price, seconds, supply, budget)
    assert stake * budget >= price * seconds * supply > (stake - 1) * budget


def test_without_a_budget_nothing_can_be_staked():
    assert stake_for(1, 1, 1, 0) == 0


async def test_the_cheapest_provider_and_the_fees_of_now():
    async with world("embedded", "day-lock") as here:
        terms = await here.market.terms()
        empty = await session_cost(here.market, 3600)
        head = await here.chain.head()
        supply, budget = await here.market.supply_and_budget(head.timestamp)
        assert empty.mor == stake_for(terms.lowest_price, 3600, supply, budget)
        await here.offer("provider", PRICE * 3)
        await here.offer("second", PRICE * 2)
        head = await here.chain.head()
        supply, budget = await here.market.supply_and_budget(head.timestamp)
        cost = await session_cost(here.market, 3600)
        assert cost.mor == stake_for(PRICE * 2, 3600, supply, budget)
        assert cost.eth == GAS * (await current_fees(here.chain)).normal.most
