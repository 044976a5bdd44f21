"""A provider with a real key on a real socket that answers as its script says: well, or with lies.

A script is a coroutine function over an `Exchange`; the functions here make the usual ones. What
is not scripted is answered as an honest provider does.
"""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from eth_utils.crypto import keccak

from router.morrpc.approvals import Approval, Report
from router.morrpc.envelope import write_result
from router.morrpc.errors import WireError
from router.morrpc.freshness import Requests
from router.morrpc.messages import (
    Frame,
    Params,
    Ping,
    Pong,
    Prompt,
    ReportRequest,
    SessionAnswer,
    SessionRequest,
    UploadChunk,
    UploadEnd,
    UploadStart,
)
from router.morrpc.provider import Answering
from router.morrpc.sealing import seal
from router.morrpc.signing import key_of, sign
from router.wallet.account import Account

CHAIN_ID = 1337
BID = "0x" + "b1" * 32


def account(name: str) -> Account:
    """A real account, the same for the same name."""
    return Account(keccak(text=f"lying provider {name}"))


@dataclass
class Exchange:
    """One request and what can be done about it; the connection is closed afterwards."""

    provider: "LyingProvider"
    answering: Answering
    request: Params
    key: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    id: str

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        await asyncio.sleep(0)  # both ends share a loop

    async def say(self, *texts: str) -> None:
        """Honest pieces of a streamed answer."""
        for text in texts:
            await self.send(self.answering.chunk(piece(text)))

    async def finish(self, reason: str = "stop", **more: Any) -> None:
        """The last piece, which says why it ended, and the end marker."""
        await self.send(self.answering.chunk(piece("", reason, **more)))
        await self.send(self.answering.done())

    def frame(self, text: str, *, signer: Account | None = None, **changes: Any) -> bytes:
        """A piece made by hand, so that each part of it can be wrong."""
        body = Frame(
            message=seal(piece(text), self.key).hex(), timestamp_ms=time.time_ns() // 10**6
        )
        body = replace(body, **changes)
        return write_result(self.id, sign(body, signer or self.provider.account))

    def reset(self) -> None:
        """End the connection as a crash does."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hang(self) -> None:
        """Say nothing until the other side goes away."""
        with contextlib.suppress(OSError):
            await self.reader.read()


Script = Callable[[Exchange], Awaitable[None]]


def piece(text: str, reason: str | None = None, **more: Any) -> bytes:
    """A chunk of OpenAI's shape."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice], **more}).encode()


async def honest(exchange: Exchange) -> None:
    """Repeat the last message in two pieces."""
    asked = exchange.request
    assert isinstance(asked, Prompt)
    text = json.loads(asked.message)["messages"][-1]["content"]
    await exchange.say(text[:3], text[3:])
    await exchange.finish()


def says(*texts: str, **more: Any) -> Script:
    """A whole answer."""

    async def script(exchange: Exchange) -> None:
        await exchange.say(*texts)
        await exchange.finish(**more)

    return script


def then(*texts: str, lie: Script) -> Script:
    """Good pieces first, then a lie."""

    async def script(exchange: Exchange) -> None:
        await exchange.say(*texts)
        await lie(exchange)

    return script


def sends(*data: bytes) -> Script:
    """Bytes as they are."""

    async def script(exchange: Exchange) -> None:
        for part in data:
            await exchange.send(part)

    return script


def tells(*values: Any, ends: bool = True) -> Script:
    """Signed pieces of any form, then the end marker."""

    async def script(exchange: Exchange) -> None:
        for value in values:
            await exchange.send(exchange.answering.chunk(json.dumps(value).encode()))
        if ends:
            await exchange.send(exchange.answering.done())

    return script


def refuses(text: str) -> Script:
    """An error that nobody signed."""

    async def script(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.refuse(text))

    return script


async def closes(exchange: Exchange) -> None:
    """Say nothing more."""


async def resets(exchange: Exchange) -> None:
    """End the connection as a crash does."""
    exchange.reset()


async def hangs(exchange: Exchange) -> None:
    """Say nothing, and wait."""
    await exchange.hang()


@dataclass
class LyingProvider:
    """Listens on loop-back. `scripts` are used up in order, one for each question.

    Args:
        approves: changes the honest answer to session.request: (wanted, provider) to an answer.
        knows: whether it has the key of whoever asks; false is "user not found" until the next
            session.request.
    """

    account: Account
    scripts: deque[Script] = field(default_factory=deque)
    approves: Callable[[SessionRequest, "LyingProvider"], SessionAnswer] | None = None
    reports: Callable[[ReportRequest, "LyingProvider"], Report] | None = None
    knows: bool = True
    version: str | None = "v7.0.0"
    seals: bool = True
    requests: list[Params] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    endpoint: str = ""
    _user_key: bytes = b""
    _server: asyncio.Server | None = None
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _seen: Requests = field(default_factory=lambda: Requests(300.0))

    async def start(self, user: Account) -> None:
        """Listen, and know the key of a user as after a session was opened."""
        self._user_key = key_of(user)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.endpoint = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def all_closed(self) -> None:
        """Wait until nobody is connected."""
        while self.open:
            self._gone.clear()
            await self._gone.wait()

    def asked(self, kind: type) -> list[Any]:
        return [request for request in self.requests if isinstance(request, kind)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            writer.close()
            self.open -= 1
            self._gone.set()
            self._tasks.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        answering = Answering(self.account, self._seen, lambda: time.time_ns() // 10**6, clock())
        request, raw = None, b""
        while request is None:
            data = await reader.read(2**16)
            if not data:
                return
            raw += data
            try:
                request = answering.feed(data, clock())
            except WireError as error:
                writer.write(answering.refuse(error))
                return
        self.requests.append(request)
        await self._reply(answering, request, reader, writer, json.loads(raw)["id"])

    async def _reply(
        self,
        answering: Answering,
        request: Params,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        name: str,
    ) -> None:
        match request:
            case Ping():
                writer.write(self._pong(answering, request, name))
            case SessionRequest():
                self._user_key = answering.check_session_request()
                self.knows = True
                writer.write(self._approval(answering, request, name))
            case ReportRequest():
                report = (self.reports or honest_report)(request, self)
                writer.write(answering.report(report))
            case UploadStart():
                answering.check(self._user_key)
                writer.write(answering.upload_started())
            case UploadChunk():
                answering.check(self._user_key)
                writer.write(answering.upload_received())
            case Prompt() | UploadEnd():
                await self._converse(answering, request, reader, writer, name)
        await writer.drain()

    async def _converse(
        self,
        answering: Answering,
        request: Params,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        name: str,
    ) -> None:
        if not self.knows:
            writer.write(answering.refuse("user not found"))
            return
        answering.check(self._user_key)
        script = self.scripts.popleft() if self.scripts else honest
        await script(Exchange(self, answering, request, self._user_key, reader, writer, name))

    def _pong(self, answering: Answering, request: Ping, name: str) -> bytes:
        if self.version is None or self.seals:
            return answering.pong(self.version) if self.version is not None else b""
        pong = Pong(nonce=request.nonce, version=self.version)
        return write_result(name, sign(pong, self.account))

    def _approval(self, answering: Answering, request: SessionRequest, name: str) -> bytes:
        if self.approves is None:
            return answering.approve(CHAIN_ID)
        return write_result(name, self.approves(request, self))


def honest_report(request: ReportRequest, provider: LyingProvider) -> Report:
    """A report of the session that was asked for."""
    return Report(request.session_id, CHAIN_ID, time.time_ns() // 10**6, 5000, 200, 10, 20)


def approval(
    request: SessionRequest,
    provider: LyingProvider,
    *,
    signer: Account | None = None,
    key: bytes | None = None,
    **changes: Any,
) -> SessionAnswer:
    """The answer to session.request with parts of the approval changed or signed by another."""
    now_ms = time.time_ns() // 10**6
    payload = replace(Approval(request.bid_id, CHAIN_ID, request.user, now_ms), **changes).encode()
    by = signer or provider.account
    answer = SessionAnswer(
        key=key or key_of(by),
        approval=payload,
        approval_signature=by.sign_payload(payload),
        user=request.user,
        timestamp_ms=now_ms,
    )
    return sign(answer, by)
