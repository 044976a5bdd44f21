"""router.provider.capacity: never more approvals than slots, whoever asks at the same time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.provider.capacity import HOLD_S, UNUSED_S, Capacity
from router.provider.ledger import IDLE_S, Ledger, ServedSession
from router.provider.models_config import ModelConfig

MODEL = ModelConfig("0xm0de1", "m", "local", slots=2)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ledger(clock: Clock) -> AsyncIterator[Ledger]:
    made = Ledger(None, 1337, clock)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def capacity(ledger: Ledger, clock: Clock) -> Capacity:
    return Capacity(ledger, clock, clock)


def session(number: int, opened_at: int = 900, ends_at: int = 9000) -> ServedSession:
    return ServedSession(f"0x{number}", f"0xu{number}", "0xb", "0xm0de1", opened_at, ends_at, 0)


async def reserve(capacity: Capacity, user: str, visitor: str = "", slots: int = 2) -> bool:
    return await capacity.reserve(replace(MODEL, slots=slots), user, "0xb", visitor or user)


async def reserve_many(capacity: Capacity, model: ModelConfig, count: int) -> int:
    asked = (capacity.reserve(model, f"0xuser{n}", "0xb", f"v{n}") for n in range(count))
    return sum(await asyncio.gather(*asked))


async def test_a_burst_gets_what_there_is(capacity: Capacity) -> None:
    assert await reserve_many(capacity, MODEL, 20) == 2
    other = replace(MODEL, model_id="0xother")
    assert await reserve_many(capacity, other, 20) == 2


async def test_who_is_served_takes_no_slot_from_himself(
    capacity: Capacity, ledger: Ledger, clock: Clock
) -> None:
    """One more at a time, and never more sessions than slots and one."""
    one = replace(MODEL, slots=1)
    await ledger.keep([session(1)])
    assert not await capacity.reserve(one, "0xu1", "0xb", "v")
    assert await capacity.reserve(one, "0xu1", "0xb", "v", served=1)
    assert not await capacity.reserve(one, "0xU1", "0xb", "v", served=1)
    clock.now += HOLD_S
    assert await capacity.reserve(one, "0xu1", "0xb", "v", served=1)
    clock.now += HOLD_S
    assert not await capacity.reserve(one, "0xu1", "0xb", "v", served=2)


async def test_no_number_is_any_number(capacity: Capacity) -> None:
    assert await reserve_many(capacity, replace(MODEL, slots=0), 20) == 20


async def test_sessions_and_approvals_count_together(capacity: Capacity, ledger: Ledger) -> None:
    await ledger.keep([session(1)])
    assert await reserve_many(capacity, MODEL, 5) == 1


async def test_an_approval_becomes_a_session(capacity: Capacity, ledger: Ledger) -> None:
    assert await reserve(capacity, "0xU1")
    await ledger.keep([session(1)])
    capacity.opened("0xu1", "0xb")
    assert await reserve(capacity, "0xU2")
    assert not await reserve(capacity, "0xU3")


async def test_an_approval_that_is_not_used_lets_go(capacity: Capacity, clock: Clock) -> None:
    assert await reserve_many(capacity, MODEL, 2) == 2
    clock.now += HOLD_S - 1
    assert not await reserve(capacity, "0xnew")
    clock.now += 1
    assert await reserve(capacity, "0xnew")


async def test_who_asks_again_at_once_asks_for_another_slot(
    capacity: Capacity, clock: Clock
) -> None:
    assert await reserve(capacity, "0xu", slots=1)
    assert not await reserve(capacity, "0xu", slots=1), "two openings would be two sessions"
    clock.now += HOLD_S
    assert await reserve(capacity, "0xu", slots=1)


async def test_who_holds_all_for_nothing_makes_way(capacity: Capacity) -> None:
    assert await reserve(capacity, "0xkey1", "thief")
    assert await reserve(capacity, "0xkey2", "thief")
    assert not await reserve(capacity, "0xkey3", "thief")
    assert await reserve(capacity, "0xhonest")
    assert not await reserve(capacity, "0xkey4", "thief"), "it has had two"
    assert await reserve(capacity, "0xother")
    assert not await reserve(capacity, "0xthird"), "who holds one is not worse than who asks"


async def test_who_holds_one_slot_again_and_again_makes_way(
    capacity: Capacity, clock: Clock
) -> None:
    for number in range(2):
        assert await reserve(capacity, f"0xkey{number}", "thief", slots=1)
        clock.now += HOLD_S
    assert await reserve(capacity, "0xkey", "thief", slots=1)
    assert await reserve(capacity, "0xhonest", slots=1)
    clock.now += UNUSED_S
    assert await reserve(capacity, "0xkey", "thief", slots=1)
    assert not await reserve(capacity, "0xhonest", slots=1), "it is forgotten after a while"
    assert len(capacity._unused) == 0


async def test_who_opens_sessions_keeps_his_slots(
    capacity: Capacity, ledger: Ledger, clock: Clock
) -> None:
    assert await reserve(capacity, "0xu1", "office")
    clock.now += HOLD_S
    assert await reserve(capacity, "0xu2", "office")
    await ledger.keep([session(1)])
    capacity.opened("0xu1", "0xb")
    assert not await reserve(capacity, "0xother"), "the late one was used too"


async def test_sessions_never_make_way(capacity: Capacity, ledger: Ledger) -> None:
    for number in range(2):
        assert await reserve(capacity, f"0xkey{number}", "thief")
    await ledger.keep([session(1), session(2)])
    assert not await reserve(capacity, "0xhonest")


async def test_idle_sessions_make_room(capacity: Capacity, ledger: Ledger, clock: Clock) -> None:
    idle = replace(MODEL, policy="idle_timeout")
    await ledger.keep([session(1), session(2)])
    assert not await capacity.reserve(idle, "0xu", "0xb", "u")
    clock.now = 900 + IDLE_S + 1
    await ledger.note_activity("0x1")
    assert await capacity.reserve(idle, "0xu", "0xb", "u")
    assert not await capacity.reserve(idle, "0xv", "0xb", "v")
    assert not await reserve(capacity, "0xw"), "simple counts idle ones"
