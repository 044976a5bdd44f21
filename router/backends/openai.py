"""Any server with an interface like OpenAI's: its address is posted to as it is written.

The server is chosen by whoever runs this, and may be on this computer; what it sends is measured
all the same. Its key is sent to it alone, and never logged or passed on.
"""

import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp

from router.backends.raw import DONE, Asked, ModelSaid, Recording
from router.backends.sse import EventParser
from router.errors import BackendError

# Speech is passed on in pieces of this size, as deployed providers do.
AUDIO_PIECE = 8192
LONGEST_ANSWER = 64 * 1024 * 1024
LONGEST_WHOLE = 16 * 1024 * 1024
LONGEST_ERROR = 64 * 1024
# A model may think for minutes before its first token.
TIMEOUT = aiohttp.ClientTimeout(total=3600, sock_connect=10, sock_read=240)
MOST_CONNECTIONS = 256

EXTENSIONS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
    "audio/opus": "opus",
    "audio/x-ms-wma": "wma",
    "audio/amr": "amr",
    "audio/3gpp": "3gp",
    "audio/aiff": "aiff",
}


def open_session() -> aiohttp.ClientSession:
    """Connections to model servers, to be shared by backends and closed by the caller."""
    return aiohttp.ClientSession(
        timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
    )


class OpenAiBackend:
    """One model of one server as a RawBackend.

    Args:
        url: the whole address of one kind of request.
        model: what the server calls the model.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, model: str, key: str = "") -> None:
        self._session = session
        self._url = url
        self._model = model
        self._key = key

    async def ask(self, asked: Asked) -> AsyncGenerator[Any, None]:
        """The answer in pieces; see RawBackend."""
        try:
            async with self._posted(asked) as answer:
                await self._check(answer)
                if asked.kind == "speech":
                    pieces = _audio(answer)
                elif answer.content_type == "text/event-stream":
                    pieces = _events(answer, ends_with_mark=asked.kind == "chat")
                else:
                    pieces = _whole(answer, is_json=asked.kind != "transcription")
                async with contextlib.aclosing(pieces):
                    async for piece in pieces:
                        yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BackendError(
                f"The connection to the model server failed ({type(error).__name__}).",
                hint="See that it runs and that apiUrl in models-config.json is right.",
            ) from error

    @contextlib.asynccontextmanager
    async def _posted(self, asked: Asked) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with contextlib.ExitStack() as stack:
            if asked.recording is not None:
                form = _form(asked.body, self._model)
                file = stack.enter_context(asked.recording.path.open("rb"))
                form.add_field(
                    "file",
                    file,
                    filename=f"audio.{_extension(asked.recording)}",
                    content_type=asked.recording.content_type,
                )
                data: Any = form
            else:
                data = aiohttp.JsonPayload({**asked.body, "model": self._model})
            async with self._session.post(
                self._url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                yield answer

    async def _check(self, answer: aiohttp.ClientResponse) -> None:
        """Let a good answer pass."""
        if answer.status == 200:
            return
        if answer.status in (401, 403) or answer.status < 400:
            raise BackendError(
                f"The model server does not let this provider in (status {answer.status}).",
                hint="See that apiUrl and apiKey in models-config.json are right.",
            )
        text = (await _bytes(answer, LONGEST_ERROR)).decode("utf-8", "replace")
        if self._key:
            text = text.replace(self._key, "***")
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = {"error": {"message": text, "code": answer.status}}
        raise ModelSaid(body)


async def _audio(answer: aiohttp.ClientResponse) -> AsyncGenerator[Any, None]:
    size = 0
    async for piece in answer.content.iter_chunked(AUDIO_PIECE):
        size += len(piece)
        if size > LONGEST_ANSWER:
            raise _too_long()
        yield piece


async def _events(
    answer: aiohttp.ClientResponse, *, ends_with_mark: bool
) -> AsyncGenerator[Any, None]:
    """The objects of a stream; a chat that ends without its mark or a reason was cut off."""
    parser = EventParser()
    size, is_whole = 0, not ends_with_mark
    async for data in answer.content.iter_any():
        size += len(data)
        if size > LONGEST_ANSWER:
            raise _too_long()
        for event in parser.feed(data):
            if event.data.strip() == DONE:
                yield DONE
                return
            value = _object(event.data)
            if "error" in value and "choices" not in value:
                raise ModelSaid(value)
            is_whole = is_whole or _says_why_it_ended(value)
            yield value
    if not is_whole:
        raise BackendError("The model server ended its answer in the middle.")
    if ends_with_mark:
        yield DONE


async def _whole(answer: aiohttp.ClientResponse, *, is_json: bool) -> AsyncGenerator[Any, None]:
    text = (await _bytes(answer, LONGEST_WHOLE)).decode("utf-8", "replace")
    yield _object(text) if is_json else text


async def _bytes(answer: aiohttp.ClientResponse, longest: int) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > longest:
            raise _too_long()
    return bytes(content)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackendError("The model server sent something that is not JSON.") from error
    if not isinstance(value, dict):
        raise BackendError("The model server sent something that is not an answer.")
    return value


def _says_why_it_ended(chunk: dict[str, Any]) -> bool:
    choices = chunk.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and choice.get("finish_reason") for choice in choices
    )


def _form(body: dict[str, Any], model: str) -> aiohttp.FormData:
    """The fields of a transcription; lists become one field for each of their entries."""
    form = aiohttp.FormData()
    form.add_field("model", model)
    for name, value in body.items():
        if isinstance(value, list):
            for item in value:
                form.add_field(f"{name}[]", str(item))
        else:
            form.add_field(name, str(value).lower() if isinstance(value, bool) else str(value))
    return form


def _extension(recording: Recording) -> str:
    return EXTENSIONS.get(recording.content_type, "mp3")


def _too_long() -> BackendError:
    return BackendError("The model server sent more than is accepted.")
