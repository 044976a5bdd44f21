"""router.untrusted: whatever comes in, labels stay one clean line and reading text cannot act."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.untrusted import has_hidden, one_line, visible


@given(st.text())
def test_one_line_is_short_and_clean(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 60
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in line)
    assert not has_hidden(line)


@given(st.text())
def test_visible_leaves_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert not has_hidden(shown)
    assert all(char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs") for char in shown)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_unchanged(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("abc\u202etxt.exe", "abc⟨U+202E⟩txt.exe"),
        ("0x5aAe\u200b053F", "0x5aAe⟨U+200B⟩053F"),
        ("line\nnext\ttab", "line\nnext\ttab"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_visible_examples(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_examples() -> None:
    assert one_line("  two\n words\u202e ") == "two words"
    assert one_line("x" * 100) == "x" * 59 + "…"
    assert one_line("A" * 10_000_000, 10) == "A" * 9 + "…"


def test_hidden_characters_are_noticed() -> None:
    assert has_hidden("0x5a\u200bAe")
    assert not has_hidden("naïve 👨\u200d👩")
