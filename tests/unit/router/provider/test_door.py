"""router.provider.door: limits of number and rate, by address, in bounded memory."""

import pytest

from router.provider.door import REMEMBERED, Budget, Door


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_address_gets_its_share(clock: Clock) -> None:
    door = Door(most=5, most_each=2, a_minute=6000, clock=clock)
    assert [door.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert door.enter("192.0.2.2")
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.1")
    assert (door.inside, door.turned_away) == (3, 1)


def test_all_together_have_a_limit(clock: Clock) -> None:
    door = Door(most=3, most_each=2, a_minute=6000, clock=clock)
    assert [door.enter(f"192.0.2.{n}") for n in range(5)] == [True] * 3 + [False] * 2


def test_who_comes_too_often_waits(clock: Clock) -> None:
    door = Door(most=100, most_each=100, a_minute=60, clock=clock)
    let_in = 0
    for _ in range(40):
        if door.enter("192.0.2.1"):
            let_in += 1
            door.leave("192.0.2.1")
    assert let_in == 15
    clock.now += 3
    assert [door.enter("192.0.2.1") for _ in range(4)] == [True, True, True, False]
    clock.now += 3600
    assert sum(door.enter("192.0.2.1") for _ in range(40)) == 15


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "192.0.2.1", False),
    ],
)
def test_who_counts_together(clock: Clock, one: str, other: str, same: bool) -> None:
    door = Door(most=9, most_each=1, a_minute=6000, clock=clock)
    assert door.enter(one)
    assert door.enter(other) is not same


def test_many_addresses_cost_bounded_memory_and_nobody_inside_is_forgotten(clock: Clock) -> None:
    door = Door(most=10, most_each=1, a_minute=4, clock=clock)
    assert door.enter("192.0.2.1")
    for number in range(2 * REMEMBERED):
        address = f"2001:db8:{number:x}::1"
        assert door.enter(address)
        door.leave(address)
    assert len(door._visitors) <= REMEMBERED + 10
    assert not door.enter("192.0.2.1")
    door.leave("192.0.2.1")
    assert door.inside == 0


def test_a_budget_is_not_overdrawn() -> None:
    budget = Budget(10)
    assert budget.take(7)
    assert not budget.take(4)
    assert budget.take(3)
    budget.give(7)
    assert budget.take(7)
