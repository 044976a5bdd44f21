"""Sections are the same however the text arrives, and none is large."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morpheus_desktop.chat.split import (
    MAX_CODE,
    MAX_CODE_LINES,
    MAX_MARKDOWN,
    MAX_PLAIN,
    MAX_PLAIN_LINES,
    Section,
    Splitter,
    split,
)

_LINES = st.sampled_from(
    [
        "word **bold**",
        "",
        "- entry",
        "  - inner",
        "1. first",
        "   more of it",
        "2) second",
        "# Title",
        "```python",
        "```",
        "   ```",
        "~~~~",
        "> quote",
        "| a | b |",
        "|---|---|",
        "    indented",
        "\tx",
        "---",
        "x" * 5_000,
        "end\r",
    ]
)


def kinds(text: str) -> list[str]:
    return [section.kind for section in split(text)]


@settings(deadline=None)
@given(st.lists(_LINES, max_size=30), st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_chunks_do_not_matter(lines: list[str], cuts: list[int]) -> None:
    text = "\n".join(lines)
    splitter = Splitter()
    at = turn = 0
    while at < len(text):
        step = cuts[turn % len(cuts)]
        splitter.feed(text[at : at + step])
        splitter.tail  # noqa: B018 - looking must not change anything
        at, turn = at + step, turn + 1
    splitter.finish()
    assert splitter.sections == split(text)


@settings(deadline=None)
@given(st.lists(_LINES, max_size=30))
def test_no_text_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    kept = "".join(section.text for section in split(text)).split()
    wanted = [word for word in text.split() if not word.startswith(("```", "~~~"))]
    assert [word for word in kept if not word.startswith(("```", "~~~"))] == wanted


def test_complete_sections_never_change() -> None:
    splitter = Splitter()
    seen: list[Section] = []
    for char in "One.\n\n- a\n- b\n\n```sh\nls\n```\nTwo\n\n# Three\nfour":
        splitter.feed(char)
        assert splitter.sections[: len(seen)] == seen
        seen = list(splitter.sections)
    assert len(seen) >= 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\n\nc", ["a\nb\n\n", "c"]),
        ("a\n- b\n- c", ["a\n", "- b\n", "- c"]),
        ("- a\n\n  more\n\nout", ["- a\n\n  more\n\n", "out"]),
        ("1. a\n   - b\n   - c\n2. d", ["1. a\n   - b\n   - c\n", "2. d"]),
        ("# T\ntext", ["# T\n", "text"]),
        ("> a\n> b\n\nc", ["> a\n> b\n\n", "c"]),
        ("In 1986.\n1986. was a year", ["In 1986.\n1986. was a year"]),
        ("    a\n\n    b", ["    a\n\n    b"]),
    ],
)
def test_borders(text: str, expected: list[str]) -> None:
    assert [section.text for section in split(text)] == expected


def test_code_keeps_its_text_exactly() -> None:
    (code,) = split("```py title=x\nif a:\n\n\tb  \n- c\n```\n")
    assert code == Section("code", "if a:\n\n\tb  \n- c\n", "py title=x")


def test_an_open_fence_is_code() -> None:
    splitter = Splitter()
    splitter.feed("```python\nprint(1)\n``")
    assert splitter.tail == Section("code", "print(1)\n", "python")
    splitter.finish()
    assert splitter.sections == [Section("code", "print(1)\n``", "python")]


def test_a_fence_inside_an_entry_stays_with_it() -> None:
    text = "1. Run:\n   ```sh\n   a\n\n   - b\n   ```\n2. Then"
    assert [section.number for section in split(text)] == [1, 2]


def test_entries_are_counted_as_in_one_list() -> None:
    assert [section.number for section in split("3. a\n3. b\n\n1. c\n\ntext\n\n7. d")] == [
        3,
        4,
        5,
        0,
        7,
    ]


def test_a_beginning_fence_is_not_shown_yet() -> None:
    splitter = Splitter()
    splitter.feed("Text.\n\n```pyt")
    assert splitter.tail == Section("markdown", "Text.\n\n")


def test_huge_text_becomes_small_pieces() -> None:
    lines = split("x\n" * 100_000)
    assert {section.kind for section in lines} == {"plain"}
    assert max(section.text.count("\n") for section in lines) <= MAX_PLAIN_LINES
    one_line = split("x" * 1_000_000)
    assert max(len(section.text) for section in one_line) <= MAX_PLAIN
    assert [section.joined for section in one_line[:3]] == [False, True, True]


def test_text_after_a_huge_paragraph_is_markdown_again() -> None:
    text = "x " * MAX_MARKDOWN + "\n\n**b**\n"
    assert kinds(text)[-1] == "markdown"


def test_huge_code_becomes_joined_pieces() -> None:
    pieces = split("```c\n" + "int a;\n" * 2_000 + "```\nend")
    code = [piece for piece in pieces if piece.kind == "code"]
    assert "".join(piece.text for piece in code) == "int a;\n" * 2_000
    assert max(piece.text.count("\n") for piece in code) <= MAX_CODE_LINES
    assert max(len(piece.text) for piece in code) <= MAX_CODE + 4_000
    assert [piece.joined for piece in code] == [False] + [True] * (len(code) - 1)
    assert kinds("```c\n" + "int a;\n" * 2_000 + "```\nend")[-1] == "markdown"
