"""router.provider.door: limits of number and rate, by address, in bounded memory."""

import pytest

from router.provider.door import REMEMBERED, Budget, Door, Rates, visitor_of


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
def test_who_counts_together(one: str, other: str, same: bool) -> None:
    assert (visitor_of(one) == visitor_of(other)) is same


def test_many_addresses_cost_bounded_memory_and_nobody_inside_is_forgotten(clock: Clock) -> None:
    door = Door(most=10, most_each=1, a_minute=4, clock=clock)
    assert door.enter("192.0.2.1")
    for number in range(2 * REMEMBERED):
        address = visitor_of(f"2001:db8:{number:x}::1")
        assert door.enter(address)
        door.leave(address)
    assert len(door._visitors) <= REMEMBERED + 10
    assert not door.enter("192.0.2.1")
    door.leave("192.0.2.1")
    assert door.inside == 0


def test_when_it_is_full_another_can_make_way(clock: Clock) -> None:
    door = Door(most=1, most_each=1, a_minute=6000, clock=clock)
    asked = []

    def make_way() -> bool:
        asked.append("a")
        door.leave("a")
        return True

    assert door.enter("a", make_way)
    assert not door.enter("a", make_way), "over its own limit: nobody makes way for that"
    assert not door.enter("b", lambda: False)
    assert asked == []
    assert door.enter("b", make_way)
    assert (door.inside, door.turned_away) == (1, 2)


def test_a_budget_is_not_overdrawn() -> None:
    budget = Budget(10, 10)
    assert budget.take("a", 7)
    assert not budget.take("b", 4)
    assert budget.take("b", 3)
    budget.give("a", 7)
    assert budget.take("b", 7)


def test_a_budget_is_not_for_one_alone() -> None:
    budget = Budget(10, 4)
    assert budget.take("a", 4)
    assert not budget.take("a", 1)
    assert budget.take("b", 4)
    budget.give("a", 4)
    assert budget.take("a", 2)
    budget.give("a", 2)
    budget.give("b", 4)
    assert not budget._held


def test_one_visitor_does_not_use_up_what_others_may(clock: Clock) -> None:
    rates = Rates(each=8, most=16, clock=clock)
    assert [rates.take("a") for _ in range(50)].count(True) == 2
    assert [rates.take("b") for _ in range(50)].count(True) == 2
    assert not rates.take("c"), "all together have a limit too"
    clock.now += 15
    assert rates.take("c")


def test_rates_cost_bounded_memory(clock: Clock) -> None:
    rates = Rates(each=4, most=4, clock=clock)
    for number in range(2 * REMEMBERED):
        rates.take(str(number))
    assert len(rates._rates) == REMEMBERED
