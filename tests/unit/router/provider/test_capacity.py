"""router.provider.capacity: never more approvals than slots, whoever asks at the same time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.provider.capacity import AGAIN_S, HOLD_S, Capacity
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


async def reserve_many(capacity: Capacity, model: ModelConfig, count: int) -> int:
    asked = (capacity.reserve(model, f"0xuser{n}", "0xb") for n in range(count))
    return sum(await asyncio.gather(*asked))


async def test_a_burst_gets_what_there_is(capacity: Capacity) -> None:
    assert await reserve_many(capacity, MODEL, 20) == 2
    other = replace(MODEL, model_id="0xother")
    assert await reserve_many(capacity, other, 20) == 2


async def test_no_number_is_any_number(capacity: Capacity) -> None:
    assert await reserve_many(capacity, replace(MODEL, slots=0), 20) == 20


async def test_sessions_and_approvals_count_together(capacity: Capacity, ledger: Ledger) -> None:
    await ledger.keep([session(1)])
    assert await reserve_many(capacity, MODEL, 5) == 1


async def test_an_approval_becomes_a_session(capacity: Capacity, ledger: Ledger) -> None:
    assert await capacity.reserve(MODEL, "0xU1", "0xb")
    await ledger.keep([session(1)])
    capacity.opened("0xu1", "0xb")
    assert await capacity.reserve(MODEL, "0xU2", "0xb")
    assert not await capacity.reserve(MODEL, "0xU3", "0xb")


async def test_an_approval_that_is_not_used_lets_go(capacity: Capacity, clock: Clock) -> None:
    assert await reserve_many(capacity, MODEL, 2) == 2
    clock.now += HOLD_S - 1
    assert not await capacity.reserve(MODEL, "0xnew", "0xb")
    clock.now += 1
    assert await capacity.reserve(MODEL, "0xnew", "0xb")


async def test_who_asks_again_later_gets_the_same_slot(capacity: Capacity, clock: Clock) -> None:
    one = replace(MODEL, slots=1)
    assert await capacity.reserve(one, "0xu", "0xb")
    assert not await capacity.reserve(one, "0xu", "0xb"), "two openings would be two sessions"
    clock.now += AGAIN_S
    assert await reserve_same(capacity, one, 5) == 1
    assert not await capacity.reserve(one, "0xother", "0xb")


async def reserve_same(capacity: Capacity, model: ModelConfig, count: int) -> int:
    return sum(await asyncio.gather(*(capacity.reserve(model, "0xu", "0xb") for _ in range(count))))


async def test_the_slot_stays_held_when_asking_again_fails(
    capacity: Capacity, ledger: Ledger, clock: Clock
) -> None:
    assert await capacity.reserve(MODEL, "0xu", "0xb")
    await ledger.keep([session(1), session(2)])
    clock.now += AGAIN_S
    assert not await capacity.reserve(MODEL, "0xu", "0xb")
    await ledger.keep([replace(session(2), closed_at=1)])
    assert not await capacity.reserve(MODEL, "0xother", "0xb"), "the first approval counts still"


async def test_idle_sessions_make_room(capacity: Capacity, ledger: Ledger, clock: Clock) -> None:
    idle = replace(MODEL, policy="idle_timeout")
    await ledger.keep([session(1), session(2)])
    assert not await capacity.reserve(idle, "0xu", "0xb")
    clock.now = 900 + IDLE_S + 1
    await ledger.note_activity("0x1")
    assert await capacity.reserve(idle, "0xu", "0xb")
    assert not await capacity.reserve(idle, "0xv", "0xb")
    assert not await capacity.reserve(MODEL, "0xw", "0xb"), "simple counts idle ones"
