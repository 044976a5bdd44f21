"""A model server on this computer with an interface like OpenAI's, that does what a test wants."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer.

    Args:
        pieces: of the body, as they are written.
        silent: never end after the last piece.
        cut: close the line instead of ending the answer.
    """

    pieces: tuple[bytes, ...] = ()
    content_type: str = "application/json"
    status: int = 200
    silent: bool = False
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Got:
    """One request: its headers, and its JSON or the fields of its form."""

    headers: dict[str, str]
    body: Any = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)


class ModelServer:
    """Gives the queued replies in order.

    `requests` is all that was asked; `began` is set when an answer began, `gone` when a client left
    before its answer ended.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Got] = []
        self.began = asyncio.Event()
        self.gone = asyncio.Event()
        self._replies: deque[Reply] = deque()

    def replies(self, *pieces: bytes, **how: Any) -> None:
        """Queue an answer; see Reply."""
        self._replies.append(Reply(pieces, **how))

    def streams(self, *values: Any, done: bool = True, **how: Any) -> None:
        """Queue a stream of events."""
        pieces = [b"data: %s\n\n" % json.dumps(value).encode() for value in values]
        pieces += [b"data: [DONE]\n\n"] if done else []
        self.replies(*pieces, content_type="text/event-stream", **how)

    def says(self, *texts: str, **how: Any) -> None:
        """Queue a streamed chat answer."""
        chunks = [chunk({"content": text}) for text in texts]
        self.streams(*chunks, chunk({}, "stop"), **how)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request."""
        self.requests.append(await _read(request))
        reply = self._replies.popleft()
        answer = web.StreamResponse(
            status=reply.status, headers={"Content-Type": reply.content_type, **reply.headers}
        )
        try:
            await answer.prepare(request)
            for piece in reply.pieces:
                await answer.write(piece)
                self.began.set()
            if reply.silent:
                self.began.set()
                await asyncio.Event().wait()
            if reply.cut:
                assert request.transport is not None
                request.transport.close()
            else:
                await answer.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            self.gone.set()
            raise
        return answer


def chunk(delta: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a chat answer, as servers send it."""
    choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
    return {"id": "c1", "object": "chat.completion.chunk", "choices": choices, **more}


async def _read(request: web.Request) -> Got:
    got = Got(dict(request.headers))
    if request.content_type != "multipart/form-data":
        got.body = await request.json()
        return got
    async for part in await request.multipart():
        assert isinstance(part, aiohttp.BodyPartReader)
        content = bytes(await part.read())
        if part.filename:
            kind = part.headers["Content-Type"]
            got.files[part.name or ""] = (part.filename, kind, content)
        else:
            got.fields.append((part.name or "", content.decode()))
    return got


@contextlib.asynccontextmanager
async def model_server() -> AsyncIterator[ModelServer]:
    """A running server."""
    server = ModelServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{path:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1/chat/completions"
    try:
        yield server
    finally:
        await runner.cleanup()
