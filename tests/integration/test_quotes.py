"""What was shown before signing is what happens: 300 random sessions, to the wei and the second.

Each is quoted at a block, which is then taken back, and opened in a block of the same time on the
same state; likewise its closing. So nothing is left to tolerance. A few of them on anvil too.
"""

import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from router.chain.marketplace import DIAMOND
from router.chain.nodes import RpcError
from router.chain.records import Session, as_hex
from router.chain.token import balance_of
from router.consumer.endings import after_midnight, closing_previews
from router.consumer.quotes import quote
from router.consumer.records import Ending, Quote
from router.consumer.rules import Rules
from router.devnet.deploy import Rule
from tests.support.rule_memory import RuleMemory
from tests.support.stake_model import DAY, MOR, day_of
from tests.support.world import PRICE, START, World, needs_anvil, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SESSIONS = {"embedded": 50, "anvil": 8}
BATCHES = {"embedded": 3, "anvil": 1}  # with both rules, 300 sessions on our chain
# Prices, and stakes of providers: the last is soon paid all that it may earn.
OFFERS = ((PRICE, 1_000 * MOR), (3 * PRICE, 100_000 * MOR), (100 * PRICE, 2 * MOR))
LENGTHS = (300, 301, 900, 3600, 12_345, DAY, 6 * DAY, 9 * DAY)
WAYS = ("example", "early", "at the end", "same day", "after midnight", "much later")


@pytest.fixture(params=["day-lock", "snapshot"])
def rule(request: pytest.FixtureRequest) -> Rule:
    return request.param  # type: ignore[no-any-return]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    runs = [
        pytest.param(kind, batch, marks=needs_anvil if kind == "anvil" else ())
        for kind, batches in BATCHES.items()
        for batch in range(batches)
    ]
    if "batch" in metafunc.fixturenames:
        metafunc.parametrize(("kind", "batch"), runs)


@dataclass(frozen=True)
class Plan:
    """One session: how it is opened and how it ends."""

    offer: int
    seconds: int
    opened: int
    is_direct: bool
    ours: bool
    way: str
    share: float
    claims: bool


def plan(dice: random.Random, day: int, number: int) -> Plan:
    """Any hour of the day, but a third of them around midnight."""
    second = dice.choice((dice.randrange(DAY), dice.randrange(DAY), DAY - dice.randrange(1, 2400)))
    return Plan(
        offer=number % len(OFFERS),
        seconds=dice.choice(LENGTHS),
        opened=day + second,
        is_direct=dice.random() < 0.4,
        ours=dice.random() < 0.4,
        way=dice.choice(WAYS),
        share=dice.random(),
        claims=dice.random() < 0.3,
    )


def closing_time(plan: Plan, shown: Quote) -> int:
    """When it is closed; three of the ways are those that the quote told of."""
    ends = shown.ends_at
    midnight = day_of(ends) + DAY
    return {
        "example": shown.endings[0].at,
        "early": shown.timestamp + 1 + int(plan.share * (shown.granted_s - 2)),
        "at the end": ends,
        "same day": ends + int(plan.share * (midnight - ends)),
        "after midnight": after_midnight(ends),
        "much later": midnight + int(plan.share * 3 * DAY),
    }[plan.way]


@asynccontextmanager
async def looking_ahead(here: World, at: int) -> AsyncIterator[None]:
    """The chain as it will be at a time, taken back afterwards."""
    snapshot = await here.rpc("evm_snapshot")
    await here.mine_at(at)
    yield
    assert await here.rpc("evm_revert", snapshot)


class Sessions:
    """One session after another on one chain, each held against what was shown of it."""

    def __init__(self, here: World, rules: Rules, bids: list[bytes]) -> None:
        self.here = here
        self.rules = rules
        self.bids = bids
        self.day = START + 2 * DAY
        self.seen: set[str] = set()

    async def run(self, dice: random.Random, number: int) -> None:
        one = plan(dice, self.day, number)
        provider, bid = f"provider {one.offer}", self.bids[one.offer]
        shown = await self.quoted(one)
        key = await self.here.open(
            bid, shown.amount, one.opened, direct=one.is_direct, signer=provider
        )
        session, had = await self.outcome(key, provider)
        assert shown.balance - had[0] == session.stake == shown.amount
        assert (session.opened_at, session.ends_at) == (shown.timestamp, shown.ends_at)
        assert shown.granted_s >= min(one.seconds, 7 * DAY)
        closed = closing_time(one, shown)
        claimed = one.claims and closed > session.ends_at
        if claimed:
            await self.here.at(session.ends_at)
            await self.here.call(provider, "claimForProvider", key)
            _, had = await self.outcome(key, provider)
        async with looking_ahead(self.here, closed):
            (preview,) = await closing_previews(
                self.here.market, session, shown.rule, ours=one.ours
            )
        if not claimed:
            compare(one, shown, preview)
        await self.here.close(key, closed, signer="user" if one.ours else provider)
        session, has = await self.outcome(key, provider)
        paid = 0 if one.is_direct else preview.provider
        wanted = (had[0] + preview.at_once, had[1] + preview.provider, had[2] - paid)
        assert has == wanted
        assert preview.at_once + preview.on_hold + preview.spent == session.stake
        assert (session.closed_at, session.closeout_type) == (closed, int(one.ours))
        if preview.on_hold:
            await self.released(preview, has[0])
        self.note(one, shown, preview, claimed=claimed)
        self.day = day_of(max(closed, preview.release_at)) + DAY

    async def quoted(self, one: Plan) -> Quote:
        user, bid = self.here.account("user").address, "0x" + self.bids[one.offer].hex()
        async with looking_ahead(self.here, one.opened):
            return await quote(
                self.here.market, user, bid, one.seconds, rules=self.rules, is_direct=one.is_direct
            )

    async def outcome(self, key: bytes, provider: str) -> tuple[Session, tuple[int, ...]]:
        """The session's record, and MOR of the user, its provider, and who pays providers."""
        market, token = self.here.market, self.here.network.token
        names = ("user", provider, "funding")
        reads = [balance_of(token, self.here.account(name).address) for name in names]
        record, *has = (await market.many.needed([market.read("getSession", key), *reads])).values
        session = Session.from_abi(as_hex(key), record)
        assert session is not None
        return session, tuple(has)

    async def released(self, preview: Ending, had: int) -> None:
        """What is on hold can be taken from the second on that was shown, and not before."""
        user = self.here.account("user").address
        take = DIAMOND["withdrawUserStakes"].encode(user, 255)
        with pytest.raises(RpcError):
            await self.here.chain.call(
                self.here.network.diamond, take, sender=user, timestamp=preview.release_at - 1
            )
        await self.here.at(preview.release_at)
        await self.here.call("user", "withdrawUserStakes", user, 255)
        assert await self.here.mor("user") == had + preview.on_hold

    def note(self, one: Plan, shown: Quote, preview: Ending, *, claimed: bool) -> None:
        """That all kinds came up is checked at the end."""
        earned = (min(preview.at, shown.ends_at) - shown.timestamp) * shown.bid.price_per_second
        kinds = {
            f"{preview.way} {preview.transactions}": True,
            "direct": one.is_direct,
            "disputed early": one.ours and preview.way == "now",
            "cut": shown.is_cut,
            "claimed": claimed,
            "capped": preview.provider < earned and not one.ours and not claimed,
        }
        self.seen |= {kind for kind, is_so in kinds.items() if is_so}


def compare(one: Plan, shown: Quote, preview: Ending) -> None:
    """What closing will give is what opening told, where it told of this moment."""
    told = {ending.at: ending for ending in shown.endings}.get(preview.at)
    assert told or one.way not in ("example", "at the end", "after midnight")
    if told and one.ours:  # the quote counts on the provider's report
        told = replace(told, provider=preview.provider)
    assert told in (None, preview)


KINDS = {"direct", "disputed early", "cut", "claimed", "capped", "now 2", "after_midnight 1"}


async def test_what_was_shown_is_what_happens(
    kind: str, rule: Rule, batch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world(kind, rule) as here:
        await here.give("user", 10**7 * MOR, eth=10**20)
        bids = [
            await here.offer(f"provider {number}", price, stake)
            for number, (price, stake) in enumerate(OFFERS)
        ]
        here.is_quick = True
        # A session of somebody else, which stays open: the rule is found out by it.
        await here.open(bids[0], 12 * MOR, START + DAY, signer="provider 0")
        sessions = Sessions(here, Rules(here.market, RuleMemory()), bids)
        dice = random.Random(f"{kind} {rule} {batch}")
        for number in range(SESSIONS[kind]):
            await sessions.run(dice, number)
        with capsys.disabled():
            sys.stdout.write(f"\n{SESSIONS[kind]} sessions as shown: {kind}, {rule}\n")
        if kind == "embedded":
            natural = "natural 2" if rule == "day-lock" else "natural 1"
            assert sessions.seen >= KINDS | {natural}
