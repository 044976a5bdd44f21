"""router.backends.raw_local: OpenAI's requests to a local model, and its answers in their shape."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from router.backends.base import Delta
from router.backends.raw import DONE, Asked, Kind, ModelSaid, Recording
from router.backends.raw_local import LocalRaw
from router.errors import BackendError, ContextTooLong, NoModel
from tests.support.scripted_backend import ScriptedBackend

MESSAGES = [{"role": "user", "content": "Two words"}]


async def asked(backend: ScriptedBackend, kind: Kind = "chat", **body: Any) -> list[Any]:
    raw = LocalRaw(backend, "little")
    recording = Recording(Path("none"), "audio/wav") if kind == "transcription" else None
    return [piece async for piece in raw.ask(Asked(kind, body, recording))]


async def test_a_stream_has_chunks_a_count_and_an_end() -> None:
    backend = ScriptedBackend()
    backend.says("Good", " day")
    pieces = await asked(backend, messages=MESSAGES, stream=True, model="whatever")
    assert pieces[-1] == DONE
    assert {piece["object"] for piece in pieces[:-1]} == {"chat.completion.chunk"}
    texts = [piece["choices"][0]["delta"].get("content", "") for piece in pieces[:-1]]
    assert "".join(texts) == "Good day"
    assert pieces[-2]["choices"][0]["finish_reason"] == "stop"
    assert pieces[-2]["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
    assert backend.requests[0].model == "little"


async def test_who_asks_for_the_count_gets_it_apart() -> None:
    options = {"include_usage": True}
    pieces = await asked(ScriptedBackend(), messages=MESSAGES, stream=True, stream_options=options)
    assert pieces[-2]["choices"] == []
    assert pieces[-2]["usage"]["prompt_tokens"] == 2
    assert pieces[-3]["usage"] is None


async def test_a_whole_answer_is_one_piece() -> None:
    backend = ScriptedBackend()
    backend.says(Delta("<think>hm</think>"), "Yes")
    (piece,) = await asked(backend, messages=MESSAGES)
    assert piece["object"] == "chat.completion"
    assert piece["choices"][0]["message"]["content"] == "Yes"
    assert piece["choices"][0]["message"]["reasoning_content"] == "hm"


async def test_embeddings() -> None:
    (piece,) = await asked(ScriptedBackend(), "embeddings", input=["a", "bc"])
    assert [item["embedding"] for item in piece["data"]] == [[1.0], [2.0]]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("chat", {}, "missing_field"),
        ("chat", {"messages": None}, "missing_field"),
        ("chat", {"messages": MESSAGES, "n": 2}, "n_not_supported"),
        ("embeddings", {"input": []}, "missing_field"),
        ("speech", {"input": "a"}, "audio_not_supported"),
        ("transcription", {}, "audio_not_supported"),
    ],
)
async def test_what_cannot_be_served_is_told_to_who_asked(
    kind: Kind, body: dict[str, Any], code: str
) -> None:
    with pytest.raises(ModelSaid) as caught:
        await asked(ScriptedBackend(), kind, **body)
    assert caught.value.body["error"]["code"] == code


async def test_what_is_about_the_question_is_told_to_who_asked() -> None:
    backend = ScriptedBackend()
    backend.says(error=ContextTooLong("Too long."))
    with pytest.raises(ModelSaid) as caught:
        await asked(backend, messages=MESSAGES)
    assert caught.value.body["error"]["message"] == "Too long."


@pytest.mark.parametrize("error", [NoModel("None."), BackendError("None.")])
async def test_what_is_about_this_computer_is_not(error: Exception) -> None:
    backend = ScriptedBackend()
    backend.says(error=error)
    with pytest.raises(BackendError, match="None") as caught:
        await asked(backend, messages=MESSAGES)
    assert not isinstance(caught.value, ModelSaid)


async def test_an_answer_without_an_end_is_a_failure() -> None:
    backend = ScriptedBackend()
    backend.says("Half", unfinished=True)
    with pytest.raises(BackendError):
        await asked(backend, messages=MESSAGES, stream=True)


async def test_closing_stops_the_model() -> None:
    backend = ScriptedBackend()
    backend.says("a", silent=True)
    pieces = LocalRaw(backend, "").ask(Asked("chat", {"messages": MESSAGES, "stream": True}))
    async with contextlib.aclosing(pieces):
        await anext(pieces)
        await anext(pieces)
    assert backend.stopped == 1
