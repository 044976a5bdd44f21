"""A stream of server-sent events to one client, at the speed the client reads."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from router.api.errors import ApiError

DONE = b"data: [DONE]\n\n"


class EventStream:
    """Writes events; waits while the client's buffer is full.

    Every method raises ConnectionError when the client is gone, or did not read for
    `write_limit_s` seconds.
    """

    def __init__(
        self, request: web.Request, headers: Mapping[str, str], *, write_limit_s: float
    ) -> None:
        self.response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "X-Accel-Buffering": "no",
                **headers,
            }
        )
        self._request = request
        self._write_limit_s = write_limit_s

    async def open(self) -> None:
        """Send the head of the answer."""
        await self.response.prepare(self._request)

    async def send(self, value: Mapping[str, Any]) -> None:
        """Send one event, then let others run."""
        await self._write(b"data: %s\n\n" % json.dumps(value, separators=(",", ":")).encode())
        # Writing to a buffer with room never waits, and many tokens may come at once.
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Send the mark of a complete answer and end it."""
        await self._write(DONE)
        await self.response.write_eof()

    async def fail(self, error: ApiError) -> None:
        """Send an error as the last event; without the mark of a complete answer."""
        await self._write(b"data: %s\n\n" % json.dumps(error.body).encode())
        await self.response.write_eof()

    async def _write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(self._write_limit_s):
                await self.response.write(data)
        except TimeoutError:
            raise ConnectionResetError("the client does not read its answer") from None
