"""What is painted hides nothing, and what is copied is what was written."""

from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.chat.inert import MAX_MARKS, Run, harmless, runs
from router.untrusted import has_hidden


@given(st.text(st.characters(categories=("L", "M", "N", "Cc", "Cf", "So", "Zs")), max_size=60))
def test_the_original_comes_back_and_nothing_hides(text: str) -> None:
    made = list(runs(text))
    assert "".join(run.original or run.shown for run in made) == text
    assert not has_hidden(harmless(text))
    assert not any(ord(char) < 32 and char not in "\n\t" for char in harmless(text))


def test_ordinary_text_is_one_run() -> None:
    assert list(runs("naïve – 日本 👩‍👧")) == [Run("naïve – 日本 👩‍👧")]


def test_hidden_characters_stand_alone() -> None:
    assert list(runs("a\u200bb\x1bc")) == [
        Run("a"),
        Run("⟨U+200B⟩", "\u200b"),
        Run("b"),
        Run("␛", "\x1b"),
        Run("c"),
    ]


def test_towers_of_marks_are_cut() -> None:
    text = "Z" + "\u0300" * 5_000
    assert harmless(text) == "Z" + "\u0300" * MAX_MARKS + f"⟨{5_000 - MAX_MARKS} marks⟩"


def test_separators_of_paragraphs_are_marks() -> None:
    assert harmless("a\u2029b\ufdd0c\nd") == "a⟨U+2029⟩b⟨U+FDD0⟩c\nd"
