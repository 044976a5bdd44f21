"""The marketplace of the demo network through the app's own client, held against a second model.

The figures of `TABLE` were measured on the deployed contracts; see docs/decisions on the demo
network. Both closing rules, on our chain and on anvil.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.devnet.deploy import Rule
from tests.support.stake_model import DAY, MOR, Model, Outcome, close, day_of
from tests.support.world import PRICE, START, World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

HOUR = 3600
MORNING = 10 * HOUR


@pytest.fixture(params=["day-lock", "snapshot"])
def rule(request: pytest.FixtureRequest) -> Rule:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def here(kind: str, rule: Rule) -> AsyncIterator[World]:
    async with world(kind, rule) as made:
        yield made


class Story:
    """Sessions one after the other, each checked to the wei against the model."""

    def __init__(self, here: World, rule: Rule, bid: bytes) -> None:
        self.here = here
        self.model = Model()
        self.bid = bid
        self.day_lock = rule == "day-lock"

    async def run(
        self, opened: int, closed: int, *, direct: bool = False, dispute: bool = False
    ) -> tuple[int, Outcome]:
        """Open for 3,600 seconds' stake, close, compare every balance; stake and outcome."""
        here, model = self.here, self.model
        stake = model.stake_for(HOUR * PRICE, opened)
        before = {name: await here.mor(name) for name in ("user", "provider", "funding")}
        session = await here.open(self.bid, stake, opened, direct=direct)
        record = await here.session(session)
        ends = opened + model.seconds_for(stake, PRICE, opened)
        assert (record.opened_at, record.ends_at, record.stake) == (opened, ends, stake)
        _, held_before = await self._holds_at(closed - 1)
        await here.close(session, closed, signer="user" if dispute else "provider")
        wanted = close(
            model, stake=stake, price=PRICE, opened=opened, ends=ends, closed=closed,
            direct=direct, dispute=dispute, day_lock=self.day_lock,
        )  # fmt: skip
        model.claimed += wanted.provider
        user, provider, funding = [await here.mor(name) for name in before]
        assert user - before["user"] == wanted.user - stake
        assert provider - before["provider"] == wanted.provider
        assert before["funding"] - funding == (0 if direct else wanted.provider)
        assert (await here.holds())[1] == held_before + wanted.held
        assert await here.market.value("getProvidersTotalClaimed") == model.claimed
        record = await here.session(session)
        assert (record.closed_at, record.closeout_type) == (closed, int(dispute))
        if wanted.later:
            await here.mine_at(day_of(closed) + DAY)
            await here.call("provider", "claimForProvider", session)
            model.claimed += wanted.later
            assert await here.mor("provider") - provider == wanted.later
        return stake, wanted

    async def _holds_at(self, timestamp: int) -> tuple[int, int]:
        """What is on hold when the close comes, and not what still was at the block before."""
        head = await self.here.chain.head()
        if timestamp > head.timestamp:
            await self.here.mine_at(timestamp)
        return await self.here.holds()


# Measured on the deployed contracts, in MOR to nine decimals: stake, at once, on hold, provider,
# provider later.
TABLE = {
    "A": (11.400000000, {"day-lock": (0, 11.400000000), "snapshot": (11.4, 0)}, 0.036, 0),
    "B": (11.400000234, (7.600000156, 3.800000078), 0.012, 0),
    "C": (11.400000312, (7.600000208, 3.800000104), 0, 0.012),
    "D": (11.400000389, (10.450000356, 0.950000032), 0.009, 0),
    "E": (
        11.400000445,
        {"day-lock": (1.903166741, 9.496833704), "snapshot": (11.400000445, 0)},
        0.035990,
        0,
    ),
    "F": (11.400000675, (11.400000675, 0), 0.035990, 0),
    "G": (
        11.400000903,
        {"day-lock": (0, 11.364010903), "snapshot": (11.364010903, 0)},
        0.035990,
        0,
    ),
    "H": (11.400001130, (7.588000754, 3.800000377), 0.012, 0),
    "I": (11.400001204, (7.588000803, 3.800000401), 0, 0.012),
}


async def test_the_worked_table(here: World, rule: Rule) -> None:
    """Nine kinds of endings in a row; every figure to the wei, and as it was measured."""
    bid = await here.offer(stake=100 * MOR)
    await here.give("user", 10_000 * MOR)
    story = Story(here, rule, bid)
    day = [START + number * DAY for number in range(16)]
    late, early = 23 * HOUR + 50 * 60, MORNING + 1200
    runs: dict[str, tuple[int, int, dict[str, Any]]] = {
        "A": (day[0] + MORNING, day[0] + 11 * HOUR + 60, {}),
        "B": (day[1] + MORNING, day[1] + early, {}),
        "C": (day[2] + MORNING, day[2] + early, {"dispute": True}),
        "D": (day[4] + late, day[5] + 300, {}),
        "E": (day[6] + late, day[7] + 51 * 60, {}),
        "F": (day[8] + MORNING, day[9] + 60, {}),
        "G": (day[10] + MORNING, day[10] + 11 * HOUR + 60, {"direct": True}),
        "H": (day[12] + MORNING, day[12] + early, {"direct": True}),
        "I": (day[13] + MORNING, day[13] + early, {"direct": True, "dispute": True}),
    }
    for name, (opened, closed, how) in runs.items():
        stake, outcome = await story.run(opened, closed, **how)
        wanted_stake, shares, provider, later = TABLE[name]
        at_once, held = shares[rule] if isinstance(shares, dict) else shares
        figures = (stake, outcome.user, outcome.held, outcome.provider, outcome.later)
        measured = (wanted_stake, at_once, held, provider, later)
        for figure, value in zip(figures, measured, strict=True):
            # The days differ from those of the measurement, which moves the ninth decimal.
            assert figure / MOR == pytest.approx(value, abs=1e-8), name


async def test_to_the_wei_as_it_was_measured(here: World, rule: Rule) -> None:
    """The one session of which all digits are known: 17 January 2026, after one was paid."""
    bid = await here.offer(stake=100 * MOR)
    await here.give("user", 1_000 * MOR)
    story = Story(here, rule, bid)
    await story.run(START + MORNING, START + 11 * HOUR + 60)
    opened = START + DAY + MORNING
    stake, outcome = await story.run(opened, opened + 1200)
    assert stake == 11_400_000_234_776_301_907
    assert outcome.held == 3_800_000_078_258_767_302
