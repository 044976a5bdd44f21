"""What is left out before the pipe, and what is refused."""

import pytest

from router.backends.base import Request, Turn
from router.errors import ContextTooLong
from router.inference import sending


def talk(*texts: str) -> Request:
    roles = ("user", "assistant")
    return Request("", tuple(Turn(roles[index % 2], text) for index, text in enumerate(texts)))


def test_sizes_and_times() -> None:
    request = talk("x" * 600, "y" * 100)
    assert sending.characters(request) == 700
    assert sending.characters(Request("", prompt="abc")) == 3
    assert sending.estimated_tokens(request) == 200
    assert sending.prompt_s(request) == pytest.approx(5.0014)
    assert sending.prompt_s(talk("x" * 1_000_000)) == 7


def test_what_a_context_may_hold_is_sent() -> None:
    request = talk("a" * 1000, "b" * 1000, "c" * 1000)
    assert sending.shortened(request, 1000) == (request, 0)


def test_what_no_context_could_hold_is_not_sent() -> None:
    request = talk("a" * 10_000, "b" * 10_000, "c" * 1000)
    short, dropped = sending.shortened(request, 1000)
    assert (short.turns, dropped) == (request.turns[2:], 2)


def test_a_question_beyond_its_context() -> None:
    for request in (talk("x" * 16_001), Request("", prompt="x" * 16_001)):
        with pytest.raises(ContextTooLong, match="16,001"):
            sending.shortened(request, 1000)
    assert sending.shortened(talk("x" * 16_000), 1000)[1] == 0


def test_a_question_beyond_the_pipe() -> None:
    with pytest.raises(ContextTooLong, match="2,000,001"):
        sending.shortened(talk("x" * 2_000_001), 1_000_000)
    sending.shortened(talk("x" * 2_000_000), 1_000_000)


def test_texts_for_vectors() -> None:
    longest = "x" * (sending.LONGEST_EMBEDDED_TOKENS * 16)
    sending.check_texts([])
    sending.check_texts([longest, longest])
    for texts in (["", longest + "x"], [longest] * 100):
        with pytest.raises(ContextTooLong):
            sending.check_texts(texts)
