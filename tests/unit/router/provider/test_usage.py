"""router.provider.usage: the backend's count, or an estimate; nonsense counts nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.provider.usage import HIGHEST, Counter, Tokens, prompt_tokens

ASKED = {"messages": [{"role": "user", "content": "12345678", "name": "Anna"}]}


def test_without_a_count_it_is_estimated() -> None:
    counter = Counter(ASKED)
    assert counter.tokens == Tokens(7, 0)
    for text in ("abcd", "efgh", "i"):
        counter.add({"choices": [{"delta": {"content": text}}]})
    assert counter.tokens == Tokens(7, 3)
    assert counter.tokens.as_usage["total_tokens"] == 10


def test_parts_and_whole_answers_count() -> None:
    parts = [
        {"type": "text", "text": "1234"},
        {"type": "image_url", "image_url": {"url": "x" * 99}},
    ]
    assert prompt_tokens({"messages": [{"content": parts}]}) == 5
    counter = Counter({})
    counter.add({"choices": [{"message": {"content": "12345678", "reasoning_content": "1234"}}]})
    assert counter.tokens == Tokens(0, 3)


def test_the_count_of_the_backend_is_taken() -> None:
    counter = Counter(ASKED)
    counter.add({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 50}})
    assert counter.tokens == Tokens(100, 50)


@pytest.mark.parametrize("count", [-1, HIGHEST + 1, 2**63, 1.5, "7", None, True])
def test_a_count_without_sense_is_not(count: Any) -> None:
    counter = Counter(ASKED)
    counter.add({"usage": {"prompt_tokens": count, "completion_tokens": count}})
    assert counter.tokens == Tokens(7, 0)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["messages", "content", "text", "choices", "delta", "usage", "name"]), inner
    ),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["messages", "x"]), _json), st.lists(_json, max_size=3))
def test_nothing_that_is_sent_breaks_it(payload: dict[str, Any], values: list[Any]) -> None:
    counter = Counter(payload)
    for value in values:
        counter.add(value)
    assert counter.tokens.prompt >= 0
    assert counter.tokens.answer >= 0
