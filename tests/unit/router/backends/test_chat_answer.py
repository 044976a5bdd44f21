"""router.backends.chat_answer: from the events of a model to the parts of OpenAI's answers."""

from collections.abc import AsyncGenerator

import pytest

from router.backends.base import Called, Delta, Event, Finished, Started, ToolCall
from router.backends.chat_answer import (
    Answer,
    Chunks,
    calls_json,
    closing,
    completion,
    headers_of,
    new_id,
    usage,
    without_thoughts,
)
from router.errors import BackendError

CALL = ToolCall("c1", "weather", '{"in":"Rome"}')
END = Finished("stop", 7, 3, 0.1, 0.2)


class Script:
    """Events one after the other; `closed` once nobody wants more."""

    def __init__(self, *events: Event) -> None:
        self.closed = False
        self._events = events

    async def __call__(self) -> AsyncGenerator[Event, None]:
        try:
            for event in self._events:
                yield event
        finally:
            self.closed = True


def told(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


def test_an_answer_is_put_together() -> None:
    answer = told(
        Started(7, 2048), Delta("Good", "hm"), Delta(" day", " yes"), Called((CALL,)), END
    )
    assert (answer.text, answer.reasoning, answer.calls) == ("Good day", "hm yes", (CALL,))
    assert answer.started == Started(7, 2048)
    assert answer.usage == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((END,), "stop"),
        ((Finished("length", 1, 1, 0, 0),), "length"),
        ((Called((CALL,)), END), "tool_calls"),
    ],
)
def test_why_it_ended(events: tuple[Event, ...], reason: str) -> None:
    assert told(*events).reason == reason


def test_an_answer_without_an_end_is_a_failure() -> None:
    answer = told(Started(7, 2048), Delta("Good"))
    for read in ("reason", "usage", "tokens"):
        with pytest.raises(BackendError, match="without finishing"):
            getattr(answer, read)


async def test_leaving_stops_the_model() -> None:
    script = Script(Delta("a"), Delta("b"), END)
    events = script()
    async with closing(events):
        await anext(events)
        assert not script.closed
    assert script.closed


async def test_thoughts_become_reasoning() -> None:
    script = Script(Started(1, 2), Delta("<think>so"), Delta(" so</think>Yes"), Delta("."), END)
    answer = told(*[event async for event in without_thoughts(script())])
    assert (answer.reasoning, answer.text) == ("so so", "Yes.")
    assert answer.finished == END


async def test_what_was_held_back_comes_before_calls_and_end() -> None:
    script = Script(Delta("<thi"), Called((CALL,)), END)
    events = [event async for event in without_thoughts(script())]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "<thi"
    assert isinstance(events[-1], Finished)
    assert sum(event.tokens for event in events if isinstance(event, Delta)) == 1


async def test_thoughts_that_nobody_reads_stop_the_model() -> None:
    script = Script(Delta("a"), Delta("b"), END)
    events = without_thoughts(script())
    await anext(events)
    await events.aclose()
    assert script.closed


def test_calls_carry_an_index_only_in_chunks() -> None:
    function = {"name": "weather", "arguments": '{"in":"Rome"}'}
    plain = {"id": "c1", "type": "function", "function": function}
    assert calls_json((CALL,)) == [plain]
    assert calls_json((CALL, CALL), first=2) == [{"index": 2, **plain}, {"index": 3, **plain}]


def test_dropped_messages_are_told_in_a_header() -> None:
    assert headers_of(None) == headers_of(Started(1, 2)) == {}
    assert headers_of(Started(1, 2, dropped_turns=3)) == {"X-Dropped-Messages": "3"}


def test_ids_are_all_different() -> None:
    ids = {new_id("chatcmpl") for _ in range(100)}
    assert len(ids) == 100
    assert all(one.startswith("chatcmpl-") for one in ids)


def test_usage_adds_up() -> None:
    assert usage(2, 3)["total_tokens"] == 5


def test_a_whole_answer_has_openais_shape() -> None:
    made = completion("m", told(Delta("", "hm"), Called((CALL,)), END))
    (choice,) = made["choices"]
    assert made["object"] == "chat.completion"
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["reasoning_content"] == "hm"
    assert choice["message"]["tool_calls"][0]["id"] == "c1"


def test_chunks_of_one_answer_have_one_id_and_count_calls() -> None:
    chunks = Chunks("m", include_usage=True)
    made = [
        chunks.role(),
        *chunks.deltas(Delta("Good", "hm")),
        *chunks.deltas(Called((CALL, CALL))),
        *chunks.deltas(Called((CALL,))),
        chunks.end("stop"),
        chunks.usage(usage(1, 2)),
    ]
    assert len({chunk["id"] for chunk in made}) == 1
    assert {chunk["object"] for chunk in made} == {"chat.completion.chunk"}
    deltas = [chunk["choices"][0]["delta"] for chunk in made[:-1]]
    assert deltas[1:3] == [{"reasoning_content": "hm"}, {"content": "Good"}]
    assert [call["index"] for delta in deltas for call in delta.get("tool_calls", [])] == [0, 1, 2]
    assert [chunk["usage"] for chunk in made[:-1]] == [None] * 6
    assert made[-1]["choices"] == []
