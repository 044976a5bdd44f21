"""router.api.chat_completions: the shapes of answers, whole and streamed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from router.api.body import Limits
from router.backends.base import (
    AnsweredBy,
    Called,
    Delta,
    Finished,
    Rerouted,
    Started,
    ToolCall,
)
from router.errors import BackendError, ContextTooLong, NoModel
from tests.support.api_client import QUESTION, Api, a_model, running_api, said

CHAT = "/v1/chat/completions"
TOOLS = [{"type": "function", "function": {"name": "weather"}}]
CALLED = Called((ToolCall("c1", "weather", "{}"), ToolCall("c2", "weather", '{"a":1}')))


async def test_a_whole_answer(api: Api) -> None:
    answer = await api.send("POST", CHAT, QUESTION)
    assert answer.status == 200
    body = answer.json
    assert body.pop("id").startswith("chatcmpl-")
    assert body.pop("created") > 1_700_000_000
    assert body == {
        "object": "chat.completion",
        "model": "small-one",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Good day.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
    (question,) = api.backend.questions
    assert question.model == "small-one"
    assert question.turns[0].content == "Hello"


async def test_a_streamed_answer(api: Api) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    answer = await api.send("POST", CHAT, {**QUESTION, **options})
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    *chunks, last, done = answer.events
    assert done == "[DONE]"
    assert {chunk["id"] for chunk in (*chunks, last)} == {last["id"]}
    assert all(chunk["object"] == "chat.completion.chunk" for chunk in (*chunks, last))
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": ""},
        {"content": "Good"},
        {"content": " day"},
        {"content": "."},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 4 + ["stop"]
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


async def test_usage_comes_only_when_asked_for(api: Api) -> None:
    answer = await api.send("POST", CHAT, {**QUESTION, "stream": True})
    assert "usage" not in answer.body.decode()


async def test_reasoning_and_calls(tmp_path: Path) -> None:
    async with running_api(tmp_path, models=[a_model("Small One", "chat", "tools")]) as api:
        api.backend.steps = [
            Started(7, 2048),
            Delta(reasoning="Hm."),
            CALLED,
            Finished("stop", 7, 5, 0.1, 0.2),
        ]
        call = {**QUESTION, "tools": TOOLS}
        choice = (await api.send("POST", CHAT, call)).json["choices"][0]
        assert choice["finish_reason"] == "tool_calls"
        assert choice["message"]["content"] is None
        assert choice["message"]["reasoning_content"] == "Hm."
        assert [one["id"] for one in choice["message"]["tool_calls"]] == ["c1", "c2"]
        assert choice["message"]["tool_calls"][1]["function"] == {
            "name": "weather",
            "arguments": '{"a":1}',
        }
        events = (await api.send("POST", CHAT, {**call, "stream": True})).events
        deltas = [event["choices"][0]["delta"] for event in events[:-1]]
        assert {"reasoning_content": "Hm."} in deltas
        (calls,) = [delta["tool_calls"] for delta in deltas if "tool_calls" in delta]
        assert [one["index"] for one in calls] == [0, 1]
        assert events[-2]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("capabilities", [("chat",), ("chat", "reasoning")])
async def test_thoughts_are_told_apart_where_the_model_has_them(
    tmp_path: Path, capabilities: tuple[str, ...]
) -> None:
    async with running_api(tmp_path, models=[a_model("Small One", *capabilities)]) as api:
        api.backend.steps = said("<thi", "nk>Hm.</think>", "Yes.")
        message = (await api.send("POST", CHAT, QUESTION)).json["choices"][0]["message"]
        events = (await api.send("POST", CHAT, {**QUESTION, "stream": True})).events
    deltas = [event["choices"][0]["delta"] for event in events[:-1]]
    text = "".join(delta.get("content") or "" for delta in deltas)
    thought = "".join(delta.get("reasoning_content") or "" for delta in deltas)
    assert (text, thought) == (message["content"], message.get("reasoning_content", ""))
    if "reasoning" in capabilities:
        assert (text, thought) == ("Yes.", "Hm.")
    else:
        assert (text, thought) == ("<think>Hm.</think>Yes.", "")


async def test_tools_need_a_model_that_knows_them(api: Api) -> None:
    answer = await api.send("POST", CHAT, {**QUESTION, "tools": TOOLS})
    assert (answer.status, answer.code) == (400, "tools_not_supported")
    answer = await api.send("POST", CHAT, {**QUESTION, "tools": TOOLS, "tool_choice": "none"})
    assert answer.status == 200


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ContextTooLong("Too long."), 400, "context_length_exceeded"),
        (BackendError("The model stopped."), 502, "backend_error"),
        (NoModel("None."), 503, "no_model"),
    ],
)
async def test_failures_before_the_first_word_have_a_status(
    api: Api, error: Exception, status: int, code: str, stream: bool
) -> None:
    api.backend.steps = [error]
    answer = await api.send("POST", CHAT, {**QUESTION, "stream": stream})
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("stream", [True, False])
async def test_who_was_asked_before_is_no_part_of_the_answer(api: Api, stream: bool) -> None:
    """What fails after others were asked, and before a word, has its status too."""
    asked = [AnsweredBy("remote", "Llama", "0xA1"), Rerouted("Llama", "Mistral", "Silent.", 1.0)]
    body = {**QUESTION, "stream": stream}
    api.backend.steps = [*asked, BackendError("The model stopped.")]
    assert (await api.send("POST", CHAT, body)).status == 502
    api.backend.steps = [*asked, *said("One")]
    answer = await api.send("POST", CHAT, body)
    assert answer.status == 200
    assert b"Llama" not in answer.body


async def test_a_failure_later_is_the_last_event(api: Api) -> None:
    api.backend.steps = [*said("One")[:2], BackendError("The model stopped.")]
    events = (await api.send("POST", CHAT, {**QUESTION, "stream": True})).events
    assert events[-1]["error"]["code"] == "backend_error"
    assert (await api.send("POST", CHAT, QUESTION)).status == 502


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_without_an_end_is_a_failure(api: Api, stream: bool) -> None:
    for steps in ([], said("One")[:2]):
        api.backend.steps = steps
        answer = await api.send("POST", CHAT, {**QUESTION, "stream": stream})
        assert b"backend_error" in answer.body
        assert b"[DONE]" not in answer.body


async def test_models_by_name_by_header_and_by_default(tmp_path: Path) -> None:
    async with running_api(tmp_path, models=[a_model("One"), a_model("Two B")]) as api:

        async def asked(model: Any = None, **headers: str) -> str:
            answer = await api.send("POST", CHAT, {**QUESTION, "model": model}, **headers)
            found: str = answer.json["model"] if answer.status == 200 else answer.code
            return found

        assert await asked() == "one"
        assert await asked("") == "one"
        assert await asked("two-b") == "two-b"
        assert await asked("Two B") == "two-b"
        assert await asked("three") == "model_not_found"
        assert await asked(model_id="0x" + "0" * 64) == "one"
        assert await asked(model_id="two-b") == "two-b"
        assert await asked("one", model_id="two-b") == "two-b"
        assert await asked(model_id="0x" + "7" * 64) == "model_not_found"
        assert await asked(session_id="0x" + "0" * 64) == "one"
        assert await asked(session_id="0x" + "7" * 64) == "not_ready"  # nobody knows yet


async def test_dropped_messages_are_told(api: Api) -> None:
    start = Started(7, 2048, dropped_turns=3)
    api.backend.steps = [start, *said("One")[1:]]
    for stream in (True, False):
        answer = await api.send("POST", CHAT, {**QUESTION, "stream": stream})
        assert answer.headers["X-Dropped-Messages"] == "3"
    api.backend.steps = said("One")
    assert "X-Dropped-Messages" not in (await api.send("POST", CHAT, QUESTION)).headers


@pytest.mark.parametrize("steps", [[], said("One")[:2]], ids=["waiting", "writing"])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_goes_away_stops_the_model(
    api: Api, stream: bool, steps: list[Any]
) -> None:
    api.backend.steps = [*steps, asyncio.Event()]
    state = api.server.state
    body = b'{"messages":[{"role":"user","content":"x"}],"stream":%s}' % (
        b"true" if stream else b"false"
    )
    _, writer = await asyncio.open_connection(state.host, state.port)
    writer.write(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    async with asyncio.timeout(30):
        while not api.backend.running:
            await asyncio.sleep(0)
    writer.close()
    async with asyncio.timeout(30):
        await api.backend.stopped.wait()
    await writer.wait_closed()
    async with asyncio.timeout(30):
        while not api.server.request_log.records:
            await asyncio.sleep(0)
    assert api.server.request_log.records[0].status == 499


async def test_a_client_that_does_not_read_holds_up_the_model_and_is_cut(tmp_path: Path) -> None:
    async with running_api(tmp_path, limits=Limits(write_s=0.2)) as api:
        api.backend.steps = said(*["x" * 100_000] * 1000)
        state = api.server.state
        reader, writer = await asyncio.open_connection(state.host, state.port, limit=1024)
        body = b'{"messages":[{"role":"user","content":"x"}],"stream":true}'
        writer.write(
            f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await reader.readline()
        async with asyncio.timeout(30):
            await api.backend.stopped.wait()
        writer.close()


async def test_twenty_at_once_are_answered_in_order(api: Api) -> None:
    async def ask(number: int) -> int:
        question = {"messages": [{"role": "user", "content": str(number)}]}
        return (await api.send("POST", CHAT, {**question, "stream": number % 2 == 0})).status

    statuses = await asyncio.gather(*(ask(number) for number in range(20)))
    assert statuses == [200] * 20
    asked = sorted(int(question.turns[0].content) for question in api.backend.questions)
    assert asked == list(range(20))
    assert len(api.server.request_log.records) == 20
