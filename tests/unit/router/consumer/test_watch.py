"""The watcher: what is due by the chain's clock, what is put off, and what a claim may cost."""

from dataclasses import dataclass, field, replace

import pytest

from router.chain.fees import Fee
from router.chain.preparing import Intent, Prepared
from router.chain.records import Session
from router.chain.review import Decoded
from router.config import MarketConfig
from router.consumer.closings import Closing
from router.consumer.records import Ending, SessionView
from router.consumer.watch import (
    CLAIMED_S,
    FIRST_RETRY_S,
    LONGEST_PAUSE_S,
    WARN_S,
    Watch,
    at_most,
)
from router.errors import Busy, ChainUnavailable, TxFailed
from router.units import GWEI
from tests.support.quoted import fees_of

USER, SESSION = "0x" + "22" * 20, "0x" + "cd" * 32
ENDS = 10_000
ENDING = Ending("natural", ENDS, 1, 0, 0, 0, 0, 1)


def prepared(most: int = 2, tip: int = 0, *, unusual: bool = False) -> Prepared:
    fee = Fee(most, tip)
    fees = fees_of(fee, unusual=unusual)
    return Prepared(Intent(USER), 1337, USER, 0, 21_000, fee, 0, Decoded("", "", (), ()), fees, 1)


def view(phase="open", closed_at=0, close_at=ENDS) -> SessionView:
    session = Session(SESSION, USER, "0x", 1, b"", 0, 0, 1, ENDS, closed_at, True, False)
    return SessionView(session, None, None, "", phase, 1, 1, close_at)


@dataclass
class Closer:
    """Closes, or says why not."""

    problem: Exception | None = None
    unusual: bool = False
    tried: int = 0
    closed: int = 0

    async def prepare(self, view: SessionView) -> Closing:
        self.tried += 1
        if isinstance(self.problem, Busy | ChainUnavailable):
            raise self.problem
        ready = None if self.problem else prepared(unusual=self.unusual)
        return Closing(view, ENDING, "us", ready, self.problem)  # type: ignore[arg-type]

    async def close(self, closing: Closing) -> None:
        self.closed += 1


@dataclass
class Clock:
    """The time, of one node and of those that agree."""

    seconds: int = 0
    ahead: int = 0
    down: bool = False

    async def now(self) -> int:
        if self.down:
            raise ChainUnavailable("No node answered.")
        return self.seconds + self.ahead

    async def is_past(self, moment: int) -> bool:
        return self.seconds >= moment


@dataclass
class Bench:
    """What is watched, and the time."""

    clock: Clock = field(default_factory=Clock)
    views: tuple[SessionView, ...] = field(default_factory=lambda: (view(),))
    closings: Closer = field(default_factory=Closer)
    config: MarketConfig = field(default_factory=MarketConfig)
    claimable: int = 0
    claimer: str | None = "grant"
    is_behind: bool = False
    gas_price: int = GWEI // 10
    refreshed: int = 0
    claimed: int = 0
    warned: list[str] = field(default_factory=list)
    problems: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(self, self, self.clock, lambda: self.config, 1.0)  # type: ignore[arg-type]

    async def refresh(self) -> tuple[SessionView, ...]:
        self.refreshed += 1
        return self.views

    async def warn(self, view: SessionView) -> None:
        self.warned.append(view.id)

    def set_problem(self, session_id: str, problem: object) -> None:
        self.problems.append(problem)

    async def prepare_claim(self) -> Prepared:
        return prepared(2 * self.gas_price)

    async def send(self, prepared: Prepared, signer: object) -> None:
        assert signer == self.claimer
        assert prepared.fee.most <= self.config.claim_gas_price
        self.claimed += 1

    async def at(self, now: int) -> "Bench":
        self.clock.seconds = now
        await self.watch.look()
        return self


async def test_it_reads_again_once_a_minute_and_when_told():
    bench = Bench()
    for now, refreshed in ((100, 1), (159, 1), (160, 2), (161, 2)):
        assert (await bench.at(now)).refreshed == refreshed
    bench.watch.wake()
    assert (await bench.at(162)).refreshed == 3
    assert (await bench.at(50)).refreshed == 4  # a reorganisation, or another chain
    bench.is_behind = True
    assert (await bench.at(120)).refreshed == 5
    assert (await bench.at(121)).refreshed == 6
    assert bench.watch.pause_s() == 1.0


async def test_it_looks_more_often_when_something_is_about_to_happen():
    bench = Bench(views=(view("open", close_at=ENDS + 500),))
    for now, pause in (
        (1, LONGEST_PAUSE_S),
        (ENDS - WARN_S - 10, 10),
        (ENDS - WARN_S, 1.0),
        (ENDS + 500 - 3, 1.0),
    ):
        assert (await bench.at(now)).watch.pause_s() == pause
    bench.views = ()
    assert (await bench.at(ENDS)).watch.pause_s() == LONGEST_PAUSE_S


async def test_it_closes_at_the_moment_that_was_chosen():
    bench = Bench(views=(view("ended", close_at=ENDS + 500),))
    assert (await bench.at(ENDS + 499)).closings.closed == 0
    assert (await bench.at(ENDS + 500)).closings.closed == 1


@pytest.mark.parametrize("phase", ["closing", "closed"])
async def test_what_is_closed_or_closing_is_left_alone(phase):
    bench = Bench(views=(view(phase, closed_at=ENDS if phase == "closed" else 0),))
    assert (await bench.at(ENDS + 1)).closings.tried == 0


async def test_what_cannot_be_closed_is_tried_again_ever_more_slowly():
    bench = Bench(closings=Closer(TxFailed("No.", code="funding_insufficient_balance")))
    for later, tried in (
        (0, 1),
        (FIRST_RETRY_S - 1, 1),
        (FIRST_RETRY_S, 2),
        (3 * FIRST_RETRY_S - 1, 2),
        (3 * FIRST_RETRY_S, 3),
    ):
        assert (await bench.at(ENDS + later)).closings.tried == tried
    bench.watch.wake(retry=True)
    assert (await bench.at(ENDS + 3 * FIRST_RETRY_S)).closings.tried == 4
    assert bench.problems == [bench.closings.problem] * 4
    bench.closings.problem = None
    await bench.at(ENDS + 10_000)
    assert (bench.closings.closed, bench.problems[-1]) == (1, None)


async def test_a_closing_that_fails_in_its_block_is_not_sent_again_at_once():
    bench = Bench(views=(view("ended"),))  # and it stays so: each closing dies
    for now in range(ENDS, ENDS + 4 * FIRST_RETRY_S):
        bench.watch.wake()
        await bench.at(now)
    assert bench.closings.closed == 3  # at once, after a pause, after one of twice as long
    bench.views = (view("closed", closed_at=1),)  # and back again, by a reorganisation
    await bench.at(ENDS + 4 * FIRST_RETRY_S)
    bench.views = (view("ended"),)
    bench.watch.wake()
    assert (await bench.at(ENDS + 4 * FIRST_RETRY_S)).closings.closed == 4


async def test_nothing_is_closed_by_the_time_of_one_node_alone():
    bench = await Bench(Clock(ahead=7_200)).at(ENDS - 3_600)
    assert (bench.closings.tried, bench.problems) == (0, [])
    bench.clock.ahead = 0
    assert (await bench.at(ENDS)).closings.closed == 1  # the wrong time put nothing off


async def test_an_unusual_fee_waits():
    bench = await Bench(closings=Closer(unusual=True)).at(ENDS)
    assert bench.closings.closed == 0
    (problem,) = bench.problems
    assert "unusually high" in str(problem)


@pytest.mark.parametrize("problem", [Busy("It is."), ChainUnavailable("None.")])
async def test_what_says_nothing_of_the_session_is_no_problem_of_it(problem):
    bench = await Bench(closings=Closer(problem)).at(ENDS)
    assert (bench.closings.tried, bench.problems) == (1, [])


async def test_a_node_that_does_not_answer_changes_nothing():
    bench = await Bench(Clock(down=True)).at(ENDS)
    assert (bench.refreshed, bench.closings.tried) == (0, 0)
    bench.clock.down = False
    assert (await bench.at(ENDS)).closings.closed == 1


async def test_without_a_node_it_looks_less_often_and_says_so_once(caplog):
    caplog.set_level("INFO", "router.consumer.watch")
    bench = Bench(Clock(down=True))
    pauses = [(await bench.at(ENDS)).watch.pause_s() for _ in range(6)]
    assert pauses == [2, 4, 8, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert [record.message for record in caplog.records if "looked at" in record.message] == [
        "sessions cannot be looked at: No node answered."
    ]
    bench.clock.down = False
    assert (await bench.at(ENDS)).closings.closed == 1
    assert bench.watch.pause_s() == 1.0


@pytest.mark.parametrize(
    ("changes", "claims"),
    [
        ({}, 1),
        ({"claimable": 0}, 0),
        ({"claimer": None}, 0),
        ({"config": MarketConfig(auto_claim=False)}, 0),
        ({"gas_price": 2 * GWEI}, 0),
    ],
)
async def test_it_claims_what_it_may(changes, claims):
    bench = replace(Bench(claimable=5), **changes)
    assert (await bench.at(86_400 + 59)).claimed == 0
    assert (await bench.at(86_400 + 60)).claimed == claims


async def test_a_claim_that_a_node_does_not_see_yet_is_not_sent_twice():
    bench, midnight = Bench(claimable=5), 86_400 + 60
    for later, claims in ((0, 1), (1, 1), (CLAIMED_S - 1, 1), (CLAIMED_S, 2)):
        bench.watch.wake(retry=True)
        assert (await bench.at(midnight + later)).claimed == claims
    bench.claimable = 0
    assert (await bench.at(midnight + 4 * CLAIMED_S)).claimed == 2
    bench.claimable = 5  # the next day: the pauses begin anew
    for later, claims in ((0, 3), (CLAIMED_S - 1, 3), (CLAIMED_S, 4)):
        assert (await bench.at(2 * midnight + later)).claimed == claims


def test_a_claim_is_capped_and_not_sent_below_what_is_needed():
    capped = at_most(prepared(most=200, tip=10), 150)
    assert capped is not None
    assert capped.fee == Fee(150, 10)
    assert at_most(prepared(most=200, tip=10), 104) is None
    assert at_most(prepared(unusual=True), 10**12) is None
    rollup = replace(prepared(most=200, tip=10), first_layer_fee=21_000 * 40)
    assert at_most(rollup, 144) is None
    assert at_most(rollup, 145) is not None
