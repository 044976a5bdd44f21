"""Speech to text and text to speech over HTTP, through sessions with providers on real sockets."""

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import openai
import pytest

from router.morrpc.messages import Prompt, UploadChunk, UploadEnd, UploadStart
from tests.support.lying_provider import LyingProvider, closes, tells
from tests.support.session_node import SessionNode, session_node

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SOUND = bytes(range(256)) * 8
PATH = "/v1/audio/transcriptions"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SessionNode]:
    """A node with an open session."""
    async with session_node(tmp_path) as made:
        await made.sellers.offer("provider")
        await made.open()
        yield made


@pytest.fixture
def provider(node: SessionNode) -> LyingProvider:
    return node.sellers.providers[0]


def form(sound: bytes = SOUND, **values: str) -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field("file", io.BytesIO(sound), filename="a.wav", content_type="audio/wav")
    for name, value in {"model": "Model", **values}.items():
        made.add_field(name, value)
    return made


async def test_a_recording_is_written_down(node: SessionNode, provider: LyingProvider) -> None:
    provider.scripts.append(tells({"text": "Good day", "language": "en"}, ends=False))
    answer = await node.send_form(PATH, form(language="en", temperature="0.5", own="x"))
    assert (answer.status, answer.json) == (200, {"text": "Good day", "language": "en"})
    (start,) = provider.asked(UploadStart)
    assert (start.file_size, start.content_type) == (len(SOUND), "audio/wav")
    assert b"".join(chunk.data() for chunk in provider.asked(UploadChunk)) == SOUND
    (end,) = provider.asked(UploadEnd)
    assert json.loads(end.params) == {
        "Language": "en", "Temperature": 0.5, "own": "x", "Format": "json", "Stream": False,
        "type": "audio_transcription",
    }  # fmt: skip


async def test_all_that_is_asked_for_more_than_once_goes_on(
    node: SessionNode, provider: LyingProvider
) -> None:
    made = form(response_format="verbose_json")
    for word in ("word", "segment"):
        made.add_field("timestamp_granularities[]", word)
        made.add_field("own[]", word)
        made.add_field("filePath[]", word)
    provider.scripts.append(tells({"text": "Good day"}, ends=False))
    assert (await node.send_form(PATH, made)).status == 200
    (end,) = provider.asked(UploadEnd)
    params = json.loads(end.params)
    assert params["TimestampGranularities"] == params["own"] == ["word", "segment"]
    assert {"timestamp_granularities[]", "filePath", "filePath[]"} & params.keys() == set()


async def test_a_recording_that_lies_elsewhere(node: SessionNode, provider: LyingProvider) -> None:
    """Where it is goes to the provider, which gets it; here nothing is fetched."""
    link = "https://files.example/a.mp3?sig=1"
    values = {"model": "Model", "s3_presigned_url": link, "language": "en"}
    provider.scripts.append(tells({"text": "Good day"}, ends=False))
    made = aiohttp.FormData(values, default_to_multipart=True)
    answer = await node.send_form(PATH, made)
    assert (answer.status, answer.json) == (200, {"text": "Good day"})
    (asked,) = provider.asked(Prompt)
    assert json.loads(asked.message) == {
        "S3PresignedURL": link, "Language": "en", "Format": "json", "Stream": False,
        "type": "audio_transcription",
    }  # fmt: skip
    wrong = {**values, "s3_presigned_url": "file:///a.mp3"}
    answer = await node.send_form(PATH, aiohttp.FormData(wrong, default_to_multipart=True))
    assert (answer.status, answer.json["error"]["param"]) == (400, "s3_presigned_url")


@pytest.mark.parametrize(
    ("style", "said", "given"),
    [
        ("json", '{"text": "Hi"}', '{"text":"Hi"}'),
        ("json", "Hi", '{"text":"Hi"}'),
        ("verbose_json", {"text": "Hi", "duration": 1}, '{"text":"Hi","duration":1}'),
        ("text", "Hi", "Hi"),
        ("text", {"text": "Hi"}, "Hi"),
        ("vtt", "WEBVTT", "WEBVTT"),
    ],
)
async def test_its_form_is_the_one_that_was_asked_for(
    node: SessionNode, provider: LyingProvider, style: str, said: object, given: str
) -> None:
    provider.scripts.append(tells(said, ends=False))
    answer = await node.send_form(PATH, form(response_format=style))
    assert (answer.status, answer.body.decode()) == (200, given)


async def test_as_it_is_heard(node: SessionNode, provider: LyingProvider) -> None:
    events = [
        {"type": "transcript.text.delta", "delta": "Good "},
        {"type": "transcript.text.done", "text": "Good day"},
    ]
    provider.scripts.append(tells(*events, ends=False))
    answer = await node.send_form(PATH, form(stream="true"))
    assert answer.events == [*events, "[DONE]"]


async def test_the_official_client(node: SessionNode, provider: LyingProvider) -> None:
    url, key = f"{node.api.server.state.url}/v1", node.api.key
    pieces = [base64.b64encode(SOUND[:999]).decode(), base64.b64encode(SOUND[999:]).decode(), None]
    async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0) as client:
        provider.scripts.append(tells({"text": "Good day"}, ends=False))
        heard = await client.audio.transcriptions.create(model="Model", file=("a.mp3", SOUND))
        assert heard.text == "Good day"
        provider.scripts.append(tells(*pieces, ends=False))
        sound = await client.audio.speech.create(
            model="Model", voice="alloy", input="Good day", response_format="wav"
        )
        assert sound.content == SOUND
        assert sound.response.headers["Content-Type"] == "audio/wav"
    (asked,) = provider.asked(Prompt)
    assert json.loads(asked.message) == {
        "response_format": "wav", "speed": 1, "input": "Good day", "voice": "alloy",
        "type": "audio_speech",
    }  # fmt: skip


async def test_what_fails(node: SessionNode, provider: LyingProvider) -> None:
    provider.scripts.extend([closes, closes, tells("no sound", ends=False)])
    speech = {"model": "Model", "input": "Hi"}
    assert (await node.send_form(PATH, form())).status == 502
    for _ in range(2):
        assert (await node.post("/v1/audio/speech", speech)).status == 502
    for answer in (
        await node.send_form(PATH, form(model="small-one")),
        await node.post("/v1/audio/speech", {**speech, "model": "small-one"}),
    ):
        assert (answer.status, answer.code) == (400, "audio_not_supported")
    no_file = aiohttp.FormData({"model": "Model", "own": "x"}, default_to_multipart=True)
    answer = await node.send_form(PATH, no_file)
    assert (answer.status, answer.json["error"]["param"]) == (400, "file")
    answer = await node.post("/v1/audio/speech", {"model": "Model"})
    assert (answer.status, answer.json["error"]["param"]) == (400, "input")
    answer = await node.post("/v1/audio/speech", {**speech, "response_format": "midi"})
    assert answer.json["error"]["param"] == "response_format"
    answer = await node.send_form(PATH, form(temperature="warm"))
    assert answer.json["error"]["param"] == "temperature"


async def test_a_long_recording_passes_and_a_longer_one_does_not(
    node: SessionNode, provider: LyingProvider
) -> None:
    """A recording may be longer than a body of JSON."""
    provider.scripts.append(tells("Hi", ends=False))
    answer = await node.send_form(PATH, form(bytes(9 * 1024 * 1024), response_format="text"))
    assert (answer.status, answer.body) == (200, b"Hi")
    answer = await node.send_form(PATH, form(bytes(25 * 1024 * 1024 + 1)))
    assert (answer.status, answer.code) == (413, "body_too_large")
