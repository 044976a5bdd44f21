"""Whole characters and no stop texts, however tokens split them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.inference.text import TextStream, held_back


def stream(pieces: list[bytes], stop: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    text = TextStream(stop)
    shown = [text.feed(piece) for piece in pieces]
    shown.append(text.finish())
    return shown, text.stopped


@given(st.text(), st.lists(st.integers(min_value=1, max_value=5), min_size=1))
def test_no_cut_splits_a_character(text: str, sizes: list[int]) -> None:
    text = text.encode("utf-8", "replace").decode()
    data, pieces = text.encode(), []
    while data:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]
    shown, _ = stream(pieces)
    assert "".join(shown) == text
    for part in shown:
        assert "\ufffd" not in part or "\ufffd" in text


def test_a_character_appears_with_its_last_byte() -> None:
    smile = "🙂".encode()
    shown, _ = stream([smile[:1], smile[1:3], smile[3:], b"!"])
    assert shown == ["", "", "🙂", "!", ""]


def test_half_a_character_at_the_end_is_dropped() -> None:
    assert "".join(stream(["a🙂".encode()[:3]])[0]) == "a"


def test_bytes_that_are_no_text_become_a_mark() -> None:
    assert "".join(stream([b"a\xffb"])[0]) == "a\ufffdb"


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["one", " two STOP three"], "one two "),
        (["one ST", "OP two"], "one "),
        (["S", "T", "O", "P"], ""),
        (["SSTOP"], "S"),
        (["one ST", "ART"], "one START"),
        (["one STO"], "one STO"),
    ],
)
def test_a_stop_text_is_cut_off_wherever_it_is_split(pieces: list[str], shown: str) -> None:
    parts, stopped = stream([piece.encode() for piece in pieces], ("STOP",))
    assert "".join(parts) == shown
    assert stopped == ("STOP" in "".join(pieces))


def test_the_first_stop_text_counts() -> None:
    parts, _ = stream([b"a END b STOP"], ("STOP", "END"))
    assert "".join(parts) == "a "


def test_nothing_is_shown_after_the_stop() -> None:
    text = TextStream(("x",))
    assert text.feed(b"ax") == "a"
    assert (text.feed(b"b"), text.finish()) == ("", "")


def test_only_what_may_become_a_stop_text_is_held_back() -> None:
    text = TextStream(("\n\nUser:",))
    assert text.feed(b"Hello\n") == "Hello"
    assert text.feed(b"there") == "\nthere"


@given(st.text("ab", max_size=12), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_held_back_is_the_longest_beginning_of_a_mark(text: str, marks: list[str]) -> None:
    fitting = [
        count
        for count in range(1, len(text) + 1)
        if any(len(mark) > count and mark.startswith(text[-count:]) for mark in marks)
    ]
    count = held_back(text, marks)
    assert count >= max(fitting, default=0)
    assert count == 0 or any(mark.startswith(text[-count:]) for mark in marks)
