"""POST /v1/audio/*: speech to text and text to speech, through sessions of the network."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from router.api.call import Call, Route
from router.api.errors import ApiError
from router.api.form import Form, read_form
from router.api.remote import REMOTE_HEADERS, Remote, RemoteModel
from router.backends.chat_answer import closing
from router.errors import BackendError, BadRequest
from router.inference.library import ModelLibrary
from router.morrpc.endings import Kind

LONGEST_SPEECH = 1 << 20  # letters
MOST_SOUND = 64 * 1024 * 1024
_REFUSALS = (400, 402, 404, 408, 409, 413, 415, 423, 502, 503, 504)
_SOUNDS = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_RECORDINGS = {
    **_SOUNDS,
    "wave": "audio/wav",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "webm": "audio/webm",
    "wma": "audio/x-ms-wma",
    "amr": "audio/amr",
    "3gp": "audio/3gpp",
    "aiff": "audio/aiff",
}
_PLAIN = ("text", "srt", "vtt")
LINK = "s3_presigned_url"
WORDS = "timestamp_granularities"
_NAMES = {"language": "Language", "prompt": "Prompt", "temperature": "Temperature"}
# What is not handed on as it came.
_OURS = frozenset({*_NAMES, "model", "stream", "format", LINK, WORDS})
# Not in whatever case: a path would be one of the provider's own computer.
_NEVER = frozenset({"filepath", "type"})


class Audio:
    """Hears and speaks."""

    def __init__(self, library: ModelLibrary, remote: Remote) -> None:
        self._library = library
        self._remote = remote

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "POST",
                "/v1/audio/transcriptions",
                self.transcribe,
                "Write down a recording.",
                "Audio",
                scope="chat",
                body="TranscriptionRequest",
                body_media="multipart/form-data",
                answer="Transcription",
                streams="TranscriptionEvent",
                parameters=REMOTE_HEADERS,
                refusals=_REFUSALS,
            ),
            Route(
                "POST",
                "/v1/audio/speech",
                self.speak,
                "Read a text aloud.",
                "Audio",
                scope="chat",
                body="SpeechRequest",
                answer="Sound",
                media="audio/mpeg",
                parameters=REMOTE_HEADERS,
                refusals=_REFUSALS,
            ),
        )

    async def transcribe(self, call: Call) -> web.StreamResponse:
        """Serve one recording."""
        form = await read_form(call.request)
        chosen = await self._chosen(call, form.values.get("model"))
        if not form.file and not form.values.get(LINK):
            raise BadRequest("There is no recording.", param="file", code="missing_field")
        style = form.values.get("response_format") or form.values.get("format") or "json"
        is_stream = form.values.get("stream", "").lower() in ("true", "1")
        params = _params(form, style, is_stream)
        if form.file:
            kind = _content_type(form.file_name)
            values = self._remote.transcribe(chosen, form.file, kind, params)
        else:  # it lies where the provider can get it; nothing is fetched here
            link = _link(form.values[LINK])
            values = self._remote.ask(chosen, {**params, **link}, Kind.TRANSCRIPTION)
        if not is_stream:
            async with closing(values):
                parts = [value async for value in values]
            return _transcript(call, parts, style)
        stream = None
        async with closing(values):
            async for value in values:
                stream = stream or await call.begin_stream({})
                await stream.send(_event(value))
        if stream is None:
            raise BackendError("The provider did not answer.")
        await stream.close()
        return stream.response

    async def speak(self, call: Call) -> web.StreamResponse:
        """Serve one text."""
        fields = await call.fields()
        chosen = await self._chosen(call, fields.text("model"))
        if len(fields.needed_text("input")) > LONGEST_SPEECH:
            raise fields.wrong("input", f"a text of at most {LONGEST_SPEECH} letters")
        style = fields.choice("response_format", tuple(_SOUNDS)) or "mp3"
        body = {"response_format": style, "speed": 1, **fields.values}
        sounds = self._remote.speak(chosen, body)
        response, size = web.StreamResponse(headers={"Content-Type": _SOUNDS[style]}), 0
        async with closing(sounds):
            async for sound in sounds:
                if not response.prepared:
                    await response.prepare(call.request)
                size += len(sound)
                if size > MOST_SOUND:
                    raise ConnectionResetError("the provider never stops speaking")
                await response.write(sound)
        if not response.prepared:
            raise BackendError("The provider did not answer.")
        await response.write_eof()
        return response

    async def _chosen(self, call: Call, name: str | None) -> RemoteModel:
        """The model with a session; those of this computer neither hear nor speak."""
        chosen = await self._remote.chosen(call, name)
        if chosen is not None:
            return chosen
        call.model(self._library, name)
        raise ApiError(
            400,
            "audio_not_supported",
            "Models of this computer neither hear nor speak. Name one with an open session: "
            "GET /v1/models lists them.",
            param="model",
        )


def _params(form: Form, style: str, is_stream: bool) -> dict[str, Any]:
    """The form in the names of the protocol, with all that was sent besides."""
    rest: dict[str, Any] = {
        name: value
        for name, value in (*form.values.items(), *form.lists.items())
        if name not in _OURS and name.lower() not in _NEVER
    }
    words = form.lists.get(WORDS, [])
    if WORDS in form.values:
        words = [*words, form.values[WORDS]]
    named: dict[str, Any] = {_NAMES[n]: v for n, v in form.values.items() if n in _NAMES}
    if "Temperature" in named:
        try:
            named["Temperature"] = float(named["Temperature"])
        except ValueError as error:
            raise BadRequest("temperature is a number.", param="temperature") from error
    if words:
        named["TimestampGranularities"] = words
    return {**rest, **named, "Format": style, "Stream": is_stream}


def _link(text: str) -> dict[str, str]:
    """Where the recording lies, in the name of the protocol."""
    if not text.startswith(("https://", "http://")) or not text.isprintable():
        raise BadRequest("This is no address of a recording.", param=LINK, code="invalid_value")
    return {"S3PresignedURL": text}


def _transcript(call: Call, parts: list[Any], style: str) -> web.Response:
    """The text in the form that was asked for, whatever form it came in."""
    if not parts:
        raise BackendError("The provider did not answer.")
    value = parts[0] if len(parts) == 1 else {"text": "".join(_delta(part) for part in parts)}
    if isinstance(value, str) and style not in _PLAIN:
        # Deployed providers hand on JSON as text.
        value = _parsed(value)
    if isinstance(value, Mapping):
        text = value.get("text")
        if style in _PLAIN and isinstance(text, str):
            return web.Response(text=text)
        return call.answer({**value, "text": text if isinstance(text, str) else ""})
    return web.Response(text=str(value))


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"text": text}
    return value if isinstance(value, dict) else {"text": text}


def _delta(part: Any) -> str:
    text = part.get("delta") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _event(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {"type": "transcript.text.done", "text": str(value)}


def _content_type(file_name: str) -> str:
    return _RECORDINGS.get(file_name.rpartition(".")[2].lower(), "audio/mpeg")
