"""Wrong passwords make one wait, also over restarts."""

import pytest

from router.errors import WrongPassword
from router.wallet.backoff import FREE_TRIES, LONGEST_WAIT_S, Backoff


@pytest.fixture
def backoff(tmp_path, clock):
    return Backoff(tmp_path / "tries.json", clock)


def fail(backoff, times):
    for _ in range(times):
        backoff.failed()


def test_five_are_free_then_30_s_doubling(backoff, clock):
    fail(backoff, FREE_TRIES - 1)
    assert backoff.wait_s == 0
    backoff.check()
    waits = []
    for _ in range(9):
        backoff.failed()
        waits.append(backoff.wait_s)
    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == LONGEST_WAIT_S


def test_a_try_that_comes_too_early_is_not_looked_at(backoff, clock):
    fail(backoff, FREE_TRIES)
    with pytest.raises(WrongPassword) as caught:
        backoff.check()
    assert caught.value.wait_s == 30
    clock.now += 29.9
    with pytest.raises(WrongPassword):
        backoff.check()
    clock.now += 0.2
    backoff.check()


def test_a_restart_does_not_help(backoff, tmp_path, clock):
    fail(backoff, FREE_TRIES + 1)
    assert Backoff(tmp_path / "tries.json", clock).wait_s == 60


@pytest.mark.parametrize("last", ["1e15", "1e999"])
def test_a_try_in_the_future_makes_nobody_wait_for_it(tmp_path, clock, last):
    """The clock was ahead when it was noted, or the file is damaged: the wait is served now."""
    (tmp_path / "tries.json").write_text(f'{{"failed": {FREE_TRIES}, "last": {last}}}')
    backoff = Backoff(tmp_path / "tries.json", clock)
    assert backoff.wait_s == 30
    clock.now += 29
    assert backoff.wait_s == 1
    clock.now += 1
    backoff.check()


def test_the_right_one_forgets_the_wrong_ones(backoff, tmp_path, clock):
    fail(backoff, FREE_TRIES)
    backoff.worked()
    assert backoff.wait_s == 0
    assert Backoff(tmp_path / "tries.json", clock).wait_s == 0
