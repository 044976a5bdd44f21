"""Asks providers: one connection for each question, with limits, closed at once when cancelled.

What is sent and what may come back is the business of `router.morrpc`; here are the sockets. What
is signed is signed only after the connection to the checked address is there.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from router.consumer.endpoints import Endpoint, checked_endpoint, dial
from router.morrpc.calls import Call, Chunk, Conversation, End, Event, Failed
from router.morrpc.consumer import (
    UPLOAD_CHUNK_BYTES,
    Consumer,
    Greeting,
    Opened,
    Peer,
    SignedReport,
)
from router.morrpc.endings import Kind
from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import PIECES, UNARY, Limits
from router.morrpc.messages import UploadReceived, UploadStarted
from router.morrpc.seen import Seen
from router.morrpc.signing import Signer, address_of

T = TypeVar("T")

# Little enough that the messages in it, each signed and encrypted, are looked at before anybody
# notices: some 450 bytes is the least that one can have.
READ_BYTES = 4 * 1024
# A message longer than this is looked at on a thread, where more may come at once.
LONG_BYTES, LONG_READ_BYTES = 256 * 1024, 64 * 1024

Dial = Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


# Whether an address (the first) may sign for a provider: its delegate, or its owner.
MaySign = Callable[[str, str], Awaitable[bool]]


@dataclass(frozen=True)
class Target:
    """Whom to ask.

    Args:
        endpoint: as it stands on the chain; checked before each connection.
        provider: its address on the chain.
    """

    endpoint: str
    provider: str


async def nobody_else(who: str, provider: str) -> bool:
    """Nobody but the provider itself may sign for it."""
    return False


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000


class Link:
    """What one account asks providers. All methods raise as `router.morrpc` does, and further

    ProviderError: "bad_endpoint" or "provider_unreachable".

    Args:
        signer: the account, or a grant of it; keep one Link for one session, because it
            remembers which answers came before.
        may_sign: asked of whoever signs for a provider and is not the provider.
        allow_private: whether providers on this computer and in private networks may be asked.
        clock: seconds that only go forward.
        seen: what came before, over all Links of an account.
    """

    def __init__(
        self,
        signer: Signer,
        chain_id: int,
        *,
        may_sign: MaySign = nobody_else,
        allow_private: Callable[[], bool] = lambda: False,
        limits: Limits = PIECES,
        unary: Limits = UNARY,
        now_ms: Callable[[], int] = _unix_ms,
        clock: Callable[[], float] = time.monotonic,
        dial: Dial = dial,
        seen: Seen | None = None,
    ) -> None:
        self._now_ms = now_ms
        self._last_ms = 0
        self._consumer = Consumer(signer, self._stamp, limits=limits, unary=unary, seen=seen)
        self._chain_id = chain_id
        self._may_sign = may_sign
        self._allow_private = allow_private
        self._clock = clock
        self._dial = dial

    async def ping(self, target: Target, *, sealed: bool = False) -> Greeting:
        """Is it there, and does it open sealed questions?

        Args:
            sealed: it did before; then one that does not any more is refused.
        """
        greeting = await self._ask(
            target, lambda now_s: self._consumer.ping(None, now_s, sealed=sealed)
        )
        await self._prove(greeting.address, target.provider)
        return greeting

    async def request_session(
        self, target: Target, bid_id: str, spend: int, *, sealed: bool = False
    ) -> Opened:
        """Its approval of a session. All of it is checked before any gas is spent.

        Args:
            spend: stake or payment in wei of MOR.
            sealed: as for `ping`, which comes first.
        """
        greeting = await self.ping(target, sealed=sealed)
        wanted = self._consumer.wanted_approval(bid_id, self._chain_id)
        signers = {target.provider.lower(), greeting.address}
        return await self._ask(
            target,
            lambda now_s: self._consumer.request_session(
                wanted, spend, signers, now_s, seals=greeting.seals
            ),
        )

    async def report(self, target: Target, peer: Peer, session_id: str) -> SignedReport:
        """How the session went, checked: session, network and signature; figures are claims."""
        who = address_of(peer.public_key)
        await self._prove(who, target.provider)
        signers = {target.provider.lower(), who}
        return await self._ask(
            target,
            lambda now_s: self._consumer.report(peer, session_id, self._chain_id, signers, now_s),
        )

    def prompt(
        self, target: Target, peer: Peer, session_id: str, message: str, kind: Kind = Kind.CHAT
    ) -> AsyncGenerator[Chunk, None]:
        """Ask the model; the pieces of a whole answer. Closing it closes the connection at once.

        Args:
            message: the JSON text of the request.
        """
        return self._converse(
            target,
            lambda now_s: self._consumer.prompt(peer, session_id, message, now_s, kind),
        )

    async def transcribe(
        self,
        target: Target,
        peer: Peer,
        session_id: str,
        audio: bytes,
        content_type: str,
        params: str,
    ) -> AsyncGenerator[Chunk, None]:
        """Send a recording piece by piece, then ask for its text.

        Args:
            params: the JSON text of the request.
        """
        stream_id = await self._upload(target, peer, session_id, audio, content_type)
        pieces = self._converse(
            target,
            lambda now_s: self._consumer.end_upload(peer, session_id, stream_id, params, now_s),
        )
        async with contextlib.aclosing(pieces):
            async for chunk in pieces:
                yield chunk

    def _stamp(self) -> int:
        """The time, never the same twice: what is asked again at once would be taken for a replay."""
        self._last_ms = max(self._last_ms + 1, self._now_ms())
        return self._last_ms

    async def _prove(self, who: str, provider: str) -> None:
        """Raises WireError unless an address may sign for a provider."""
        if who != provider.lower() and not await self._may_sign(who, provider):
            raise WireError(Fault.BAD_SIGNATURE)

    async def _upload(
        self, target: Target, peer: Peer, session_id: str, audio: bytes, content_type: str
    ) -> str:
        """Send a recording; the name it has from then on."""
        name = ""

        def start(now_s: float) -> Call[UploadStarted]:
            nonlocal name
            name, call = self._consumer.start_upload(
                peer, session_id, len(audio), content_type, now_s
            )
            return call

        await self._ask(target, start)
        for index, at in enumerate(range(0, len(audio), UPLOAD_CHUNK_BYTES)):
            piece = audio[at : at + UPLOAD_CHUNK_BYTES]

            def send(
                now_s: float, index: int = index, piece: bytes = piece
            ) -> Call[UploadReceived]:
                return self._consumer.upload_chunk(peer, session_id, name, index, piece, now_s)

            await self._ask(target, send)
        return name

    async def _ask(self, target: Target, make: Callable[[float], Call[T]]) -> T:
        async with self._connected(target) as (reader, writer):
            call = make(self._clock())
            await self._send(writer, call.outgoing, call.left_s)
            while True:
                data = await self._read(reader, call.left_s)
                if data == b"":
                    call.end()
                answer = call.feed(data or b"", self._clock())
                if answer is not None:
                    return answer

    async def _converse(
        self, target: Target, make: Callable[[float], Conversation]
    ) -> AsyncGenerator[Chunk, None]:
        async with self._connected(target) as (reader, writer):
            conversation = make(self._clock())
            await self._send(writer, conversation.outgoing, conversation.left_s)
            pending = 0
            while not conversation.done:
                most = LONG_READ_BYTES if pending > LONG_BYTES else READ_BYTES
                data = await self._read(reader, conversation.left_s, most)
                pending += len(data or b"")
                for event in await self._events(conversation, data, pending):
                    pending = 0
                    if isinstance(event, Chunk):
                        yield event
                    else:
                        _check_end(event)

    async def _events(
        self, conversation: Conversation, data: bytes | None, pending: int
    ) -> list[Event]:
        """What the next bytes say; None when none came in time, empty when it was closed."""
        if data is None:
            return conversation.expire(self._clock())
        if not data:
            return conversation.end()
        if pending > LONG_BYTES:
            return await asyncio.to_thread(conversation.feed, data, self._clock())
        return conversation.feed(data, self._clock())

    @contextlib.asynccontextmanager
    async def _connected(
        self, target: Target
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        allow_private = self._allow_private()
        endpoint: Endpoint = checked_endpoint(target.endpoint, allow_private=allow_private)
        reader, writer = await self._dial(endpoint, allow_private=allow_private)
        try:
            yield reader, writer
        finally:
            # Nothing is owed to the other side any more; a close could wait for it for ever.
            writer.transport.abort()

    async def _send(
        self, writer: asyncio.StreamWriter, data: bytes, left_s: Callable[[float], float]
    ) -> None:
        """Write a request; when the peer has closed already, what it said before is still read."""
        writer.write(data)
        try:
            async with asyncio.timeout(left_s(self._clock())):
                await writer.drain()
        except TimeoutError:
            raise WireError(Fault.TOO_SLOW) from None
        except OSError:
            return

    async def _read(
        self,
        reader: asyncio.StreamReader,
        left_s: Callable[[float], float],
        most: int = READ_BYTES,
    ) -> bytes | None:
        """The next bytes; empty when the connection was closed, None when none came in time."""
        await asyncio.sleep(0)  # a peer that always has more must not keep others from their turn
        try:
            async with asyncio.timeout(left_s(self._clock())):
                return await reader.read(most)
        except TimeoutError:
            return None
        except OSError:
            return b""


def _check_end(event: End | Failed) -> None:
    """Raises unless the answer is whole."""
    if isinstance(event, Failed):
        raise event.error
    if not event.is_whole:
        raise WireError(Fault.CUT_OFF)
