"""What strangers can do to a provider over real sockets: nothing that lasts, and nothing for free."""

import asyncio
import contextlib
import json
import os
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from router.morrpc.errors import RemoteRefusal
from router.morrpc.limits import MIB
from router.morrpc.provider import Answering
from router.provider import listener
from router.provider.door import Budget
from router.provider.listener import FREE, LONG
from tests.support.edges import T
from tests.support.serving import CONFIG, MESSAGES, Stage, prompt_of, serving, words
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

# What is measured includes the attacker, who is in the same process.
MOST_MEMORY = 40 * MIB


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        for name in ("user", "thief"):
            await made.give(name, 10_000 * MOR)
        yield made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass for the listener."""
    ahead_s = 0.0

    class Ahead:
        time = time.time

        @staticmethod
        def monotonic() -> float:
            return time.monotonic() + ahead_s

    def pass_by(seconds: float) -> None:
        nonlocal ahead_s
        ahead_s += seconds

    monkeypatch.setattr(listener, "time", Ahead)
    return pass_by


class Cost:
    """What a provider holds: memory, tasks, files."""

    def __init__(self) -> None:
        self.memory = psutil.Process().memory_info().rss
        self.tasks = len(asyncio.all_tasks())
        self.files = self.open_files

    @property
    def open_files(self) -> int:
        return psutil.Process().num_fds() if os.name != "nt" else 0

    async def is_back(self, stage: Stage) -> None:
        """Wait until nothing is left, and see that little memory was taken."""
        while (
            stage.provider._door.inside
            or len(asyncio.all_tasks()) > self.tasks
            or self.open_files > self.files
        ):
            await asyncio.sleep(0.01)
        taken = psutil.Process().memory_info().rss - self.memory
        assert taken < MOST_MEMORY, f"{taken:,} bytes"
        assert (await stage.asker().ping()).seals, "it serves on"


def visitors(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the next connections be of these visitors."""
    coming = iter(names)
    monkeypatch.setattr(listener, "visitor_of", lambda _: next(coming))


# Bytes that are no request


NO_REQUESTS = (
    b"null",
    b"[]",
    b'""',
    b"7 ",
    b"\0" * 100,
    b"\xff\xfe{}",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"id":"1"}',
    b'{"id":1,"method":"network.ping","params":{}}',
    b'{"id":"1","method":"network.ping","params":null}',
    b'{"id":"1","method":"network.ping","params":{"nonce":null,"signature":"0x"}}',
    b'{"id":"1","id":"2","method":"network.ping"}',
    b'{"id":"1","method":"session.prompt.stream.chunk","params":{}}',
)
WRONG_PARAMS = (b"null", b"{}", b"[]", b'{"sessionid":"0x"}')


async def test_what_is_no_request_is_closed_without_a_word(stage: Stage) -> None:
    cost = Cost()
    for data in NO_REQUESTS:
        assert await stage.raw(data) == b"", data[:40]
    await cost.is_back(stage)


async def test_what_is_a_wrong_request_is_refused(stage: Stage) -> None:
    for method in (b"session.prompt", b"session.request", b"session.report"):
        for params in WRONG_PARAMS:
            data = b'{"id":"1","method":"%s","params":%s}' % (method, params)
            assert words(await stage.raw(data)) == "request validation failed"


async def test_a_gigabyte_is_not_listened_to(stage: Stage) -> None:
    cost = Cost()
    sent, piece = 0, b"a" * MIB
    async with stage.connection() as (_, writer):
        writer.write(b'{"id":"')
        with contextlib.suppress(ConnectionError):
            while sent < 1024 * MIB:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
    assert sent < 64 * MIB
    await cost.is_back(stage)


async def test_many_who_send_much_share_one_budget(stage: Stage, monkeypatch: Any) -> None:
    monkeypatch.setattr(stage.provider._listener._budget, "_left", 2 * MIB)
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(stage.connection()) for _ in range(8)]
        for _, writer in lines:
            writer.write(b'{"id":"' + b"a" * MIB)
        while stage.provider._door.inside > 2:
            await asyncio.sleep(0.01)
    while stage.provider._door.inside:
        await asyncio.sleep(0.01)
    assert stage.provider._listener._budget._left == 2 * MIB


async def test_one_visitor_who_sends_much_is_in_nobody_elses_way(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await stage.session()
    large = prompt_of(stage, session, message=json.dumps({"messages": MESSAGES, "x": "a" * MIB}))
    visitors(monkeypatch, "thief", "thief", "user", "thief")
    monkeypatch.setattr(stage.provider._listener, "_budget", Budget(4 * MIB, 2 * MIB))
    async with stage.connection() as (_, first), stage.connection() as (_, second):
        for writer in (first, second):
            writer.write(b'{"id":"' + b"a" * MIB)
        while stage.provider._listener._budget._held["thief"] < 2 * (MIB - FREE):
            await asyncio.sleep(0.01)
        assert b'"result"' in await stage.raw(large)
        ping = stage.asker().consumer.ping(stage.asker().signers, time.monotonic())
        assert b'"result"' in await stage.raw(ping.outgoing), "small ones need no budget"


async def test_long_requests_are_read_beside_the_loop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[bool, int] = {True: 0, False: 0}

    def watched(answering: Answering, data: bytes, now_s: float) -> Any:
        sizes[threading.current_thread() is threading.main_thread()] += len(data)
        return feed(answering, data, now_s)

    feed = Answering.feed
    monkeypatch.setattr(Answering, "feed", watched)
    session = await stage.session()
    large = prompt_of(stage, session, message=json.dumps({"messages": MESSAGES, "x": "a" * MIB}))
    sizes = dict.fromkeys(sizes, 0)
    assert b'"result"' in await stage.raw(large)
    assert sizes[True] <= LONG
    assert sizes[True] + sizes[False] == len(large)


async def test_keys_that_cost_nothing_do_not_silence_who_paid(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await stage.session()
    monkeypatch.setattr(stage.provider._listener._requests, "_most", 3)
    for _ in range(3):
        with pytest.raises(RemoteRefusal, match="there is none"):
            await stage.asker("thief").request(b"\x01" * 32)
    for _ in range(2):
        await stage.asker("thief").request()
    with pytest.raises(RemoteRefusal, match="failed to unmarshal"):
        await stage.asker("thief").request()
    assert (await stage.asker().ask(session)).is_whole


# Time and number


async def test_who_says_little_is_closed_early(
    stage: Stage, later: Callable[[float], None]
) -> None:
    little, enough = FREE + 1, listener.EARLY
    held = stage.provider._listener._budget._held
    async with stage.connection() as (reader, writer), stage.connection() as (_, much):
        writer.write(b"{".ljust(little))
        much.write(b"{".ljust(enough))
        while held["127.0.0.1"] < little + enough - 2 * FREE:
            await asyncio.sleep(0.01)
        later(listener.EARLY_S)
        writer.write(b" ")
        much.write(b" ")
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        while held["127.0.0.1"] != enough + 1 - FREE:
            await asyncio.sleep(0.01)
        assert len(stage.provider._listener._asking) == 1, "who sends much has more time"


async def test_when_it_is_full_the_oldest_who_said_nothing_makes_way(
    here: World, bid: bytes, tmp_path: Path
) -> None:
    await here.mine_at(T)
    async with serving(here, bid, tmp_path, config=replace(CONFIG, connections=3)) as stage:
        session = await stage.session()
        stage.backend.says("a", silent=True)
        async with (
            stage.connection() as (_, answered),
            stage.connection() as (oldest, _),
            stage.connection() as (younger, _),
        ):
            answered.write(prompt_of(stage, session))
            while not stage.backend.requests:
                await asyncio.sleep(0.01)
            assert (await stage.asker().ping()).seals
            with contextlib.suppress(ConnectionError):
                assert await oldest.read() == b""
            assert not younger.at_eof()
            assert stage.backend.stopped == 0, "who is answered stays"
        while stage.provider._door.inside:
            await asyncio.sleep(0.01)
        assert stage.provider._listener._inside == set()


@pytest.mark.parametrize("much", [0, listener.EARLY])
async def test_who_sends_a_byte_now_and_then_is_closed(
    stage: Stage, later: Callable[[float], None], much: int
) -> None:
    cost = Cost()
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(stage.connection()) for _ in range(30)]
        ended = [asyncio.get_running_loop().create_task(reader.read()) for reader, _ in lines]
        for _, writer in lines:
            writer.write(b"{".ljust(much))
        while not all(task.done() for task in ended):
            for _, writer in lines:
                writer.write(b" ")
            await asyncio.sleep(0.01)
            later(1.0)
        results = await asyncio.gather(*ended, return_exceptions=True)
        assert all(r == b"" or isinstance(r, ConnectionError) for r in results)
    await cost.is_back(stage)


async def test_only_so_many_from_one_address(here: World, bid: bytes, tmp_path: Path) -> None:
    await here.mine_at(T)
    config = replace(CONFIG, connections_per_address=4)
    async with serving(here, bid, tmp_path, config=config) as stage:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(4):
                await stack.enter_async_context(stage.connection())
            while stage.provider._door.inside < 4:
                await asyncio.sleep(0.01)
            tasks = len(asyncio.all_tasks())
            for _ in range(20):
                assert await stage.raw(b"") == b""
            assert len(asyncio.all_tasks()) == tasks
        while stage.provider._door.inside:
            await asyncio.sleep(0.01)
        assert (await stage.asker().ping()).seals
        await stage.provider.look()
        assert stage.provider.state.turned_away == 20


async def test_only_so_often_from_one_address(here: World, bid: bytes, tmp_path: Path) -> None:
    await here.mine_at(T)
    config = replace(CONFIG, requests_a_minute=20)
    async with serving(here, bid, tmp_path, config=config) as stage:
        for _ in range(5):
            await stage.asker().ping()
        assert await stage.raw(b'{"id":"1","method":"session.prompt","params":{}}') == b""


async def test_who_does_not_read_is_left(here: World, bid: bytes, tmp_path: Path) -> None:
    await here.mine_at(T)
    async with serving(here, bid, tmp_path, stall_s=0.5) as stage:
        session = await stage.session()
        stage.backend.says(*["much text " * 1000] * 3000)
        cost = Cost()
        async with stage.connection() as (_, writer):
            writer.write(prompt_of(stage, session))
            while not stage.backend.stopped:
                await asyncio.sleep(0.01)
            while stage.provider._door.inside:
                await asyncio.sleep(0.01)
        await cost.is_back(stage)


async def test_who_goes_with_a_bang_costs_nothing(stage: Stage) -> None:
    session = await stage.session()
    cost = Cost()
    for number in range(20):
        stage.backend.says("a", silent=True)
        _, writer = await asyncio.open_connection(*stage.address)
        writer.write(prompt_of(stage, session, timestamp_ms=int(T * 1000) + number))
        while len(stage.backend.requests) <= number:
            await asyncio.sleep(0.005)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: a reset instead of an end
        writer.transport.abort()
    while stage.backend.stopped < 20:
        await asyncio.sleep(0.01)
    await cost.is_back(stage)


async def test_what_follows_a_request_is_neither_kept_nor_listened_to(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says("a", silent=True)
    cost = Cost()
    sent = 0
    async with stage.connection() as (_, writer):
        writer.write(prompt_of(stage, session))
        while not stage.backend.requests:
            await asyncio.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            while sent < 256:
                writer.write(b"a" * MIB)
                await writer.drain()
                sent += 1
    assert sent < 64
    while not stage.backend.stopped:
        await asyncio.sleep(0.01)
    await cost.is_back(stage)
