"""Frames: whatever way the bytes were cut, and whatever they are."""

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.morrpc.errors import Fault, WireError
from router.morrpc.framing import Frames
from router.morrpc.limits import PIECES, Limits

SMALL = Limits(frame_bytes=200, answer_bytes=1000, depth=4, marks=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)
BITS = st.sampled_from(["{", "}", "[", "]", '"', "\\", ":", ",", " ", "\n", "1", "a", '{"a":1}'])


def fed(
    parts: Iterable[bytes], limits: Limits = PIECES
) -> tuple[list[dict[str, Any]], Fault | None]:
    """What comes out, and how it ended; what came before an error counts."""
    frames = Frames(limits)
    found: list[dict[str, Any]] = []
    try:
        for part in parts:
            found += frames.feed(part)
        frames.end()
    except WireError as error:
        return found, error.fault
    return found, None


def cut(data: bytes, at: list[int]) -> list[bytes]:
    marks = sorted({0, len(data), *(position % (len(data) + 1) for position in at)})
    return [data[start:end] for start, end in pairwise(marks)]


@given(st.lists(OBJECTS, max_size=5), st.lists(st.integers(0), max_size=9), st.booleans())
def test_any_cut_gives_the_same_frames(
    objects: list[dict[str, Any]], at: list[int], plain: bool
) -> None:
    ascii_only = plain or any("\ud800" <= c <= "\udfff" for o in objects for c in str(o))
    texts = [json.dumps(value, ensure_ascii=ascii_only) for value in objects]
    data = " \n".join(texts).encode()
    assert fed(cut(data, at)) == (objects, None)


@given(st.lists(BITS, max_size=60).map("".join), st.lists(st.integers(0), max_size=9))
@example('{"a":"\\', [3])
@example('{"a":1}{"a":1}]', [])
@example('{"a":[[[[1]]]]}', [2])
def test_garbage_ends_alike_however_it_was_cut(text: str, at: list[int]) -> None:
    data = text.encode()
    whole = fed([data], SMALL)
    assert fed(cut(data, at), SMALL) == whole
    assert fed([bytes([byte]) for byte in data], SMALL) == whole


@given(st.lists(BITS, min_size=1, max_size=40).map("".join), st.integers(0, 40), st.integers(0, 3))
def test_the_short_way_says_what_the_long_one_says(text: str, marks: int, depth: int) -> None:
    data = ('{"a":1,' + text + "}").encode()
    limits = Limits(frame_bytes=60, answer_bytes=1000, depth=depth, marks=marks)
    # A first byte by itself is never the whole of a plain object, so the long way is gone.
    assert fed([data], limits) == fed([data[:1], data[1:]], limits)


@given(st.binary(min_size=1, max_size=300))
def test_only_the_one_error_is_raised(data: bytes) -> None:
    fed([data], SMALL)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"null", Fault.NOT_A_FRAME),
        (b"[1]", Fault.NOT_A_FRAME),
        (b"\x00", Fault.NOT_A_FRAME),
        (b"GET / HTTP/1.1\r\n", Fault.NOT_A_FRAME),
        (b'{"a":1]', Fault.NOT_A_FRAME),
        (b'{"a":1,"a":2}', Fault.NOT_A_FRAME),
        (b'{"a":NaN}', Fault.NOT_A_FRAME),
        (b'{"a":1e999}', Fault.NOT_A_FRAME),
        (b'{"a":"\xff"}', Fault.NOT_A_FRAME),
        (b'{"a":"\x00"}', Fault.NOT_A_FRAME),
        (b'{"a":' + b"1" * 5000 + b"}", Fault.NOT_A_FRAME),
        (b'{"a":' + b"[" * 100_000, Fault.TOO_DEEP),
        (b'{"a":[' + b"[]," * 5000, Fault.TOO_DEEP),
        (b'{"a":1', Fault.CUT_OFF),
        (b'{"a":"\\', Fault.CUT_OFF),
    ],
)
def test_hostile_bytes(data: bytes, fault: Fault) -> None:
    assert fed([data]) == ([], fault)


def test_a_frame_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    fits = b'{"a":"' + b"x" * (SMALL.frame_bytes - 8) + b'"}'
    assert len(fits) == SMALL.frame_bytes
    assert fed([fits], SMALL)[1] is None
    longer = fits.replace(b'"}', b'x"}')
    assert fed([longer], SMALL) == ([], Fault.TOO_LARGE)
    assert fed([longer[:150], longer[150:]], SMALL) == ([], Fault.TOO_LARGE)


def test_an_endless_frame_is_dropped_when_it_is_too_large() -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for part in (b'{"a":"', *[b"x" * 65536] * 100):
            sent += len(part)
            yield part

    assert fed(endless(), Limits(frame_bytes=1 << 20)) == ([], Fault.TOO_LARGE)
    assert sent < (1 << 20) + 2 * 65536


def test_many_small_frames_end_at_the_limit_of_the_answer() -> None:
    found, fault = fed([b'{"a":1}' * 200], SMALL)
    assert (len(found), fault) == (SMALL.answer_bytes // 7, Fault.TOO_LARGE)


def test_space_between_frames_is_nothing() -> None:
    assert fed([b' \r\n\t{"a":1}\n \n{"b":2}\n']) == ([{"a": 1}, {"b": 2}], None)
