"""router.backends.openai: a server over a real socket, sound and broken."""

import contextlib
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from router.backends import openai
from router.backends.openai import AUDIO_PIECE, OpenAiBackend, open_session
from router.backends.raw import DONE, Asked, Kind, ModelSaid, Recording
from router.errors import BackendError
from tests.support.model_server import ModelServer, chunk, model_server

KEY = "sk-secret"
CHAT = {"messages": [{"role": "user", "content": "é"}], "stream": True, "model": "theirs", "x": 1.5}


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def backend(server: ModelServer, session: aiohttp.ClientSession) -> OpenAiBackend:
    return OpenAiBackend(session, server.url, "llama", KEY)


async def ask(
    backend: OpenAiBackend, kind: Kind = "chat", body: Any = CHAT, recording: Any = None
) -> list[Any]:
    return [piece async for piece in backend.ask(Asked(kind, body, recording))]


async def test_a_stream_is_passed_on(server: ModelServer, backend: OpenAiBackend) -> None:
    server.says("Good", " day")
    pieces = await ask(backend)
    assert [piece["choices"][0]["delta"].get("content") for piece in pieces[:2]] == ["Good", " day"]
    assert pieces[-1] == DONE
    (got,) = server.requests
    assert got.body == {**CHAT, "model": "llama"}
    assert got.headers["Authorization"] == f"Bearer {KEY}"


async def test_without_a_key_nothing_is_said(
    server: ModelServer, session: aiohttp.ClientSession
) -> None:
    server.says("a")
    await ask(OpenAiBackend(session, server.url, "llama"))
    assert "Authorization" not in server.requests[0].headers


async def test_whole_answers_and_embeddings_are_one_piece(
    server: ModelServer, backend: OpenAiBackend
) -> None:
    for kind in ("chat", "embeddings"):
        server.replies(b'{"object":', b'"list"}')
        assert await ask(backend, kind, {"input": "a"}) == [{"object": "list"}]


async def test_speech_comes_in_pieces(server: ModelServer, backend: OpenAiBackend) -> None:
    sound = bytes(range(256)) * 100
    server.replies(sound, content_type="audio/mpeg")
    pieces = await ask(backend, "speech", {"input": "a"})
    assert b"".join(pieces) == sound
    assert max(map(len, pieces)) <= AUDIO_PIECE


async def test_a_recording_is_sent_as_a_form(
    server: ModelServer, backend: OpenAiBackend, tmp_path: Path
) -> None:
    file = tmp_path / "private-name"
    file.write_bytes(b"RIFF")
    server.replies(b"two words", content_type="text/plain")
    body = {"language": "en", "stream": True, "timestamp_granularities": ["word", "segment"]}
    heard = await ask(backend, "transcription", body, Recording(file, "audio/flac"))
    assert heard == ["two words"]
    (got,) = server.requests
    assert got.fields == [
        ("model", "llama"),
        ("language", "en"),
        ("stream", "true"),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
    ]
    assert got.files == {"file": ("audio.flac", "audio/flac", b"RIFF")}


async def test_a_streamed_transcription_ends_with_the_line(
    server: ModelServer, backend: OpenAiBackend, tmp_path: Path
) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"RIFF")
    event = {"type": "transcript.text.done", "text": "two words"}
    server.streams(event, done=False)
    recording = Recording(file, "audio/x-unknown")
    assert await ask(backend, "transcription", {"stream": True}, recording) == [event]
    assert server.requests[0].files["file"][0] == "audio.mp3"


async def test_a_reason_is_an_end_too(server: ModelServer, backend: OpenAiBackend) -> None:
    server.streams(chunk({"content": "a"}), chunk({}, "length"), done=False)
    assert (await ask(backend))[-1] == DONE


@pytest.mark.parametrize("cut", [False, True])
async def test_an_answer_that_ends_in_the_middle_is_a_failure(
    server: ModelServer, backend: OpenAiBackend, cut: bool
) -> None:
    server.streams(chunk({"content": "a"}), done=False, cut=cut)
    with pytest.raises(BackendError):
        await ask(backend)


async def test_what_the_model_says_of_a_request_is_passed_on(
    server: ModelServer, backend: OpenAiBackend
) -> None:
    said = {"error": {"message": f"too long, {KEY}"}}
    server.replies(json.dumps(said).encode(), status=400)
    with pytest.raises(ModelSaid) as caught:
        await ask(backend)
    assert caught.value.body == {"error": {"message": "too long, ***"}}
    server.replies(b"<html>busy</html>", status=503)
    with pytest.raises(ModelSaid) as caught:
        await ask(backend)
    assert caught.value.body["error"]["message"] == "<html>busy</html>"
    server.streams(chunk({"content": "a"}), {"error": {"message": "dropped"}})
    with pytest.raises(ModelSaid) as caught:
        await ask(backend)
    assert caught.value.body == {"error": {"message": "dropped"}}


@pytest.mark.parametrize("status", [302, 401, 403])
async def test_what_is_about_the_provider_is_not(
    server: ModelServer, backend: OpenAiBackend, status: int
) -> None:
    server.replies(b"{}", status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(BackendError, match=str(status)) as caught:
        await ask(backend)
    assert not isinstance(caught.value, ModelSaid)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        (b"data: provider failed\n\n", "text/event-stream"),
        (b"data: []\n\n", "text/event-stream"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "text/event-stream"),
        (b"no json", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json"),
    ],
)
async def test_nonsense_is_a_failure(
    server: ModelServer, backend: OpenAiBackend, piece: bytes, kind: str
) -> None:
    server.replies(piece, content_type=kind)
    with pytest.raises(BackendError, match="sent something"):
        await ask(backend)


@pytest.mark.parametrize("kind", ["chat", "embeddings", "speech", "transcription"])
async def test_too_much_is_refused(
    server: ModelServer, backend: OpenAiBackend, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai, "LONGEST_ANSWER", 1000)
    monkeypatch.setattr(openai, "LONGEST_WHOLE", 1000)
    if kind == "chat":
        server.says(*["a" * 100] * 20)
    else:
        server.replies(b"a" * 2000)
    with pytest.raises(BackendError, match="more than is accepted"):
        await ask(backend, kind)


async def test_no_server_is_a_failure_without_the_key(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BackendError, match="failed") as caught:
        await ask(OpenAiBackend(session, "http://127.0.0.1:1/v1", "llama", KEY))
    assert KEY not in f"{caught.value} {caught.value.hint} {caplog.text}"


async def test_closing_ends_the_work_at_once(server: ModelServer, backend: OpenAiBackend) -> None:
    server.streams(chunk({"content": "a"}), done=False, silent=True)
    pieces = backend.ask(Asked("chat", CHAT))
    async with contextlib.aclosing(pieces):
        await anext(pieces)
    await server.gone.wait()
