"""Which titles a few letters find, and in which order."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.viewmodels.matching import LONGEST, fold, match, terms


def score(query: str, text: str) -> int | None:
    found = match(terms(query), fold(text))
    return None if found is None else found.score


def marked(query: str, text: str) -> str:
    found = match(terms(query), fold(text))
    assert found is not None
    return "".join(
        f"[{char}]" if at in found.positions else char for at, char in enumerate(text)
    ).replace("][", "")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("clo", "Close session", "[Clo]se session"),
        ("clo", "Enclosed-space notes", "En[clo]sed-space notes"),
        ("clo", "Clear the clipboard", "[Cl]ear the clipb[o]ard"),
        ("nc", "New chat", "[N]ew [c]hat"),
        ("ntc", "New temporary chat", "[N]ew [t]emporary [c]hat"),
        ("dark theme", "Theme: dark", "[Theme]: [dark]"),
        ("CAFE", "Un café", "Un [café]"),
    ],
)
def test_letters_that_fit_are_marked(query, text, expected):
    assert marked(query, text) == expected


@pytest.mark.parametrize(
    ("query", "text"),
    [("xyz", "New chat"), ("chat xyz", "New chat"), ("q", "New chat"), ("olc", "Close")],
)
def test_what_does_not_fit_is_not_found(query, text):
    assert score(query, text) is None


def test_better_fits_come_first():
    in_order = ["Chat", "Chat settings", "New chat", "Snapchat", "Check the hat"]
    scores = [score("chat", text) for text in in_order]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_strewn_letters_are_noise():
    assert score("sourdough", "Set up another direct output for hours of gag") is None


@given(st.text(max_size=300))
def test_folding_keeps_every_place(text):
    assert len(fold(text)) == min(len(text), LONGEST)


@given(st.text(max_size=12), st.text(max_size=60))
def test_marks_are_inside_the_text(query, text):
    found = match(terms(query), fold(text))
    if found is not None:
        assert all(0 <= at < len(text) for at in found.positions)


def test_ten_thousand_titles_in_time():
    titles = [fold(f"Conversation number {n} about compilers and gardens") for n in range(10_000)]
    words = terms("cnv gard")
    started = time.perf_counter()
    found = [match(words, title) for title in titles]
    assert time.perf_counter() - started < 0.25  # about 0.03 s alone on the machine
    assert len(found) == 10_000
