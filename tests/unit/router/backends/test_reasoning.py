"""router.backends.reasoning: the same two texts, however an answer is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.backends.reasoning import ReasoningSplitter


def split(*pieces: str) -> tuple[str, str]:
    splitter = ReasoningSplitter()
    found = [splitter.feed(piece) for piece in pieces] + [splitter.end()]
    return "".join(text for text, _ in found), "".join(reasoning for _, reasoning in found)


@pytest.mark.parametrize(
    ("answer", "text", "reasoning"),
    [
        ("Hello.", "Hello.", ""),
        ("  indented", "  indented", ""),
        ("", "", ""),
        ("\n", "\n", ""),
        ("<think>so it is</think>\n\nYes.", "Yes.", "so it is"),
        ("\n<think>\nso\n\nit is\n</think>Yes.", "Yes.", "so\n\nit is"),
        ("<thinking>so</thinking>Yes.", "Yes.", "so"),
        ("[THINK]so[/THINK]Yes.", "Yes.", "so"),
        ("<think>\n\n</think>\n\nYes.", "Yes.", ""),
        ("<think> a </think> <think> b </think> c ", "c ", "a\n\nb"),
        ("<think>cut off in the mid", "", "cut off in the mid"),
        ("<think>cut off in </thi", "", "cut off in </thi"),
        ("<think>so</think>", "", "so"),
        ("<think>a<think>b</think>c</think>", "c</think>", "a<think>b"),
        ("<thin ice", "<thin ice", ""),
        ("<thi", "<thi", ""),
        ("Use <think>tags</think>.", "Use <think>tags</think>.", ""),
        ("<think>a</think>See `<think>`.", "See `<think>`.", "a"),
    ],
)
def test_split(answer: str, text: str, reasoning: str) -> None:
    assert split(answer) == (text, reasoning)
    assert split(*answer) == (text, reasoning)


def test_reasoning_is_passed_on_as_it_comes() -> None:
    splitter = ReasoningSplitter()
    assert splitter.feed("<think>first ") == ("", "first")
    assert splitter.feed("then</th") == ("", " then")
    assert splitter.feed("ink>So") == ("So", "")
    assert splitter.feed(" be it") == (" be it", "")


tags = st.sampled_from(["<think>", "</think>", "<thinking>", "</thinking>", "[THINK]", " ", "\n"])
answers = st.lists(st.one_of(tags, st.text(max_size=5))).map("".join)


@given(answers, st.data())
def test_any_cut_gives_the_same(answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    edges = [0, *cuts, len(answer)]
    pieces = [answer[a:b] for a, b in itertools.pairwise(edges)]
    assert split(*pieces) == split(answer)


@given(answers, st.text())
def test_nothing_is_lost_but_tags_and_space(answer: str, tail: str) -> None:
    def letters(text: str) -> str:
        for tag in ("<think>", "</think>", "<thinking>", "</thinking>", "[THINK]", "[/THINK]"):
            text = text.replace(tag, "")
        return "".join(text.split())

    text, reasoning = split(answer, tail)
    if "<" not in answer + tail and "[" not in answer + tail:
        assert text == answer + tail
    assert letters(reasoning + text) == letters(answer + tail)
