"""The listening socket: one request a connection, within limits of number, size and time.

Nothing is started for a connection over the limits, and nothing is kept of one that sends too
slowly, too much or something else. When the consumer is gone, the work for it ends at once.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from router.errors import ConfigError
from router.morrpc.errors import WireError
from router.morrpc.freshness import Requests
from router.morrpc.limits import INCOMING, MIB, Limits
from router.morrpc.messages import Params
from router.morrpc.provider import Answering
from router.morrpc.signing import Signer
from router.provider.door import Budget, Door, visitor_of
from router.tasks import Tasks

log = logging.getLogger(__name__)

Answer = Callable[[Answering, Params, str], AsyncGenerator[bytes, None]]

TOTAL_S = 3600.0
# A consumer that reads nothing for so long is gone.
STALL_S = 30.0
CLOSE_S = 5.0
# Of all requests together that are not whole yet, and of those of one visitor. The first bytes of
# each are free: whoever asks something small is never in the way of those who ask much.
MOST_UNREAD = 96 * MIB
MOST_UNREAD_EACH = 16 * MIB
FREE = 16 * 1024
# A request is whole by then, or so much of it has come.
EARLY_S = 10.0
EARLY = 64 * 1024
PIECE = 64 * 1024
# A request from so many bytes on is looked at on a thread.
LONG = 256 * 1024
# What may follow a request: nothing but white space comes from honest consumers.
MOST_AFTER = 64 * 1024
WRITE_BUFFER = 256 * 1024


@dataclass(eq=False)
class _Visit:
    """A connection that was let in."""

    visitor: str
    writer: asyncio.StreamWriter


class Listener:
    """Accepts connections and lets them be answered.

    Args:
        answer: gives what to write, one `write` each, to a request of a visitor (see `door`).
        now: seconds since 1970.
    """

    def __init__(
        self,
        signer: Signer,
        door: Door,
        answer: Answer,
        now: Callable[[], float] = time.time,
        *,
        limits: Limits = INCOMING,
        stall_s: float = STALL_S,
    ) -> None:
        self._signer = signer
        self._door = door
        self._answer = answer
        self._now = now
        self._limits = limits
        self._stall_s = stall_s
        self._requests = Requests(limits.skew_s)
        self._budget = Budget(MOST_UNREAD, MOST_UNREAD_EACH)
        # Those inside, and of them those whose request is not whole yet, oldest first.
        self._inside: set[_Visit] = set()
        self._asking: dict[_Visit, None] = {}
        self._tasks = Tasks()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; where.

        Raises:
            ConfigError: the address cannot be used.
        """
        try:
            self._server = await asyncio.start_server(
                self._connected, host, port, limit=PIECE, backlog=128
            )
        except OSError as error:
            raise ConfigError(
                f"The provider cannot listen on {host}:{port}: {error.strerror or error}.",
                safe="Nothing was changed.",
                hint="End the program that uses it, or set provider.listen.",
            ) from error
        found = self._server.sockets[0].getsockname()
        return str(found[0]), int(found[1])

    async def stop(self) -> None:
        """Listen no longer, and end what is being answered."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        await self._tasks.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not a coroutine: whoever is turned away costs no task.
        peer = writer.get_extra_info("peername")
        visit = _Visit(visitor_of(str(peer[0]) if peer else ""), writer)
        if self._server is None or not self._door.enter(visit.visitor, self._make_way):
            writer.transport.abort()
            return
        self._inside.add(visit)
        self._asking[visit] = None
        self._tasks.spawn("consumer", self._serve(reader, writer, visit))

    def _make_way(self) -> bool:
        """Close the oldest connection whose request is not whole; whether there was one."""
        visit = next(iter(self._asking), None)
        if visit is None:
            return False
        visit.writer.transport.abort()
        self._leave(visit)
        return True

    def _leave(self, visit: _Visit) -> None:
        """A connection counts no longer; more than once does no harm."""
        self._asking.pop(visit, None)
        if visit in self._inside:
            self._inside.remove(visit)
            self._door.leave(visit.visitor)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visit: _Visit
    ) -> None:
        writer.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        try:
            async with asyncio.timeout(TOTAL_S):
                await self._talk(reader, writer, visit)
        except (OSError, TimeoutError) as error:
            log.debug("a consumer is gone: %r", error)
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            await _close(writer)
            self._leave(visit)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visit: _Visit
    ) -> None:
        now_s = time.monotonic()
        answering = Answering(
            self._signer,
            self._requests,
            lambda: int(self._now() * 1000),
            now_s,
            limits=self._limits,
        )
        try:
            params = await self._request(reader, answering, visit.visitor)
        except WireError as error:
            log.debug("no request: %s", error)
            await self._write(writer, answering.refuse(error))
            return
        if params is None or visit not in self._asking:
            return
        del self._asking[visit]
        # Whichever is first ends the other: the answer, or the consumer's leaving.
        pieces = self._answer(answering, params, visit.visitor)
        answer = self._tasks.spawn("answer", self._send(writer, pieces))
        leaving = self._tasks.spawn("leaving", _left(reader))
        try:
            await asyncio.wait((answer, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            answer.cancel()
            leaving.cancel()
            await asyncio.gather(answer, leaving, return_exceptions=True)

    async def _request(
        self, reader: asyncio.StreamReader, answering: Answering, visitor: str
    ) -> Params | None:
        """The request; None when the consumer left before it was whole.

        Raises:
            WireError
        """
        early_s = time.monotonic() + EARLY_S
        came = held = 0
        try:
            while True:
                now_s = time.monotonic()
                left_s = answering.left_s(now_s)
                async with asyncio.timeout(
                    min(left_s, early_s - now_s) if came < EARLY else left_s
                ):
                    data = await reader.read(PIECE)
                came += len(data)
                more = max(0, came - FREE) - held
                if not data or not self._budget.take(visitor, more):
                    return None
                held += more
                if (params := await _fed(answering, data, came)) is not None:
                    return params
        finally:
            self._budget.give(visitor, held)

    async def _send(
        self, writer: asyncio.StreamWriter, pieces: AsyncGenerator[bytes, None]
    ) -> None:
        try:
            async with contextlib.aclosing(pieces):
                async for piece in pieces:
                    await self._write(writer, piece)
                    # A buffer with room never waits, and many pieces may come at once.
                    await asyncio.sleep(0)
        except (OSError, TimeoutError) as error:
            log.debug("a consumer does not read: %r", error)
            writer.transport.abort()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        if writer.transport.get_write_buffer_size() > WRITE_BUFFER:
            async with asyncio.timeout(self._stall_s):
                await writer.drain()


async def _fed(answering: Answering, data: bytes, came: int) -> Params | None:
    """Take the next bytes, on a thread when there were many: the last ones take longest.

    Raises:
        WireError
    """
    if came > LONG:
        return await asyncio.to_thread(answering.feed, data, time.monotonic())
    return answering.feed(data, time.monotonic())


async def _left(reader: asyncio.StreamReader) -> None:
    """Return when the consumer closed the line, or sends what nobody asked for."""
    size = 0
    with contextlib.suppress(OSError):
        while size <= MOST_AFTER and (data := await reader.read(PIECE)):
            size += len(data)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close after what was written, or without when it is not read in time."""
    writer.close()
    try:
        async with asyncio.timeout(CLOSE_S):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
