"""What attacks cost a provider in a process of its own: next to no memory, little of the processor.

One null, a gigabyte, a depth bomb or two hundred slow senders, over its real listener; somebody
honest is served afterwards, or meanwhile.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.relay_parties import BID_ID, CONSUMER, NETWORK, PROVIDER, SESSION_IDS
from router.consumer.link import Link, Target
from router.morrpc.consumer import Peer
from router.morrpc.envelope import write_request
from router.morrpc.limits import MIB
from router.morrpc.messages import (
    REQUESTS,
    CallTool,
    GetTools,
    Params,
    Ping,
    Prompt,
    ReportRequest,
    SessionRequest,
    UploadChunk,
    UploadEnd,
    UploadStart,
)
from router.morrpc.signing import key_of, sign
from router.tasks import Tasks
from tests.support.watched import Watched, watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MOST_MEMORY, MOST_CPU_S = 256 * MIB, 20.0
SLOW_ONES, ASKED_MEANWHILE = 200, 20
SESSION = SESSION_IDS[0]


@dataclass
class Victim:
    """The provider, and somebody honest who uses it."""

    process: Watched
    endpoint: str

    def __post_init__(self) -> None:
        self._link = Link(CONSUMER, NETWORK.chain_id, allow_private=lambda: True)
        self._target = Target(self.endpoint, PROVIDER.address)
        self._peer: Peer | None = None

    async def serves(self) -> None:
        """Ask something; fails when the answer is not whole."""
        if self._peer is None:
            opened = await self._link.request_session(self._target, BID_ID, 10**18)
            self._peer = opened.peer
        asked = json.dumps({"messages": [{"role": "user", "content": "Hello"}], "stream": True})
        pieces = self._link.prompt(self._target, self._peer, SESSION, asked)
        said = [piece.value["choices"][0]["delta"].get("content") or "" async for piece in pieces]
        assert "".join(said) == "Hello"

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        host, _, port = self.endpoint.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def answer(self, data: bytes) -> bytes:
        """What it says until it closes."""
        async with self.connection() as (reader, writer):
            writer.write(data)
            with contextlib.suppress(ConnectionError):
                return await reader.read(-1)
        return b""

    @contextlib.asynccontextmanager
    async def unharmed(self) -> AsyncIterator[None]:
        """It serves before and after the block, which costs it little."""
        await self.serves()
        async with self.process.cost() as cost:
            yield
            await self.serves()
        assert cost.peak < MOST_MEMORY, f"{cost.peak:,} bytes"
        assert cost.cpu_s < MOST_CPU_S, f"{cost.cpu_s} s"


@pytest.fixture
async def victim(tmp_path: Path) -> AsyncIterator[Victim]:
    async with watched("tests.support.lone_provider", str(tmp_path)) as process:
        yield Victim(process, await process.line())


# Null, and numbers that nothing has


def now_ms() -> int:
    return time.time_ns() // 10**6


def requests() -> Iterator[Params]:
    """One of each kind, well made."""
    of_session: Any = {"session_id": SESSION, "timestamp_ms": now_ms()}
    upload: Any = {**of_session, "stream_id": "a"}
    question = json.dumps({"messages": [{"role": "user", "content": "Hello"}]})
    yield Ping(nonce=b"12345678")
    yield SessionRequest(
        user=CONSUMER.address.lower(), key=key_of(CONSUMER), timestamp_ms=now_ms(), bid_id=BID_ID
    )
    yield Prompt(**of_session, message=question)
    yield ReportRequest(**of_session)
    yield GetTools(**of_session)
    yield CallTool(**of_session, tool_name="a", message="{}")
    yield UploadStart(**upload, total_chunks=1, file_size=4, content_type="audio/wav")
    yield UploadChunk(**upload, chunk="UklGRg==")
    yield UploadEnd(**upload, params="{}")


def places(value: Any, *way: Any) -> Iterator[tuple[Any, ...]]:
    """The way to each part of a value, and to the whole."""
    yield way
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for name, part in parts:
        yield from places(part, *way, name)


def put(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    """The same with another part."""
    if not way:
        return new
    copy = value.copy()
    copy[way[0]] = put(value[way[0]], way[1:], new)
    return copy


def is_answer(data: bytes) -> bool:
    """Nothing, or one result or refusal in JSON."""
    return not data or bool({"result", "error"} & json.loads(data).keys())


async def test_a_null_at_any_place_of_any_request(victim: Victim) -> None:
    asked = list(requests())
    assert {type(params) for params in asked} == set(REQUESTS.values())
    async with victim.unharmed():
        tried = 0
        for params in asked:
            whole = json.loads(write_request("1", sign(params, CONSUMER)))
            for way in places(whole):
                answer = await victim.answer(json.dumps(put(whole, way, None)).encode())
                assert is_answer(answer), (params.method, way, answer)
                tried += 1
        assert tried > 60


QUESTION = {
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    "stream": True,
    "stream_options": {"include_usage": True},
    "tools": [{"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}},
    "stop": ["a"],
    "temperature": 0.5,
    "max_tokens": 5,
}


async def test_a_null_at_any_place_of_a_question(victim: Victim) -> None:
    """Signed as it should be: what is asked is looked at all the way down."""
    async with victim.unharmed():
        for way in places(QUESTION):
            text = json.dumps(put(QUESTION, way, None))
            prompt = Prompt(session_id=SESSION, message=text, timestamp_ms=now_ms())
            answer = await victim.answer(write_request("1", sign(prompt, CONSUMER)))
            assert b'"result"' in answer or b'"error"' in answer, (way, answer)


async def test_what_is_announced_is_not_believed(victim: Victim) -> None:
    """A length in a head of HTTP, a file, a piece, a stake, a moment."""
    async with victim.unharmed():
        for size in (2**63 - 1, 2**63, 2**64, 10**300):
            head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            assert await victim.answer(head.encode()) == b""
            number = b'{"id":"1","method":"network.ping","params":{"nonce":%d}}' % size
            assert await victim.answer(number) == b""
            for params in announcing(size):
                answer = await victim.answer(write_request("1", sign(params, CONSUMER)))
                assert is_answer(answer), (params.method, answer)
                assert b"started" not in answer
                assert b"received" not in answer


def announcing(size: int) -> Iterator[Params]:
    """Requests with a number in them that nothing has."""
    _, approve, prompt, report, _, _, start, chunk, _ = requests()
    yield replace(approve, spend=size)
    for each in (approve, prompt, report, start, chunk):
        yield replace(each, timestamp_ms=size)
    yield replace(start, file_size=size)
    yield replace(start, total_chunks=size)
    yield replace(chunk, index=size)


# Too deep, too much


BOMBS = ("[" * MIB, '{"a":' * MIB, "[" + "{}," * MIB, "[" * MIB + "]" * MIB, "{" * 31)


async def test_what_is_built_to_exhaust(victim: Victim) -> None:
    """As the request itself, in one, and in the text of a question that is signed."""
    async with victim.unharmed():
        for bomb in BOMBS:
            for data in (bomb, f'{{"id":"1","params":{bomb}'):
                async with victim.connection() as (reader, writer):
                    writer.write(data.encode())
                    with contextlib.suppress(OSError):
                        writer.write_eof()
                        assert await reader.read(-1) == b""
            prompt = Prompt(session_id=SESSION, message=bomb, timestamp_ms=now_ms())
            assert b'"error"' in await victim.answer(write_request("1", sign(prompt, CONSUMER)))


async def test_a_gigabyte_from_each_of_many(victim: Victim) -> None:
    sent = 0

    async def flood() -> None:
        nonlocal sent
        async with victim.connection() as (_, writer):
            writer.write(b'{"id":"')
            with contextlib.suppress(ConnectionError):
                while sent < 1024 * MIB:
                    writer.write(b"a" * MIB)
                    await writer.drain()
                    sent += MIB

    async with victim.unharmed():
        await asyncio.gather(*(flood() for _ in range(8)))
    assert sent < 512 * MIB


async def test_two_hundred_slow_ones_and_one_who_is_honest(victim: Victim) -> None:
    tasks = Tasks()

    async def drip(writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(1)

    async with victim.unharmed(), contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(victim.connection()) for _ in range(SLOW_ONES)]
        stack.push_async_callback(tasks.close)
        for _, writer in lines:
            tasks.spawn("drip", drip(writer))
        await victim.serves()
        assert not any(reader.at_eof() for reader, _ in lines), "they were turned away"
        for _ in range(ASKED_MEANWHILE):
            await victim.serves()
