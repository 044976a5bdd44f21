"""Chat completions through open sessions: what the client asked goes on as it came.

What comes back was written by a stranger. It is brought into OpenAI's shape, whatever the provider
made of it: chunks for a client that wanted a whole answer, and the other way round.
"""

import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from router.api.call import Call
from router.api.history import Author, History
from router.api.remote import Remote, RemoteModel
from router.api.sse import EventStream
from router.backends.base import Event, Request, Role, Started, Turn
from router.backends.chat_answer import Answer, Chunks, closing, completion, new_id
from router.backends.chat_request import MOST_MESSAGES
from router.backends.fields import Fields
from router.backends.openai_shapes import ChunkReader
from router.errors import BackendError

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user"}
_WHOLE, _CHUNK = "chat.completion", "chat.completion.chunk"


@dataclass(frozen=True)
class Piece:
    """A part of an answer as it came, and what it says; the last one only says."""

    value: dict[str, Any] | None
    events: tuple[Event, ...]


class RemoteChat:
    """Answers conversations through sessions."""

    def __init__(self, remote: Remote, history: History) -> None:
        self._remote = remote
        self._history = history

    async def complete(
        self, call: Call, fields: Fields, chosen: RemoteModel, chat_id: str
    ) -> web.StreamResponse:
        """Serve one request.

        Args:
            chat_id: of the chat that keeps it; empty for none.

        Raises:
            BadRequest: there are no messages.
            As Remote.ask.
        """
        if not fields.tables("messages", MOST_MESSAGES):
            raise fields.wrong("messages", "a list with at least one message", code="missing_field")
        is_stream = fields.flag("stream")
        pieces = self._pieces(chosen, fields.values)
        if chat_id:
            pieces = self._history.kept(
                pieces, _request(fields.values), _author(chosen), chat_id, _said
            )
        if is_stream:
            return await self._stream(call, chosen, pieces)
        return await self._whole(call, chosen, pieces)

    async def _pieces(
        self, chosen: RemoteModel, body: Mapping[str, Any]
    ) -> AsyncGenerator[Piece, None]:
        reader, begun, first_s = ChunkReader(), time.monotonic(), 0.0
        values = self._remote.ask(chosen, body)
        async with closing(values):
            async for value in values:
                delta = None if _is_medium(value) else reader.read(value)
                if delta is not None and not first_s:
                    first_s = time.monotonic() - begun
                started = (Started(0, 0),) if reader.pieces == 1 else ()
                yield Piece(value, (*started, *((delta,) if delta is not None else ())))
        ended = reader.end(first_s, time.monotonic() - begun)
        yield Piece(None, (*(() if reader.pieces else (Started(0, 0),)), *ended))

    async def _whole(
        self, call: Call, chosen: RemoteModel, pieces: AsyncGenerator[Piece, None]
    ) -> web.Response:
        answer, values = Answer(), list[dict[str, Any]]()
        async with closing(pieces):
            async for piece in pieces:
                _add(answer, piece)
                if piece.value is not None:
                    values.append(piece.value)
        if not values:
            raise BackendError("The provider did not answer.")
        call.draft.note(answer)
        if len(values) == 1 and _is_medium(values[0]):
            return call.answer(values[0])
        if len(values) == 1 and _is_whole(values[0]):
            return call.answer(_labelled(values[0], chosen, _WHOLE, new_id("chatcmpl")))
        return call.answer(completion(chosen.id, answer))

    async def _stream(
        self, call: Call, chosen: RemoteModel, pieces: AsyncGenerator[Piece, None]
    ) -> web.StreamResponse:
        answer = Answer()
        chunks = Chunks(chosen.id, include_usage=False)
        name = new_id("chatcmpl")
        stream: EventStream | None = None
        is_cut_up = False
        async with closing(pieces):
            async for piece in pieces:
                _add(answer, piece)
                value = piece.value
                if value is None:
                    if is_cut_up and stream is not None:
                        for delta in _deltas(chunks, piece):
                            await stream.send(delta)
                    continue
                # Only now: what fails before is told by its status.
                stream = stream or await call.begin_stream({})
                if _is_whole(value):
                    is_cut_up = True
                    await stream.send(chunks.role())
                    for delta in _deltas(chunks, piece):
                        await stream.send(delta)
                elif _is_medium(value):
                    await stream.send(value)
                else:
                    await stream.send(_labelled(value, chosen, _CHUNK, name))
        if stream is None:
            raise BackendError("The provider did not answer.")
        call.draft.note(answer)
        if is_cut_up:
            await stream.send(chunks.end(answer.reason))
        await stream.close()
        return stream.response


def _add(answer: Answer, piece: Piece) -> None:
    for event in piece.events:
        answer.add(event)


def _said(piece: Piece) -> Iterable[Event]:
    return piece.events


def _deltas(chunks: Chunks, piece: Piece) -> Iterable[dict[str, Any]]:
    return (delta for event in piece.events for delta in chunks.deltas(event))


def _is_whole(value: dict[str, Any]) -> bool:
    """Whether it is a whole completion, which some providers send to who wants a stream."""
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return value.get("object") == _WHOLE or (
        isinstance(first, dict) and "message" in first and "delta" not in first
    )


def _is_medium(value: Any) -> bool:
    """Whether it is a picture or a film, which has no shape of OpenAI's here."""
    return isinstance(value, dict) and any(
        isinstance(value.get(name), str) and value[name]
        for name in ("imageUrl", "videoRawContent", "imageRawContent")
    )


def _labelled(value: dict[str, Any], chosen: RemoteModel, kind: str, name: str) -> dict[str, Any]:
    """The same with what clients insist on; the model is called as the client calls it."""
    given = {key: value.get(key) for key in ("id", "created")}
    choices = value.get("choices")
    return {
        **value,
        "id": given["id"] if isinstance(given["id"], str) and given["id"] else name,
        "object": kind,
        "created": given["created"] if type(given["created"]) is int else int(time.time()),
        "model": chosen.id,
        "choices": [
            _choice(choice, "message" if kind == _WHOLE else "delta")
            for choice in (choices if isinstance(choices, list) else ())
            if isinstance(choice, dict)
        ],
    }


def _choice(choice: dict[str, Any], part: str) -> dict[str, Any]:
    """Whatever else is in it, clients look into its part without a question."""
    said, index = choice.get(part), choice.get("index")
    return {
        **choice,
        "index": index if type(index) is int else 0,
        part: said if isinstance(said, dict) else {},
        "finish_reason": choice.get("finish_reason"),
    }


def _author(chosen: RemoteModel) -> Author:
    view = chosen.view
    return Author(
        chosen.model_id,
        chosen.name,
        "remote",
        view.provider,
        view.id,
        view.bid.price_per_second if view.bid is not None else 0,
        view.session.is_direct,
    )


def _request(body: Mapping[str, Any]) -> Request:
    """What the history keeps of a request: the texts in its messages."""
    turns = tuple(
        Turn(_ROLES.get(str(message.get("role")), "assistant"), _text(message.get("content")))
        for message in body["messages"]
    )
    return Request("", turns)


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
