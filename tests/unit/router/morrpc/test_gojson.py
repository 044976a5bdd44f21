"""Text as Go writes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.morrpc.gojson import clean, quote


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_reads_back(text: str) -> None:
    assert json.loads(quote(text)) == text
    assert clean(text) == text


@given(st.text())
def test_what_is_cleaned_survives_being_sent(text: str) -> None:
    sent = quote(clean(text))
    assert quote(clean(json.loads(sent.encode()))) == sent


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<a href>&", r'"\u003ca href\u003e\u0026"'),
        ("\b\f\n\r\t", r'"\b\f\n\r\t"'),
        ("\x00\x0b\x1f\x7f", '"\\u0000\\u000b\\u001f\x7f"'),
        ("\u2028\u2029\u2030", '"\\u2028\\u2029\u2030"'),
        ("\ud800x", r'"\ufffdx"'),
        ("\ufffd é 😀 /'", '"\ufffd é 😀 /\'"'),
        ('"\\', r'"\"\\"'),
    ],
)
def test_escapes(text: str, written: str) -> None:
    assert quote(text) == written


def test_half_a_character_becomes_one_that_everybody_signs_alike() -> None:
    assert clean("a\ud83d\ud800b") == "a\ufffd\ufffdb"
    assert quote(clean("\udc00")) == '"\ufffd"'
