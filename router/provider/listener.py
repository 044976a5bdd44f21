"""The listening socket: one request a connection, within limits of number, size and time.

Nothing is started for a connection over the limits, and nothing is kept of one that sends too
slowly, too much or something else. When the consumer is gone, the work for it ends at once.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable

from router.errors import ConfigError
from router.morrpc.errors import WireError
from router.morrpc.freshness import Requests
from router.morrpc.limits import INCOMING, MIB, Limits
from router.morrpc.messages import Params
from router.morrpc.provider import Answering
from router.morrpc.signing import Signer
from router.provider.door import Budget, Door
from router.tasks import Tasks

log = logging.getLogger(__name__)

Answer = Callable[[Answering, Params], AsyncGenerator[bytes, None]]

TOTAL_S = 3600.0
# A consumer that reads nothing for so long is gone.
STALL_S = 30.0
CLOSE_S = 5.0
# Of all requests together that are not whole yet.
MOST_UNREAD = 96 * MIB
PIECE = 64 * 1024
# What may follow a request: nothing but white space comes from honest consumers.
MOST_AFTER = 64 * 1024
WRITE_BUFFER = 256 * 1024


class Listener:
    """Accepts connections and lets them be answered.

    Args:
        answer: gives what to write, one `write` each.
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
        self._budget = Budget(MOST_UNREAD)
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
        address = str(peer[0]) if peer else ""
        if self._server is None or not self._door.enter(address):
            writer.transport.abort()
            return
        self._tasks.spawn("consumer", self._serve(reader, writer, address))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str
    ) -> None:
        writer.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        try:
            async with asyncio.timeout(TOTAL_S):
                await self._talk(reader, writer)
        except (OSError, TimeoutError) as error:
            log.debug("a consumer is gone: %r", error)
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            await _close(writer)
            self._door.leave(address)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        now_s = time.monotonic()
        answering = Answering(
            self._signer,
            self._requests,
            lambda: int(self._now() * 1000),
            now_s,
            limits=self._limits,
        )
        try:
            params = await self._request(reader, answering)
        except WireError as error:
            log.debug("no request: %s", error)
            await self._write(writer, answering.refuse(error))
            return
        if params is None:
            return
        # Whichever is first ends the other: the answer, or the consumer's leaving.
        answer = self._tasks.spawn("answer", self._send(writer, self._answer(answering, params)))
        leaving = self._tasks.spawn("leaving", _left(reader))
        try:
            await asyncio.wait((answer, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            answer.cancel()
            leaving.cancel()
            await asyncio.gather(answer, leaving, return_exceptions=True)

    async def _request(self, reader: asyncio.StreamReader, answering: Answering) -> Params | None:
        """The request; None when the consumer left before it was whole.

        Raises:
            WireError
        """
        held = 0
        try:
            while True:
                async with asyncio.timeout(answering.left_s(time.monotonic())):
                    data = await reader.read(PIECE)
                if not data or not self._budget.take(len(data)):
                    return None
                held += len(data)
                if (params := answering.feed(data, time.monotonic())) is not None:
                    return params
        finally:
            self._budget.give(held)

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
