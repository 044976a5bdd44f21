"""The one way in: every request passes here, in this order, and every answer leaves from here.

Host and origin, key, address, scope; then the handler; then the request log. A refusal and a
failure leave in the same shape, and a bug leaves without its traceback.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from router.api.auth import Caller, Doorkeeper, check_scope
from router.api.body import Limits
from router.api.call import Call, Route
from router.api.errors import ApiError, describe, unexpected
from router.api.origin import Doorway
from router.api.request_log import CLIENT_GONE, Draft, RequestLog
from router.api.running import Running

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CALL = web.RequestKey("call", Call)
NOBODY = Caller("")

_HEADERS = {
    "Server": "Morpheus",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class Gate:
    """The middleware of the interface.

    Args:
        keep_bodies: whether the request log keeps what was asked and answered.
    """

    def __init__(
        self,
        doorway: Doorway,
        doorkeeper: Doorkeeper,
        running: Running,
        request_log: RequestLog,
        limits: Limits,
        *,
        keep_bodies: bool,
    ) -> None:
        self._doorway = doorway
        self._doorkeeper = doorkeeper
        self._running = running
        self._log = request_log
        self._limits = limits
        self._keep_bodies = keep_bodies
        self._open: set[tuple[str, str]] = set()

    def application(self, routes: Iterable[Route]) -> web.Application:
        """An aiohttp application that serves these routes behind this gate."""
        app = web.Application(
            middlewares=[self._pass], client_max_size=self._limits.body_bytes, logger=log
        )
        for route in routes:
            app.router.add_route(route.method, route.path, _endpoint(route))
            if route.open:
                self._open.add((route.method, route.path))
        app.on_response_prepare.append(_dress)
        return app

    @web.middleware
    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        draft = Draft(
            secrets.token_hex(8), request.method, request.path, keep_bodies=self._keep_bodies
        )
        call = request[CALL] = Call(request, NOBODY, draft, self._limits)
        status = CLIENT_GONE
        try:
            response = await self._answer(call, handler)
            status = response.status
            return response
        finally:
            self._log.add(draft.record(status))

    async def _answer(self, call: Call, handler: Handler) -> web.StreamResponse:
        try:
            self._admit(call)
            async with self._running.cuttable(call.caller):
                return await handler(call.request)
        except Exception as error:  # the error middleware: bugs end here
            if call.stream is None:
                return self._refusal(call, error).response()
            if isinstance(error, ConnectionError):
                raise  # nobody is left to be told
            await call.stream.fail(self._refusal(call, error))
            return call.stream.response

    def _admit(self, call: Call) -> None:
        request = call.request
        headers = request.headers
        self._doorway.check(
            headers.getall("Host", []),
            headers.getall("Origin", []),
            headers.getall("Sec-Fetch-Site", []),
        )
        resource = request.match_info.route.resource
        if resource is None or (request.method, resource.canonical) not in self._open:
            call.caller = self._doorkeeper.admit(headers.get("Authorization"), request.remote or "")
            call.draft.key = call.caller.name

    def _refusal(self, call: Call, error: Exception) -> ApiError:
        known = describe(error)
        if known is None:
            log.error("%s %s failed", call.draft.method, call.draft.path, exc_info=error)
            known = unexpected()
        call.draft.error = known.code
        if known.status == 401 and call.request.path.startswith("/swagger/"):
            # Only here, where a person looks on: the browser then asks for user and password.
            known.headers["WWW-Authenticate"] = 'Basic realm="Morpheus", charset="UTF-8"'
        return known


def _endpoint(route: Route) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        call = request[CALL]
        check_scope(call.caller, route.scope)
        return await route.handler(call)

    return handle


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    """Put on the headers that every answer has."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    call = request.get(CALL)
    if call is not None:
        response.headers["X-Request-Id"] = call.draft.id
