"""A server with a single handler, for what needs a real request and nothing around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True)
class Server:
    """Where it is, and what its handler raised."""

    host: str
    port: int
    errors: "asyncio.Queue[BaseException]"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}/"


@contextlib.asynccontextmanager
async def serving(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[Server]:
    """Serve every request with this handler until the block is left."""
    errors: asyncio.Queue[BaseException] = asyncio.Queue()

    async def noting(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.put_nowait(error)
            return web.Response(status=599)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", noting)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield Server(host, port, errors)
    finally:
        await runner.cleanup()
