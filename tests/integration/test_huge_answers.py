"""Providers that say too much (F46): the limits of the app, to the byte, and what they cost.

Through a chat, over sockets; memory is that of a consumer in a process of its own.
"""

import contextlib
from pathlib import Path

import pytest

from router.morrpc.limits import MIB, PIECES
from tests.support.lying_provider import Exchange, LyingProvider, Script, account, piece
from tests.support.open_sessions import USER
from tests.support.remote_chat import remote_chat
from tests.support.watched import watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

FRAME, ANSWER = PIECES.frame_bytes, PIECES.answer_bytes
# A character is two digits of its sealed text in hexadecimal; the rest of a frame is small.
LONG = "long text " * ((FRAME // 2 - 2048) // 10)
# Above what the consumer had before. What was let through is text that is kept, several times over
# while it is read, saved and told; of the rest, nothing is.
MOST_FOR_AN_ANSWER, MOST_FOR_A_FLOOD = 768 * MIB, 100 * MIB


def padded(frame: bytes, size: int) -> bytes:
    """The same message with white space in it, of so many bytes."""
    return frame[:-1] + b" " * (size - len(frame)) + b"}"


def one_message(size: int) -> Script:
    """A piece, then a piece of this size, then the end."""

    async def script(exchange: Exchange) -> None:
        with contextlib.suppress(OSError):
            await exchange.say("begun")
            await exchange.send(padded(exchange.frame(", ended"), size))
            await exchange.finish()

    return script


def whole_answer(size: int) -> Script:
    """Pieces as large as may be, and the end marker; so many bytes in all."""

    async def script(exchange: Exchange) -> None:
        with contextlib.suppress(OSError):
            for _ in range(ANSWER // FRAME - 1):
                await exchange.send(padded(exchange.answering.chunk(piece("x")), FRAME))
            more = size - ANSWER
            await exchange.send(b" " * more + padded(exchange.answering.done(), FRAME))

    return script


@pytest.mark.parametrize(
    ("size", "text", "state", "code"),
    [
        (FRAME, "begun, ended", "done", ""),
        (FRAME + 1, "begun", "cut_off", "provider_too_large"),
    ],
)
async def test_a_message_may_have_8_mib(size: int, text: str, state: str, code: str) -> None:
    async with remote_chat() as chat:
        await chat.provider("a", one_message(size))
        message = await chat.ask()
        assert (message.content, message.state, chat.code) == (text, state, code)


@pytest.mark.parametrize(
    ("size", "state", "code"),
    [(ANSWER, "done", ""), (ANSWER + 1, "cut_off", "provider_too_large")],
)
async def test_an_answer_may_have_64_mib(size: int, state: str, code: str) -> None:
    async with remote_chat() as chat:
        await chat.provider("a", whole_answer(size))
        message = await chat.ask()
        assert (message.content, message.state, chat.code) == ("x" * 7, state, code)


async def longest_answer(exchange: Exchange) -> None:
    """All the text that the limits let through."""
    for _ in range(ANSWER // FRAME - 1):
        await exchange.say(LONG)
    await exchange.finish()


class Flood:
    """A gigabyte after a good piece, or what the other side takes of it."""

    def __init__(self, begin: bytes, block: bytes) -> None:
        self._begin, self._block = begin, block
        self.sent = 0

    async def __call__(self, exchange: Exchange) -> None:
        with contextlib.suppress(OSError):
            await exchange.say("begun")
            await exchange.send(self._begin)
            while self.sent < 1 << 30:
                await exchange.send(self._block)
                self.sent += len(self._block)


async def test_memory_is_bounded(tmp_path: Path) -> None:
    floods = [
        Flood(b'{"id":"', b"a" * MIB),
        Flood(b'{"id":[', b"1," * (MIB // 2)),
        Flood(b'{"id":', b"[" * MIB),
        Flood(b"", b" " * MIB),
    ]
    provider = LyingProvider(account("a"))
    provider.scripts.extend([*floods, longest_answer])
    await provider.start(USER)
    try:
        await see_what_it_costs(provider, floods, tmp_path / "chats.db")
    finally:
        await provider.stop()


async def see_what_it_costs(provider: LyingProvider, floods: list[Flood], file: Path) -> None:
    """Let a consumer ask for each flood, then for the longest answer."""
    async with watched("tests.support.lone_consumer", provider.endpoint, str(file)) as consumer:
        assert await consumer.line() == "ready"
        for flood in floods:
            async with consumer.cost() as cost:
                told = await consumer.ask()
            assert (told["length"], told["state"]) == (len("begun"), "cut_off")
            assert told["code"] in ("provider_too_large", "provider_too_deep")
            assert flood.sent < 2 * ANSWER, "what was taken, and what was in the system's buffers"
            assert cost.peak < MOST_FOR_A_FLOOD, f"{cost.peak:,} bytes"
        async with consumer.cost() as cost:
            told = await consumer.ask()
        assert told == {"length": 7 * len(LONG), "state": "done", "code": ""}
        assert cost.peak < MOST_FOR_AN_ANSWER, f"{cost.peak:,} bytes"
