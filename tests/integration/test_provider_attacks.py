"""What strangers can do to a provider over real sockets: nothing that lasts, and nothing for free."""

import asyncio
import contextlib
import json
import os
import struct
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from router.morrpc.consumer import Consumer, Peer
from router.morrpc.envelope import write_request
from router.morrpc.errors import Refusal, RemoteRefusal
from router.morrpc.limits import INCOMING
from router.morrpc.messages import GetTools, Prompt, SessionRequest, UploadStart
from router.morrpc.provider import Answering
from router.morrpc.signing import key_of, sign
from router.provider import listener
from router.provider.door import Budget
from router.provider.listener import FREE, LONG
from tests.support.edges import T
from tests.support.serving import CONFIG, MESSAGES, Stage, restarted, serving
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MIB = 1024 * 1024
FAST = replace(INCOMING, first_frame_s=0.5, total_s=0.5)
QUESTION = json.dumps({"messages": MESSAGES, "stream": True})
# What is measured includes the attacker, who is in the same process.
MOST_MEMORY = 40 * MIB


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        for name in ("user", "thief"):
            await made.give(name, 10_000 * MOR)
        yield made


@pytest.fixture
async def stage(here: World, bid: bytes, tmp_path: Path) -> AsyncIterator[Stage]:
    await here.mine_at(T)
    async with serving(here, bid, tmp_path, limits=FAST, stall_s=0.5) as made:
        yield made


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


def prompt_of(stage: Stage, session: str, signer: str = "user", **changes: Any) -> bytes:
    """A signed question as it is on the wire."""
    prompt = Prompt(session_id=session, message=QUESTION, timestamp_ms=int(stage.clock.now * 1000))
    return write_request("1", sign(replace(prompt, **changes), stage.here.account(signer)))


def words(answer: bytes) -> str:
    """The text of a refusal."""
    return str(json.loads(answer)["error"]["message"])


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
        for reader, _ in lines:
            with contextlib.suppress(ConnectionError):
                assert await reader.read(-1) == b""
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


async def test_who_connects_and_says_nothing_is_closed_early(
    here: World, bid: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await here.mine_at(T)
    monkeypatch.setattr(listener, "EARLY_S", 0.1)
    async with serving(here, bid, tmp_path) as stage:
        async with stage.connection() as (reader, writer), stage.connection() as (_, much):
            much.write(b'{"id":"' + b"a" * listener.EARLY)
            writer.write(b"{")
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            while stage.provider._door.inside > 1:
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


async def test_who_sends_a_byte_now_and_then_is_closed(stage: Stage) -> None:
    cost = Cost()
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(stage.connection()) for _ in range(30)]
        ended = [asyncio.get_running_loop().create_task(reader.read()) for reader, _ in lines]
        while not all(task.done() for task in ended):
            for _, writer in lines:
                writer.write(b" ")
            await asyncio.sleep(0.05)
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


async def test_who_does_not_read_is_left(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says(*["much text " * 1000] * 3000)
    cost = Cost()
    async with stage.connection() as (_, writer):
        writer.write(prompt_of(stage, session))
        while not stage.backend.requests:
            await asyncio.sleep(0.01)
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


# Stolen, old and foreign


async def test_a_question_is_answered_once(stage: Stage) -> None:
    session = await stage.session()
    question = prompt_of(stage, session)
    assert b'"result"' in await stage.raw(question)
    assert words(await stage.raw(question)) == "request came before"
    signature = json.loads(question)["params"]["signature"]
    flipped = question.replace(
        signature.encode(), (signature[:-2] + ("01" if signature[-2:] == "00" else "00")).encode()
    )
    assert words(await stage.raw(flipped)) == "request came before", "v is not part of it"
    await restarted(stage)
    assert words(await stage.raw(question)) == "request came before"
    assert len(stage.backend.requests) == 1


async def test_twenty_of_the_same_question_at_once_are_one(stage: Stage) -> None:
    session = await stage.session()
    question = prompt_of(stage, session)
    answers = await asyncio.gather(*(stage.raw(question) for _ in range(20)))
    assert sum(b"request came before" in answer for answer in answers) == 19, "one asks a node"
    assert len(stage.backend.requests) == 1


async def test_a_question_of_another_time(stage: Stage) -> None:
    session = await stage.session()
    for off_s in (-301, 301, -86400, 10**9):
        at_ms = int((stage.clock.now + off_s) * 1000)
        answer = words(await stage.raw(prompt_of(stage, session, timestamp_ms=at_ms)))
        assert answer == "request is too old, or a clock is wrong"
    assert stage.backend.requests == []


async def test_the_key_of_a_user_cannot_be_replaced(stage: Stage) -> None:
    """The original lets anybody take over the open sessions of somebody else."""
    session = await stage.session()
    thief, victim = stage.here.account("thief"), stage.here.account("user").address
    request = SessionRequest(
        user=victim.lower(),
        key=key_of(thief),
        spend=1,
        timestamp_ms=int(stage.clock.now * 1000),
        bid_id="0x" + stage.bid.hex(),
    )
    answer = await stage.raw(write_request("1", sign(request, thief)))
    assert "not of the user" in words(answer)
    assert words(await stage.raw(prompt_of(stage, session, "thief"))) == "invalid signature"
    assert (await stage.asker().ask(session)).is_whole


async def test_a_key_of_ones_own_does_not_open_anothers_session(stage: Stage) -> None:
    session = await stage.session()
    await stage.asker("thief").request()
    error = (await stage.asker("thief").ask(session)).error
    assert isinstance(error, RemoteRefusal)
    assert error.refusal is Refusal.BAD_SIGNATURE
    with pytest.raises(RemoteRefusal):
        await stage.asker("thief").report(session)


async def test_somebody_who_never_asked_for_a_session(stage: Stage) -> None:
    opened = await stage.here.open(stage.bid, 40 * MOR, T + 60, user="thief")
    error = (await stage.asker("thief").ask("0x" + opened.hex())).error
    assert error.refusal is Refusal.USER_UNKNOWN
    await stage.asker("thief").request()
    assert (await stage.asker("thief").ask("0x" + opened.hex())).is_whole


async def test_a_key_that_is_none(stage: Stage) -> None:
    user = stage.here.account("user")
    for key in (b"\x04" + b"\x01" * 64, user.public_key, b"\x02" + user.public_key[:32], b""):
        request = SessionRequest(
            user=user.address.lower(),
            key=key,
            timestamp_ms=int(stage.clock.now * 1000),
            bid_id="0x" + stage.bid.hex(),
        )
        assert words(await stage.raw(write_request("1", sign(request, user))))


async def test_agents_are_not_offered(stage: Stage) -> None:
    asked = GetTools(session_id="0x" + "11" * 32, timestamp_ms=1)
    answer = await stage.raw(write_request("1", sign(asked, stage.here.account("user"))))
    assert words(answer) == "agents are not offered by this provider"
    assert "unknown method" in words(await stage.raw(b'{"id":"1","method":"a.b","params":{}}'))


async def test_a_question_that_is_none(stage: Stage) -> None:
    session = await stage.session()
    for message in ("null", "[]", "{}", '{"messages":null}', "[" * 50_000):
        answer = await stage.raw(prompt_of(stage, session, message=message))
        assert json.loads(answer)["error"]["code"] == 400
    assert (await stage.asker().ask(session)).is_whole


async def test_a_path_from_the_network_is_not_opened(stage: Stage, tmp_path: Path) -> None:
    """The original reads any file that a consumer names, posts it, and deletes it."""
    session = await stage.session()
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    message = json.dumps({"type": "audio_transcription", "FilePath": str(secret)})
    answer = await stage.raw(prompt_of(stage, session, message=message))
    assert "session.prompt.stream" in words(answer)
    assert secret.exists()


async def test_an_upload_belongs_to_its_session(stage: Stage) -> None:
    """Refusals of uploads are said by closing: an error would end the process of old peers."""
    session = await stage.session()
    start = UploadStart(
        session_id=session,
        stream_id="../../escape",
        total_chunks=1,
        file_size=10**12,
        content_type="audio/wav",
        timestamp_ms=int(stage.clock.now * 1000),
    )
    user = stage.here.account("user")
    assert await stage.raw(write_request("1", sign(start, user))) == b""
    small = replace(start, file_size=4)
    assert b"started" in await stage.raw(write_request("1", sign(small, user)))
    consumer = Consumer(user, lambda: int(stage.clock.now * 1000))
    peer = Peer(stage.key, seals=True)
    piece = consumer.upload_chunk(peer, session, "other", 0, b"RIFF", time.monotonic())
    assert await stage.raw(piece.outgoing) == b""
    piece = consumer.upload_chunk(peer, session, "../../escape", 0, b"RIFF", time.monotonic())
    assert b"received" in await stage.raw(piece.outgoing)
    (file,) = stage.paths.uploads.iterdir()
    assert file.name.isalnum()
