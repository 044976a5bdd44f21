"""From the payload of a question to the pieces of its answer, as the wire wants them."""

import base64
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from router.backends.raw import Asked, Kind, RawBackend, Recording
from router.morrpc.errors import WireError
from router.morrpc.gojson import clean
from router.morrpc.limits import PIECES
from router.morrpc.parsing import parse
from router.provider.refused import Refused
from router.provider.usage import Counter, Tokens

KINDS: dict[str, Kind] = {
    "embeddings": "embeddings",
    "audio_speech": "speech",
}
# What of a transcription goes to the model server, by the name it has on the wire in small
# letters. Everything else stays here: a path or an address would be read in the provider's name.
_HEARD = ("prompt", "temperature", "language", "response_format", "stream")


def read_payload(text: str, recording: Recording | None = None) -> Asked:
    """The question in the JSON text of a message; all its texts can be encoded.

    Raises:
        Refused: it is none, or cannot be served.
    """
    try:
        payload = _cleaned(parse(text.encode("utf-8", "replace"), PIECES))
    except WireError as error:
        raise Refused("failed to prompt: the message is not JSON within its bounds") from error
    if not isinstance(payload, dict):
        raise Refused("failed to prompt: the message is not a JSON object")
    payload.pop("model", None)
    named = payload.pop("type", None)
    if recording is not None:
        return Asked("transcription", _transcription(payload), recording)
    if named == "audio_transcription":
        raise Refused("failed to prompt: a recording is sent by session.prompt.stream")
    return Asked(KINDS.get(named, "chat") if isinstance(named, str) else "chat", payload)


class Exchange:
    """One question and its answer, measured.

    Args:
        clock: seconds of a clock that never jumps.
    """

    def __init__(self, asked: Asked, clock: Callable[[], float] = time.monotonic) -> None:
        self._asked = asked
        self._counter = Counter(asked.body)
        self._clock = clock
        self._began = clock()
        self._first: float | None = None

    @property
    def tokens(self) -> Tokens:
        """So far; speech and embeddings count none."""
        return self._counter.tokens if self._asked.kind == "chat" else Tokens()

    @property
    def total_s(self) -> float:
        """Since it began."""
        return self._clock() - self._began

    @property
    def first_ms(self) -> int | None:
        """To the first piece, if there was one."""
        return None if self._first is None else int((self._first - self._began) * 1000)

    async def pieces(self, backend: RawBackend) -> AsyncGenerator[bytes, None]:
        """JSON texts, each for one frame.

        Raises:
            ModelSaid, BackendError
        """
        async with aclosing(backend.ask(self._asked)) as values:
            async for value in values:
                self._first = self._clock() if self._first is None else self._first
                yield json.dumps(self._worded(value), separators=(",", ":")).encode()
        if self._asked.kind == "speech":
            yield b"null"

    def _worded(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if isinstance(value, str):
            is_object = self._asked.kind == "transcription" and self._wants_json
            return _parsed(value) if is_object else value
        if self._asked.kind == "chat":
            return self._chat(value)
        return {"object": "list", **value} if self._asked.kind == "embeddings" else value

    @property
    def _wants_json(self) -> bool:
        return self._asked.body.get("response_format") in (None, "json", "verbose_json")

    def _chat(self, value: dict[str, Any]) -> dict[str, Any]:
        """A chunk or completion as deployed consumers insist on it, with our count."""
        self._counter.add(value)
        choices = value.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        is_whole = isinstance(first, dict) and "message" in first
        value = {**value, "object": "chat.completion" if is_whole else "chat.completion.chunk"}
        has_ended = isinstance(first, dict) and first.get("finish_reason")
        if is_whole or has_ended or value.get("usage"):
            value["usage_from_provider"] = self.tokens.as_usage
        return value


def _transcription(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a model server is asked: deployed consumers write names in capitals, ours do not."""
    given = {key.lower(): value for key, value in payload.items()}
    given["response_format"] = given.get("format") or given.get("response_format")
    body = {
        name: given[name]
        for name in _HEARD
        if isinstance(given.get(name), str | int | float) and given[name]
    }
    words = given.get("timestampgranularities") or given.get("timestamp_granularities")
    if isinstance(words, list):
        body["timestamp_granularities"] = [word for word in words if isinstance(word, str)]
    return body


def _cleaned(value: Any) -> Any:
    """The value without lone surrogates, at which encoders of model servers fail."""
    match value:
        case str():
            return clean(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {clean(key): _cleaned(item) for key, item in value.items()}
        case _:
            return value


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) else text
