"""Line-JSON: any cut, any garbage, one limit."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.inference.protocol import Decoder, ProtocolError, encode

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), values, max_size=4)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(st.lists(objects, max_size=6), st.lists(st.integers(min_value=0), max_size=12))
def test_any_cut_gives_the_same_messages(sent: list[dict[str, object]], cuts: list[int]) -> None:
    decoder = Decoder()
    data = b"".join(map(encode, sent))
    received = [message for piece in pieces(data, cuts) for message in decoder.feed(piece)]
    assert received == sent


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=5))
def test_garbage_raises_nothing_but_the_documented_error(data: bytes, cuts: list[int]) -> None:
    decoder = Decoder(longest_line=64)
    try:
        for piece in pieces(data, cuts):
            for message in decoder.feed(piece):
                assert isinstance(message, dict)
    except ProtocolError:
        pass


@pytest.mark.parametrize(
    "line",
    [b"\n", b"nonsense\n", b"[1]\n", b"12\n", b"\xff\xfe\n", b'{"a":\n', b"[" * 5000 + b"\n"],
)
def test_a_line_that_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        Decoder().feed(line)


def test_the_limit_is_the_same_on_both_sides() -> None:
    line = encode({"text": "x" * 50})
    assert Decoder(longest_line=len(line)).feed(line) == [{"text": "x" * 50}]
    with pytest.raises(ProtocolError):
        Decoder(longest_line=len(line) - 1).feed(line)


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    decoder = Decoder(longest_line=1000)
    for _ in range(9):
        decoder.feed(b"x" * 100)
    with pytest.raises(ProtocolError):
        decoder.feed(b"x" * 100)


def test_a_message_that_is_too_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.inference.protocol.LONGEST_LINE", 100)
    with pytest.raises(ProtocolError):
        encode({"text": "x" * 100})


def test_lone_surrogates_survive() -> None:
    message = {"text": "half \ud83d of a smile"}
    assert json.loads(encode(message)) == message
