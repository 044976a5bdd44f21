"""router.provider.ledger: figures add up, and everything is there after a restart."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.provider import ledger as module
from router.provider.ledger import KEPT_S, Ledger, Served, ServedSession
from router.provider.usage import Tokens

SESSION = ServedSession("0x01", "0xUser", "0xb1d", "0xm0de1", 900, 2000, 0)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ledger(tmp_path: Path, clock: Clock) -> AsyncIterator[Ledger]:
    made = Ledger(tmp_path / "provider.db", 1337, clock)
    await made.open()
    yield made
    await made.close()


async def reopened(ledger: Ledger, tmp_path: Path, clock: Clock) -> Ledger:
    await ledger.close()
    again = Ledger(tmp_path / "provider.db", 1337, clock)
    await again.open()
    return again


async def test_keys_are_kept_by_address(ledger: Ledger, tmp_path: Path, clock: Clock) -> None:
    assert await ledger.key_of("0xAb") is None
    await ledger.set_key("0xAb", b"one")
    await ledger.set_key("0xaB", b"two")
    again = await reopened(ledger, tmp_path, clock)
    assert await again.key_of("0xAB") == b"two"
    await again.close()


async def test_figures_of_answers_at_the_same_time_all_count(
    ledger: Ledger, tmp_path: Path, clock: Clock
) -> None:
    await ledger.keep([SESSION])
    await asyncio.gather(
        *(
            ledger.add_answer("0x01", Tokens(10, 4 * n), total_s=2.9, first_ms=100 * n)
            for n in (1, 2, 3)
        )
    )
    expected = Served(3, (2000 + 4000 + 6000) // 3, 200, 30, 24)
    assert await ledger.served("0x01") == expected
    again = await reopened(ledger, tmp_path, clock)
    assert await again.served("0x01") == await again.served() == expected
    assert await again.served("0x02") == Served()
    await again.close()


async def test_a_short_answer_counts_as_a_second(ledger: Ledger) -> None:
    await ledger.keep([SESSION])
    await ledger.add_answer("0x01", Tokens(1, 7), total_s=0.01, first_ms=5)
    assert (await ledger.served("0x01")).tps_scaled_1000 == 7000


async def test_what_the_chain_says_later_is_taken_and_figures_stay(ledger: Ledger) -> None:
    await ledger.keep([SESSION])
    await ledger.add_answer("0x01", Tokens(1, 7), total_s=1, first_ms=5)
    closed = replace(SESSION, closed_at=1500)
    await ledger.keep([closed])
    assert await ledger.session("0x01") == closed
    assert await ledger.session("0x02") is None
    assert (await ledger.served("0x01")).answers == 1
    assert await ledger.open_sessions(1000) == []


async def test_open_sessions_of_one_user(ledger: Ledger) -> None:
    other = replace(SESSION, id="0x02", user="0xAbC")
    await ledger.keep([SESSION, other, replace(other, id="0x03", closed_at=1500)])
    assert await ledger.open_sessions(1000) == [SESSION, other]
    assert await ledger.open_sessions(1000, "0xABC") == [other]
    assert await ledger.open_sessions(1000, "0xdef") == []


async def test_sessions_that_are_open_are_counted(ledger: Ledger, clock: Clock) -> None:
    await ledger.keep(
        [
            SESSION,
            replace(SESSION, id="0x02", ends_at=1001),
            replace(SESSION, id="0x03", closed_at=950),
            replace(SESSION, id="0x04", model_id="0xother"),
        ]
    )
    assert await ledger.count_open("0xm0de1", 1000) == 2
    assert await ledger.count_open("0xm0de1", 1001) == 1
    assert await ledger.count_open("0xm0de1", 1000, active_since=901) == 0
    await ledger.note_activity("0x02")
    assert await ledger.count_open("0xm0de1", 1000, active_since=901) == 1
    assert [session.id for session in await ledger.open_sessions(1000)] == ["0x01", "0x02", "0x04"]


async def test_a_request_is_new_once(ledger: Ledger, tmp_path: Path, clock: Clock) -> None:
    assert await ledger.is_new(b"digest", 1600)
    assert not await ledger.is_new(b"digest", 1600)
    again = await reopened(ledger, tmp_path, clock)
    assert not await again.is_new(b"digest", 1600)
    clock.now = 1601
    assert await again.is_new(b"digest", 2200)
    await again.close()


async def test_networks_are_kept_apart(ledger: Ledger, tmp_path: Path, clock: Clock) -> None:
    """The same contracts on two networks can give the same id."""
    await ledger.keep([SESSION])
    await ledger.add_answer("0x01", Tokens(1, 7), total_s=1, first_ms=5)
    other = Ledger(tmp_path / "provider.db", 8453, clock)
    await other.open()
    assert await other.session("0x01") is None
    await other.keep([replace(SESSION, closed_at=1500)])
    await other.note_activity("0x01")
    assert (await other.served("0x01"), await other.served()) == (Served(), Served())
    assert await other.count_open("0xm0de1", 1000) == 0
    assert await ledger.session("0x01") == SESSION
    assert (await ledger.served()).answers == 1
    await other.close()


async def test_old_sessions_are_forgotten(ledger: Ledger, tmp_path: Path, clock: Clock) -> None:
    await ledger.keep([SESSION])
    clock.now = 2001 + KEPT_S
    again = await reopened(ledger, tmp_path, clock)
    assert await again.session("0x01") is None
    await again.close()


async def test_users_without_a_session_are_forgotten_after_a_while(
    ledger: Ledger, clock: Clock
) -> None:
    for user in ("0xuser", "0xstranger"):
        await ledger.set_key(user, b"key")
    clock.now += KEPT_S + 1
    await ledger.set_key("0xnew", b"key")
    await ledger.keep([replace(SESSION, ends_at=int(clock.now))])
    await ledger.tidy()
    assert await ledger.key_of("0xstranger") is None
    assert await ledger.key_of("0xuser"), "has a session"
    assert await ledger.key_of("0xnew")


async def test_however_many_strangers_ask_only_the_last_are_kept(
    ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_STRANGERS", 3)
    await ledger.keep([SESSION])
    for user in ("0xuser", *(f"0xstranger{n}" for n in range(9))):
        clock.now += 1
        await ledger.set_key(user, b"key")
    await ledger.tidy()
    assert await ledger.key_of("0xuser"), "has a session"
    kept = [n for n in range(9) if await ledger.key_of(f"0xstranger{n}")]
    assert kept == [6, 7, 8]


def test_a_session_is_open_until_its_end() -> None:
    assert SESSION.is_open(1999.9)
    assert not SESSION.is_open(2000)
    assert not replace(SESSION, closed_at=1).is_open(1000)
