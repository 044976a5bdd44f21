"""router.consumer.evidence: what our own calls showed, with how many they were."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from router.consumer.evidence import MOST_CALLS, Call, EvidenceLog, Stopwatch, evidence_of
from router.consumer.records import Evidence
from router.errors import StorageError

P, M = "0xAb00000000000000000000000000000000000001", "0x" + "11" * 32
GOOD = Call(P, M, at=10.0, tokens=11, first_token_ms=200, writing_ms=1000)


class Book:
    """A book in memory, or one whose disk is full."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.kept: list[Call] = []

    async def add_call(self, call: Call) -> None:
        if self.full:
            raise StorageError("There is no space left.")
        self.kept.append(call)

    async def calls(self) -> Sequence[Call]:
        return tuple(self.kept)


def test_nothing_known() -> None:
    assert evidence_of(()) == Evidence()
    assert EvidenceLog().of(P, M) == Evidence()


def test_medians_of_those_that_answered() -> None:
    calls = (
        GOOD,
        replace(GOOD, first_token_ms=400, writing_ms=2000),
        replace(GOOD, first_token_ms=9000, writing_ms=500),
        Call(P, M, at=20.0, failure="It closed the connection."),
        Call(P, M, at=30.0),
    )
    assert evidence_of(calls) == Evidence(
        calls=5,
        failures=1,
        empty=2,
        first_token_ms=400,
        tokens_per_s=10.0,
        last_failure="It closed the connection.",
        last_failure_at=20.0,
    )


@pytest.mark.parametrize(
    ("tokens", "writing_ms", "speed"),
    [(0, 0, None), (1, 50, None), (2, 0, None), (3, 1000, 2.0), (10**9, 1, 1_000_000.0)],
)
def test_speed_needs_two_tokens(tokens: int, writing_ms: int, speed: float | None) -> None:
    assert replace(GOOD, tokens=tokens, writing_ms=writing_ms).tokens_per_s == speed


def test_text_of_a_failure_is_inert() -> None:
    (call,) = (replace(GOOD, failure="a\u202eb\n" + "x" * 900),)
    told = evidence_of((call,)).last_failure
    assert told.startswith("ab x")
    assert len(told) <= 200


def test_a_call_is_timed() -> None:
    time = 0.0
    watch = Stopwatch(P, M, clock=lambda: time, now=lambda: 77.0)
    time = 0.25
    assert (watch.first_token_s, watch.total_s) == (0.25, 0.25)
    watch.token()
    time = 1.25
    watch.token()
    time = 9.0
    assert (watch.first_token_s, watch.total_s) == (0.25, 9.0)
    assert watch.over("It broke.") == Call(
        P, M, 77.0, tokens=2, first_token_ms=250, writing_ms=1000, failure="It broke."
    )


def test_a_call_without_a_token() -> None:
    assert Stopwatch(P, M, now=lambda: 77.0).over() == Call(P, M, 77.0)


def test_first_token_at_once_is_a_token() -> None:
    """A clock may stand at zero when the first token comes."""
    watch = Stopwatch(P, M, clock=lambda: 0.0)
    watch.token()
    assert watch.over().first_token_ms == 0


async def test_calls_outlive_the_app() -> None:
    book = Book()
    log = EvidenceLog(book)
    heard: list[str] = []
    log.changed.subscribe(heard.append)
    await log.note(GOOD)
    again = EvidenceLog(book)
    await again.load()
    assert again.of(P.lower(), M) == log.of(P, M) == evidence_of((GOOD,))
    assert heard == [P]


async def test_only_the_newest_count() -> None:
    log = EvidenceLog()
    await log.note(replace(GOOD, failure="old"))
    for _ in range(MOST_CALLS):
        await log.note(GOOD)
    assert log.of(P, M).calls == MOST_CALLS
    assert log.of(P, M).failures == 0


async def test_models_are_counted_apart() -> None:
    log = EvidenceLog()
    await log.note(GOOD)
    assert log.of(P, "0x" + "22" * 32) == Evidence()


async def test_full_disk_costs_only_the_memory(caplog: pytest.LogCaptureFixture) -> None:
    log = EvidenceLog(Book(full=True))
    await log.note(GOOD)
    assert log.of(P, M).calls == 1
    assert "could not be written down" in caplog.text
