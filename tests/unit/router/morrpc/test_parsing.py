"""JSON of strangers: as Python reads it, within bounds."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import PIECES, Limits
from router.morrpc.parsing import parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_what_is_sound_is_read(value: Any) -> None:
    assert parse(json.dumps(value).encode(), PIECES) == value


@given(st.binary(max_size=100))
def test_only_the_one_error_is_raised(data: bytes) -> None:
    with suppress(WireError):
        parse(data, PIECES)


def test_brackets_in_texts_are_not_counted() -> None:
    text = '[[[\\"{{{' * 50
    assert parse(f'["{text}"]'.encode(), Limits(depth=1)) == [text.replace("\\", "")]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.NOT_A_FRAME),
        (b"{", Fault.NOT_A_FRAME),
        (b"]" * 10, Fault.NOT_A_FRAME),
        (b"[" * 33 + b"]" * 33, Fault.TOO_DEEP),
        (b"[" + b"[]," * 60_000 + b"[]]", Fault.TOO_DEEP),
        (b'{"a":1,"b":{"c":1,"c":2}}', Fault.NOT_A_FRAME),
        (b"-Infinity", Fault.NOT_A_FRAME),
        (b"[1e400]", Fault.NOT_A_FRAME),
        (b'"\xc3"', Fault.NOT_A_FRAME),
    ],
)
def test_hostile_data(data: bytes, fault: Fault) -> None:
    with pytest.raises(WireError) as caught:
        parse(data, PIECES)
    assert caught.value.fault is fault


def test_as_deep_as_allowed() -> None:
    assert parse(b"[" * 32 + b"]" * 32, PIECES)
