"""router.backends.openai_shapes: requests go out whole, answers are believed only where they can be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.backends.base import (
    Called,
    Delta,
    Finished,
    Request,
    Sampling,
    ToolCall,
    Turn,
)
from router.backends.openai_shapes import ChunkReader, chat_body
from router.errors import BackendError, BadRequest

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def chunk(text: str | None = None, reason: str | None = None, **delta: Any) -> dict[str, Any]:
    given = {"content": text, **delta} if text is not None else delta
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": given, "finish_reason": reason}],
    }


def test_all_of_a_request_goes_out() -> None:
    turns = (
        Turn("system", "S"),
        Turn("user", "Hi", name="Ann"),
        Turn("assistant", "", tool_calls=(ToolCall("1", "look", '{"a":1}'),)),
        Turn("tool", "seen", tool_call_id="1"),
    )
    sampling = Sampling(
        temperature=0.0,
        top_p=0.5,
        top_k=7,
        min_p=0.1,
        repeat_penalty=1.1,
        presence_penalty=0.2,
        frequency_penalty=0.3,
        max_tokens=9,
        seed=3,
        stop=("x",),
        json_schema={"type": "object"},
    )
    body = chat_body(Request("m", turns, sampling=sampling, tools=(TOOL,)))
    assert json.loads(json.dumps(body)) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "S"},
            {"role": "user", "content": "Hi", "name": "Ann"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "1",
                        "type": "function",
                        "function": {"name": "look", "arguments": '{"a":1}'},
                    }
                ],
            },
            {"role": "tool", "content": "seen", "tool_call_id": "1"},
        ],
        "temperature": 0.0,
        "top_p": 0.5,
        "top_k": 7,
        "min_p": 0.1,
        "repeat_penalty": 1.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
        "max_tokens": 9,
        "seed": 3,
        "stop": ["x"],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}},
        },
        "tools": [TOOL],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_what_is_not_wished_for_is_not_sent() -> None:
    body = chat_body(Request("m", (Turn("user", "Hi"),)), stream=False)
    assert body == {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    schema = chat_body(Request("m", sampling=Sampling(json_schema={})), stream=False)
    assert schema["response_format"] == {"type": "json_object"}


def test_plain_text_is_not_continued() -> None:
    with pytest.raises(BadRequest):
        chat_body(Request("m", prompt="Once"))


def test_a_streamed_answer() -> None:
    reader = ChunkReader()
    values = [
        chunk(role="assistant"),
        chunk("", role="assistant"),
        chunk(reasoning_content="so"),
        chunk("Hel"),
        chunk("lo"),
        chunk(reason="length"),
        {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}},
    ]
    assert [delta for value in values if (delta := reader.read(value))] == [
        Delta("", "so"),
        Delta("Hel"),
        Delta("lo"),
    ]
    assert reader.end(0.5, 2.0) == [Finished("length", 5, 7, 0.5, 2.0, claimed=True)]


def test_a_whole_answer() -> None:
    reader = ChunkReader()
    value = {
        "object": "chat.completion",
        "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    assert reader.read(value) == Delta("Hi")
    assert reader.end(1.0, 1.0) == [Finished("stop", 1, 1, 1.0, 1.0, claimed=True)]


def test_calls_come_in_pieces() -> None:
    def call(index: int, **values: Any) -> dict[str, Any]:
        return {"index": index, **values}

    reader = ChunkReader()
    for calls in (
        [call(1, id="b", function={"name": "second", "arguments": "{}"})],
        [call(0, id="a", function={"name": "first", "arguments": '{"x"'})],
        [call(0, function={"arguments": ":1}"})],
    ):
        assert reader.read(chunk(tool_calls=calls)) is None
    reader.read(chunk(reason="tool_calls"))
    called, finished = reader.end(0.1, 0.2)
    assert called == Called((ToolCall("a", "first", '{"x":1}'), ToolCall("b", "second", "{}")))
    assert isinstance(finished, Finished)
    assert finished.reason == "tool_calls"


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 1, "completion_tokens": 2**63},
        {"prompt_tokens": 1, "completion_tokens": 1.5},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"prompt_tokens": "1", "completion_tokens": "2"},
        {"completion_tokens": 3},
        [],
        "many",
    ],
)
def test_impossible_counts_are_not_taken(usage: Any) -> None:
    reader = ChunkReader()
    reader.read({**chunk("a"), "usage": usage})
    reader.read(chunk("b", "stop"))
    assert reader.end(0.0, 1.0) == [Finished("stop", 0, 2, 0.0, 1.0)]


def test_count_of_the_provider_is_second_choice() -> None:
    reader = ChunkReader()
    own = {"prompt_tokens": 3, "completion_tokens": 4}
    reader.read({**chunk("a", "stop"), "usage": None, "usage_from_provider": own})
    assert reader.end(0.0, 1.0) == [Finished("stop", 3, 4, 0.0, 1.0, claimed=True)]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        7,
        {},
        {"choices": ["x"]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {"content": 5}}]},
        {"choices": [{"delta": {"content": {"a": 1}}}]},
        {"choices": [{"delta": {"tool_calls": {}}}]},
        {"choices": [{"delta": {"tool_calls": [5]}}]},
        {"choices": [{"delta": {"tool_calls": [{"function": 5}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": -1, "function": {}}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 10**9, "function": {}}]}}]},
        {"videoRawContent": "data:video/mp4;base64,AA"},
        {"error": {"message": "out of memory"}},
    ],
)
def test_what_has_no_known_form_is_an_error(value: Any) -> None:
    with pytest.raises(BackendError):
        ChunkReader().read(value)


def test_calls_are_bounded() -> None:
    reader = ChunkReader()
    piece = chunk(tool_calls=[{"index": 0, "function": {"arguments": "x" * 1_000_000}}])
    for _ in range(4):
        assert reader.read(piece) is None
    with pytest.raises(BackendError, match="too long"):
        reader.read(piece)


def test_parts_and_pictures_are_text() -> None:
    assert ChunkReader().read(chunk([{"type": "text", "text": "a"}, {"text": "b"}])) == Delta("ab")  # type: ignore[arg-type]
    reader = ChunkReader()
    assert reader.read({"imageUrl": "https://example.org/a.png"}) == Delta(
        "https://example.org/a.png"
    )
    assert reader.reason == "stop"


def test_other_choices_are_left_out() -> None:
    assert ChunkReader().read({"choices": [{"index": 1, "delta": {"content": "x"}}]}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "tool_calls", "function", "index", "usage", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4))
def test_nothing_else_is_ever_raised(values: list[Any]) -> None:
    reader = ChunkReader()
    for value in values:
        try:
            delta = reader.read(value)
        except BackendError:
            return
        assert delta is None or isinstance(delta.text, str)
    assert isinstance(reader.end(0.0, 0.0)[-1], Finished)
