"""router.backends.sse: the same events however a stream is cut."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.backends.sse import EventParser, ServerEvent
from router.errors import BackendError
from tests.support.vectors import SHARED

CASES = SHARED / "vectors" / "sse" / "sse_cases.json"
_cases = json.loads(CASES.read_text("utf-8")) if CASES.exists() else []


def read(chunks: list[bytes]) -> list[ServerEvent]:
    parser = EventParser()
    return [event for data in chunks for event in parser.feed(data)]


@pytest.mark.skipif(not _cases, reason="../shared/vectors/sse is not here")
def test_all_vectors_are_here() -> None:
    assert len(_cases) == 44


@pytest.mark.parametrize("case", _cases, ids=[case["name"] for case in _cases])
def test_vectors(case: dict[str, list[str]]) -> None:
    chunks = [base64.b64decode(chunk) for chunk in case["chunks_b64"]]
    expected = [ServerEvent(event["data"], event["event"]) for event in case["events"]]  # type: ignore[index]
    assert read(chunks) == expected
    whole = b"".join(chunks)
    assert read([whole]) == expected
    assert read([whole[at : at + 1] for at in range(len(whole))]) == expected


@given(st.lists(st.sampled_from(["data", "event", ":", " ", "x", "\r", "\n", "\r\n", "é", "\ufeff"])),
       st.integers(1, 5))  # fmt: skip
def test_any_cut_gives_the_same(words: list[str], size: int) -> None:
    whole = "".join(words).encode()
    assert read([whole[at : at + size] for at in range(0, len(whole), size)]) == read([whole])


@pytest.mark.parametrize("piece", [b"data: aaaaaaaa\n", b"aaaaaaaaaaaaaaa"])
def test_an_endless_event_is_refused(piece: bytes) -> None:
    parser = EventParser(longest=1000)
    pieces = map(parser.feed, [piece] * 100)
    with pytest.raises(BackendError, match="more at once"):
        list(pieces)


def test_many_events_may_be_longer_together() -> None:
    parser = EventParser(longest=1000)
    for _ in range(100):
        assert parser.feed(b"data: " + b"a" * 500 + b"\n\n")
