"""Where clients connect: the port, a bounded number of connections, JSON errors from the start.

What is not HTTP never reaches the gate, so it is answered here, in the shape of all errors.
"""

import asyncio
import errno
import ipaddress
import logging
import os
import socket
from collections.abc import Callable
from typing import Any

from aiohttp import web

from router.api.body import Limits
from router.api.errors import ApiError
from router.errors import ConfigError

log = logging.getLogger(__name__)

PORTS_TRIED = 20

_TAKEN = (errno.EADDRINUSE, errno.EACCES)  # Windows reserves ports by refusing access

_BUSY = ApiError(503, "too_many_connections", "Too many connections are open. Close some.")
_MALFORMED = ApiError(
    400, "malformed_request", "The request is not valid HTTP, or its head is too large."
)


class Connection(web.RequestHandler):
    """One connection; what cannot be parsed as HTTP is refused in the shape of all errors."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what never reached the gate."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was already begun")
        log.debug("malformed request from %s: %s", request.remote, exc)
        response = _MALFORMED.response()
        response.force_close()
        return response


class _TurnedAway(asyncio.Protocol):
    """A connection too many: it is told so and closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        body = _BUSY.response().body
        assert isinstance(body, bytes)
        transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
            b"Retry-After: 1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        transport.close()


class Site(web.BaseSite):
    """Listens on a bound socket with our kind of connection and a limit on their number."""

    def __init__(self, runner: web.AppRunner, listener: socket.socket, limits: Limits) -> None:
        super().__init__(runner)
        self._listener = listener
        self._limits = limits

    @property
    def name(self) -> str:
        """The address as a URL."""
        return url_of(*self._listener.getsockname()[:2])

    async def start(self) -> None:
        """Begin to accept connections."""
        await super().start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._factory(loop), sock=self._listener)

    def _factory(self, loop: asyncio.AbstractEventLoop) -> Callable[[], asyncio.Protocol]:
        server = self._runner.server
        assert server is not None
        limits = self._limits
        options: dict[str, Any] = {
            "access_log": None,
            "logger": log,
            "keepalive_timeout": limits.idle_s,
            "max_line_size": limits.line_bytes,
            "max_field_size": limits.header_bytes,
            "max_headers": limits.headers,
            "lingering_time": limits.linger_s,
            "auto_decompress": False,
        }

        def accept() -> asyncio.Protocol:
            if len(server.connections) >= limits.connections:
                return _TurnedAway()
            return Connection(server, loop=loop, **options)

        return accept


def url_of(host: str, port: int) -> str:
    """The address of a server as people write it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def bind(host: str, wanted: int) -> socket.socket:
    """A listening socket on the wanted port, or on the next free one; 0 takes any.

    Raises:
        ConfigError: the address is not one of this computer, or no port nearby is free.
    """
    address = _literal(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    last = wanted if wanted == 0 else min(wanted + PORTS_TRIED - 1, 65_535)
    for port in range(wanted, last + 1):
        try:
            return socket.create_server((str(address), port), family=family, backlog=128)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise ConfigError(
                    f"The API cannot listen on {host}: {os.strerror(error.errno or 0)}.",
                    hint="Set api.host to 127.0.0.1, or to an address of this computer.",
                ) from error
    raise ConfigError(
        f"The API cannot listen: the ports {wanted} to {last} are all in use.",
        safe="Everything else works.",
        hint="Set api.port to another number, or to 0 for any free one.",
    )


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise ConfigError(
            f"The setting api.host is '{host}', which is not an address.",
            hint="Use 127.0.0.1 for this computer only.",
        ) from error
