"""What a first session needs."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from router.chain.fees import current_fees
from router.chain.session_cost import GAS, SAMPLE, session_cost, stake_for, stipend_for
from tests.support.stake_model import DAY, MOR, Model
from tests.support.world import PRICE, START, world

AT = START + 36_000


@given(st.integers(10**10, 10**19), st.integers(300, 7 * DAY - 1), st.integers(0, 10**6 * MOR))
def test_the_stake_buys_what_was_asked_for(price: int, seconds: int, claimed: int) -> None:
    stake = Model(claimed).stake_for(stipend_for(price, seconds), AT)
    granted = Model(claimed).seconds_for(stake, price, AT)
    assert seconds <= granted <= seconds + 7
    # Providers may be paid half a MOR meanwhile, and nobody gets less than was asked for.
    assert Model(claimed + MOR // 2).seconds_for(stake, price, AT) >= seconds


def test_the_shortest_session_stands_a_great_payment_in_between() -> None:
    """A second less would be refused by the contract, so that its gas would be lost."""
    stake = Model().stake_for(stipend_for(PRICE, 300), AT)
    assert Model(1000 * MOR).seconds_for(stake, PRICE, AT) == 300


def test_the_first_layer_is_asked_about_bytes_that_cost_something() -> None:
    assert len(zlib.compress(SAMPLE)) >= len(SAMPLE)


async def test_the_cheapest_provider_and_the_fees_of_now() -> None:
    async with world("embedded", "day-lock") as here:

        async def stake(price: int) -> int:
            head = await here.chain.head()
            return Model().stake_for(stipend_for(price, 3600), head.timestamp)

        terms = await here.market.terms()
        assert (await session_cost(here.market, 3600)).mor == await stake(terms.lowest_price)
        await here.offer("provider", PRICE * 3)
        await here.offer("second", PRICE * 2)
        cost = await session_cost(here.market, 3600)
        assert cost.mor == await stake(PRICE * 2)
        head = await here.chain.head()
        supply, budget = await here.market.supply_and_budget(head.timestamp)
        assert cost.mor == stake_for(PRICE * 2, 3600, supply, budget)
        assert cost.eth == GAS * (await current_fees(here.chain)).normal.most
