"""When the wallet locks by itself."""

import pytest

from router.wallet.autolock import LOOK_EVERY_S, AutoLock
from tests.support.money_desk import PASSWORD, PHRASE


class Clocks:
    """The time of the day, and one that stands still in sleep."""

    def __init__(self) -> None:
        self.day, self.run = 1_000_000.0, 50.0

    def go_on(self, seconds: float) -> None:
        self.day += seconds
        self.run += seconds

    def sleep(self, seconds: float) -> None:
        self.day += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
async def autolock(wallet, clocks):
    await wallet.create(PHRASE, PASSWORD)
    return AutoLock(
        wallet, lambda: 900.0, day_clock=lambda: clocks.day, run_clock=lambda: clocks.run
    )


async def test_after_so_long_without_anybody(autolock, wallet, clocks):
    clocks.go_on(899)
    autolock.look()
    assert wallet.state.kind == "unlocked"
    clocks.go_on(1)
    autolock.look()
    assert wallet.state.kind == "locked"


async def test_somebody_there_keeps_it_open(autolock, wallet, clocks):
    for _ in range(5):
        clocks.go_on(600)
        autolock.touch()
        autolock.look()
    assert wallet.state.kind == "unlocked"


async def test_sleep_locks_whatever_the_idle_time_is(autolock, wallet, clocks):
    clocks.go_on(LOOK_EVERY_S)
    autolock.look()
    clocks.sleep(3600)
    autolock.touch()  # the key that woke it up
    autolock.look()
    assert wallet.state.kind == "locked"


async def test_never(wallet, clocks):
    await wallet.create(PHRASE, PASSWORD)
    never = AutoLock(
        wallet, lambda: 0.0, day_clock=lambda: clocks.day, run_clock=lambda: clocks.run
    )
    clocks.go_on(10**6)
    never.look()
    assert wallet.state.kind == "unlocked"
