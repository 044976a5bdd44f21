"""Providers that exhaust, are slow, or lead elsewhere, through a chat.

F46 too much of everything, F47 too little of it, F48 addresses that are not the provider's.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from router.consumer.link import Target
from router.morrpc.limits import MIB
from tests.support.lying_provider import Exchange, Script, hangs, sends, then
from tests.support.open_sessions import USER
from tests.support.remote_chat import RemoteChat, remote_chat


@pytest.fixture
async def chat() -> AsyncIterator[RemoteChat]:
    async with remote_chat() as chat:
        yield chat


# F46


async def flood(exchange: Exchange, begin: bytes, block: bytes) -> int:
    """Send until the other side has had enough; bytes that were sent."""
    sent = len(begin)
    with contextlib.suppress(OSError):
        await exchange.send(begin)
        while sent < 1 << 30:
            await exchange.send(block)
            sent += len(block)
    return sent


@pytest.mark.parametrize(
    ("begin", "block", "code"),
    [
        (b'{"id":"', b"a" * 65_536, "provider_too_large"),
        (b'{"id":[', b"1," * 32_768, "provider_too_large"),
        (b"", b" " * 65_536, "provider_too_large"),
        (b'{"id":', b"[" * 65_536, "provider_too_deep"),
        (b'{"id":[', b"{}," * 20_000, "provider_too_deep"),
    ],
)
async def test_flood_is_cut_at_the_limit(begin: bytes, block: bytes, code: str) -> None:
    sent = 0

    async def script(exchange: Exchange) -> None:
        nonlocal sent
        sent = await flood(exchange, begin, block)

    async with remote_chat(answer_bytes=9 * MIB) as chat:
        provider = await chat.provider("a", then("good ", lie=script))
        message = await chat.ask()
        await provider.all_closed()
        assert (message.content, message.state, chat.code) == ("good ", "cut_off", code)
        assert sent < 32 * MIB  # what was taken, and what was in the buffers of the system


async def test_pieces_without_end_are_cut_at_the_limit_of_an_answer() -> None:
    async def script(exchange: Exchange) -> None:
        with contextlib.suppress(OSError):
            while True:
                await exchange.say("x")

    async with remote_chat(answer_bytes=MIB // 4) as chat:
        provider = await chat.provider("a", script)
        message = await chat.ask()
        await provider.all_closed()
        assert chat.code == "provider_too_large"
        assert set(message.content) == {"x"}
        assert len(message.content) < 1_000


@pytest.mark.parametrize(
    "junk",
    [
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"\x00\x00\x00",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b'{"id":"\xff\xfe"}',
        b"{" * 100,
        b'{"id":"0","id":"1","result":null}',
        b'{"id":NaN}',
        b'{"result":{"message":7}}',
        b'{"id":"0"}',
        b"{}",
    ],
)
@pytest.mark.parametrize("began", [False, True])
async def test_junk_is_no_text(chat: RemoteChat, junk: bytes, began: bool) -> None:
    await chat.provider("a", then("good ", lie=sends(junk)) if began else sends(junk))
    message = await chat.ask()
    assert message.content == ("good " if began else "")
    assert message.state == ("cut_off" if began else "failed")
    assert chat.code in (
        "provider_not_a_frame",
        "provider_bad_message",
        "provider_wrong_answer",
        "provider_too_deep",
        "provider_cut_off",
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 100_000,
        b'{"choices":' + b"[" * 90 + b"]" * 90 + b"}",
        b'{"a":1,"a":2}',
        b'{"choices":[{"delta":{"content":NaN}}]}',
        b"\xff\xff",
        b"",
        b"not json",
    ],
)
async def test_junk_that_is_signed_and_encrypted(chat: RemoteChat, payload: bytes) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.chunk(payload))

    await chat.provider("a", then("good ", lie=script))
    message = await chat.ask()
    assert (message.content, message.state) == ("good ", "cut_off")
    assert chat.code.startswith("provider_")


# F47


async def drips(exchange: Exchange) -> None:
    """A byte now and then, which is no message."""
    with contextlib.suppress(OSError):
        await exchange.send(b'{"id":"')
        while True:
            await exchange.send(b"a")
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("script", [hangs, drips])
@pytest.mark.parametrize("began", [False, True])
async def test_silence_has_an_end(script: Script, began: bool) -> None:
    limit = {"gap_s": 0.2} if began else {"first_frame_s": 0.2}
    async with remote_chat(**limit) as chat:
        provider = await chat.provider("a", then("good ", lie=script) if began else script)
        message = await chat.ask()
        assert message.content == ("good " if began else "")
        assert chat.code == "provider_too_slow"
        await provider.all_closed()


async def test_slow_pieces_end_at_the_limit_of_the_whole(chat: RemoteChat) -> None:
    async def slow(exchange: Exchange) -> None:
        with contextlib.suppress(OSError):
            while True:
                await exchange.say("x")
                await asyncio.sleep(0.01)

    async with remote_chat(total_s=0.3) as chat:
        await chat.provider("a", slow)
        message = await chat.ask()
        assert chat.code == "provider_too_slow"
        assert message.content.strip("x") == ""


@pytest.mark.parametrize("script", [hangs, drips, then("good ", lie=hangs)])
async def test_stop_closes_the_connection_at_any_moment(script: Script) -> None:
    async with remote_chat() as chat:
        provider = await chat.provider("a", script)
        made = await chat.store.create(model=chat.desk.sessions.open_ones[0].lease.model_id)
        answer = await chat.conversations.send(made.id, "Hello")
        async with asyncio.timeout(30):
            while not provider.requests:
                await asyncio.sleep(0)
            stopped = await chat.conversations.stop(made.id)
            await provider.all_closed()
        assert stopped is not None
        assert stopped.state == "stopped"
        assert answer.error is None


# F48


@pytest.mark.parametrize(
    "endpoint",
    ["127.0.0.1:{port}", "localhost:{port}", "[::ffff:127.0.0.1]:{port}", "a@127.0.0.1:{port}"],
)
async def test_nothing_is_sent_to_this_computer(chat: RemoteChat, endpoint: str) -> None:
    connections = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    async with server:
        provider = await chat.provider("a", is_open=False)
        port = server.sockets[0].getsockname()[1]
        target = Target(endpoint.format(port=port), provider.account.address)
        chat.desk.sessions.add(provider, target=target)
        chat.desk.allow_private = False
        message = await chat.ask()
    assert (message.content, message.state, chat.code) == ("", "failed", "bad_endpoint")
    assert connections == 0
    assert "Nothing was sent" in message.error
    assert USER.address not in json.dumps(message.error)
