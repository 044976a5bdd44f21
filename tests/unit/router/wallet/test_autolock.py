"""When the wallet locks by itself."""

import asyncio

import pytest

from router.wallet.autolock import LOOK_EVERY_S, SLEPT_S, AutoLock
from tests.support.money_desk import PASSWORD, PHRASE


class Clocks:
    """The time of the day, and one that cannot be set."""

    def __init__(self) -> None:
        self.day, self.run = 1_000_000.0, 50.0

    def go_on(self, seconds: float) -> None:
        self.day += seconds
        self.run += seconds

    def sleep(self, seconds: float, *, counts: bool = False) -> None:
        """`counts`: the other one goes on too, as on Windows."""
        self.day += seconds
        self.run += seconds if counts else 0


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
async def autolock(wallet, clocks):
    await wallet.create(PHRASE, PASSWORD)
    return AutoLock(
        wallet, lambda: 900.0, day_clock=lambda: clocks.day, run_clock=lambda: clocks.run
    )


def live(autolock: AutoLock, clocks: Clocks, seconds: float) -> None:
    """Look as often as it does by itself."""
    for _ in range(round(seconds / LOOK_EVERY_S)):
        clocks.go_on(LOOK_EVERY_S)
        autolock.look()


async def test_after_so_long_without_anybody(autolock, wallet, clocks):
    live(autolock, clocks, 895)
    assert wallet.state.kind == "unlocked"
    live(autolock, clocks, 5)
    assert wallet.state.kind == "locked"


async def test_somebody_there_keeps_it_open(autolock, wallet, clocks):
    for _ in range(5):
        live(autolock, clocks, 600)
        autolock.touch()
    assert wallet.state.kind == "unlocked"


@pytest.mark.parametrize("counts", [False, True])
async def test_sleep_locks_whatever_the_idle_time_is(autolock, wallet, clocks, counts):
    live(autolock, clocks, LOOK_EVERY_S)
    clocks.sleep(SLEPT_S + LOOK_EVERY_S + 1, counts=counts)
    autolock.touch()  # the key that woke it up
    autolock.look()
    assert wallet.state.kind == "locked"


async def test_a_clock_of_the_day_that_stands_still_hides_no_sleep(autolock, wallet, clocks):
    clocks.run += 3600
    autolock.touch()
    autolock.look()
    assert wallet.state.kind == "locked"


async def test_a_moment_of_much_work_is_no_sleep(autolock, wallet, clocks):
    for _ in range(3):
        clocks.go_on(SLEPT_S)
        autolock.look()
    assert wallet.state.kind == "unlocked"


async def test_the_time_before_it_began_to_look_is_no_sleep(wallet, clocks):
    """A wallet that is made in place of a damaged file is, long after the start."""
    await wallet.create(PHRASE, PASSWORD)
    looks = iter([LOOK_EVERY_S] * 3)

    async def sleep(_seconds: float) -> None:
        if (passed := next(looks, None)) is None:
            raise asyncio.CancelledError
        clocks.go_on(passed)

    late = AutoLock(
        wallet,
        lambda: 900.0,
        day_clock=lambda: clocks.day,
        run_clock=lambda: clocks.run,
        sleep=sleep,
    )
    clocks.go_on(3600)
    late.touch()
    with pytest.raises(asyncio.CancelledError):
        await late.run()
    assert wallet.state.kind == "unlocked"


async def test_never(wallet, clocks):
    await wallet.create(PHRASE, PASSWORD)
    never = AutoLock(
        wallet, lambda: 0.0, day_clock=lambda: clocks.day, run_clock=lambda: clocks.run
    )
    live(never, clocks, 10_000)
    assert wallet.state.kind == "unlocked"
