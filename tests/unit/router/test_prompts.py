"""router.prompts: what a model is told of a chat."""

import pytest

from router.backends.base import Turn
from router.prompts import title_of, turns_of
from router.store.records import Attachment, Message, Role


def message(role: Role, content: str, *, reasoning: str = "", files: tuple[Attachment, ...] = ()):
    return Message(
        1, "0x", None, role, content, reasoning, "done", "", "", "local", None, 0.0, files
    )


def test_system_prompt_comes_first_and_reasoning_stays_out() -> None:
    path = [message("user", "Hi"), message("assistant", "Hello", reasoning="they greet")]
    assert turns_of("Be brief.", path, {}) == (
        Turn("system", "Be brief."),
        Turn("user", "Hi"),
        Turn("assistant", "Hello"),
    )
    assert turns_of("  ", path, {})[0].role == "user"


def test_unanswered_questions_become_one_turn() -> None:
    path = [message("user", "One"), message("assistant", ""), message("user", "Two")]
    assert turns_of("", path, {}) == (Turn("user", "One\n\nTwo"),)


def test_files_stand_before_the_question() -> None:
    files = (
        Attachment("a.py", "text/x-python", 9, id=7),
        Attachment("b.txt", "text/plain", 1, id=8),
    )
    path = [message("user", "What is this?", files=files)]
    (turn,) = turns_of("", path, {7: "print(1)\n", 8: "b"})
    assert turn.content == "a.py:\n```\nprint(1)\n```\n\nb.txt:\n```\nb\n```\n\nWhat is this?"
    (turn,) = turns_of("", [message("user", "", files=files[:1])], {7: "x"})
    assert turn.content == "a.py:\n```\nx\n```"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Which pages in my log fail?", "Which pages in my log fail"),
        ("one two three four five six seven", "one two three four five six…"),
        ("\n\n## Hello **you**\nmore", "Hello **you**"),
        ("> quoted", "quoted"),
        ("", ""),
        ("...", ""),
        ("x" * 500, "x" * 59 + "…"),
        ("a\u202eb", "ab"),
    ],
)
def test_title(text: str, title: str) -> None:
    assert title_of(text) == title
