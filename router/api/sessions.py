"""Opening, listing and closing sessions, in the shapes of the original router.

Opening takes an `Idempotency-Key`: the same key again gives the session of the first time.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from aiohttp import web

from router.api import chain_shapes
from router.api.call import Call, Parameter, Route
from router.api.chain_params import (
    ID,
    KEY,
    PAGE,
    checked,
    hexadecimal,
    id_in_path,
    page_of,
    wei,
    whole,
    wish_key,
)
from router.api.errors import ApiError
from router.api.opening import Wish, Wishes
from router.chain.records import Bid, as_bytes, as_hex
from router.consumer.brought import Brought
from router.consumer.quotes import SHORTEST_S
from router.consumer.records import SessionView
from router.consumer.sessions import Sessions
from router.errors import Busy, MorpheusError, NotFound
from router.funds import Funds

TAG = "Sessions"
LONGEST_S = 10**9  # the contract cuts what is longer than a session can be
_OPENING = (400, 402, 404, 408, 409, 413, 415, 422, 423, 429, 502, 503, 504)
_READING = (400, 502, 503)


async def own_session(sessions: Sessions, session_id: str, param: str) -> SessionView:
    """A session of the wallet's account; the chain is asked when it is not in the list.

    Raises:
        ApiError: 404; also for those of others.
        ChainUnavailable, NotOffered
    """
    for is_known in (True, False):
        if not is_known:
            await sessions.refresh()
        try:
            return sessions.view(session_id)
        except NotFound:
            continue
    raise ApiError(
        404,
        "session_not_found",
        "There is no such session of this wallet. GET /blockchain/sessions/user lists them.",
        param=param,
    )


class SessionRoutes:
    """Serves sessions.

    Args:
        funds: gives the money side of the node, or raises when it is not there.
    """

    def __init__(self, funds: Callable[[], Funds]) -> None:
        self._funds = funds
        self._wishes = Wishes()

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (*self._opening_routes(), *self._reading_routes())

    def _opening_routes(self) -> tuple[Route, ...]:
        def post(
            path: str, handler: Any, summary: str, body: str, answer: str, *more: Parameter
        ) -> Route:
            return Route(
                "POST",
                f"/blockchain/{path}",
                handler,
                summary,
                TAG,
                scope="spend",
                body=body,
                answer=answer,
                parameters=more,
                refusals=_OPENING,
            )

        return (
            post(
                "models/{id}/session",
                self.open_model,
                "Open a session with the best bid on a model.",
                "OpenModelSession",
                "OpenedSession",
                ID,
                KEY,
            ),
            post(
                "bids/{id}/session",
                self.open_bid,
                "Open a session with one bid.",
                "OpenBidSession",
                "OpenedSession",
                ID,
                KEY,
            ),
            post(
                "sessions",
                self.open_approved,
                "Open a session with an approval of POST /proxy/sessions/initiate.",
                "OpenApprovedSession",
                "OpenedSession",
                KEY,
            ),
            post("sessions/{id}/close", self.close, "Close a session now.", "", "Sent", ID),
        )

    def _reading_routes(self) -> tuple[Route, ...]:
        def get(
            path: str, handler: Any, summary: str, answer: str, scope: str, *more: Parameter
        ) -> Route:
            return Route(
                "GET",
                f"/blockchain/{path}",
                handler,
                summary,
                TAG,
                scope=scope,
                answer=answer,
                parameters=more,
                refusals=(*_READING, 404),
            )

        user = Parameter("user", "query", "Address; missing: the wallet's.")
        provider = Parameter("provider", "query", "Address; missing: the wallet's.")
        return (
            get(
                "models/{id}/bids/rated",
                self.rated,
                "Open bids on a model, best first.",
                "RatedBids",
                "market",
                ID,
            ),
            get(
                "sessions/user",
                self.of_user,
                "Sessions that an account opened.",
                "Sessions",
                "wallet",
                user,
                *PAGE,
            ),
            get(
                "sessions/user/ids",
                self.ids_of_user,
                "Ids of sessions that an account opened.",
                "SessionIds",
                "wallet",
                user,
                *PAGE,
            ),
            get(
                "sessions/provider",
                self.of_provider,
                "Sessions that a provider serves.",
                "Sessions",
                "wallet",
                provider,
                *PAGE,
            ),
            get("sessions/{id}", self.one, "One session.", "OneSession", "market", ID),
        )

    # Opening and closing

    async def open_model(self, call: Call) -> web.Response:
        """Open a session with the best bid whose provider signs."""
        fields = await call.fields()
        # `failover` is taken and means nothing, as in the original.
        fields.flag("failover")
        wish = Wish(
            whole(fields, "sessionDuration", SHORTEST_S, LONGEST_S),
            wish_key(call),
            model_id=as_hex(id_in_path(call)),
            is_direct=fields.flag("directPayment"),
        )
        return await self._open(call, wish)

    async def open_bid(self, call: Call) -> web.Response:
        """Open a session with this bid and no other; always staked."""
        fields = await call.fields()
        seconds = whole(fields, "sessionDuration", SHORTEST_S, LONGEST_S)
        return await self._open(
            call, Wish(seconds, wish_key(call), bid_id=as_hex(id_in_path(call)))
        )

    async def open_approved(self, call: Call) -> web.Response:
        """Open a session with an approval that is there."""
        fields = await call.fields()
        brought = Brought(
            hexadecimal(fields, "approval"),
            hexadecimal(fields, "approvalSig"),
            wei(fields.raw("stake"), "stake"),
            fields.flag("directPayment"),
        )
        sessions = self._funds().connection.sessions
        session_id = await sessions.open_brought(brought, wish_key(call))
        return call.answer({"sessionID": session_id})

    async def close(self, call: Call) -> web.Response:
        """Close a session; asked again it is the same transaction."""
        sessions = self._funds().connection.sessions
        view = await own_session(sessions, as_hex(id_in_path(call)), "id")
        record = await sessions.closings.sent(view.id)
        if record is None:
            try:
                record = await sessions.close(await sessions.prepare_close(view.id))
            except Busy:
                record = await sessions.closings.sent(view.id)
                if record is None:
                    raise
        return call.answer({"tx": record.hash})

    async def _open(self, call: Call, wish: Wish) -> web.Response:
        sessions = self._funds().connection.sessions
        session_id = await self._wishes.carry_out(sessions, wish)
        with contextlib.suppress(MorpheusError):  # it is open, whatever comes now
            await sessions.refresh()  # so that the next request finds it
        return call.answer({"sessionID": session_id})

    # Reading

    async def rated(self, call: Call) -> web.Response:
        """Serve the bids of a model with their scores; those that are not used are left out."""
        rated = await self._funds().connection.sessions.rated(as_hex(id_in_path(call)))
        return call.answer(
            {"bids": [chain_shapes.rated_bid(one) for one in rated if not one.excluded]}
        )

    async def of_user(self, call: Call) -> web.Response:
        """Serve a page of the sessions of an account."""
        return await self._page(call, "getUserSessions", "user")

    async def of_provider(self, call: Call) -> web.Response:
        """Serve a page of the sessions of a provider."""
        return await self._page(call, "getProviderSessions", "provider")

    async def ids_of_user(self, call: Call) -> web.Response:
        """Serve a page of ids."""
        owner = self._account(call, "user")
        ids, _ = await page_of(
            self._funds().connection, call, "getUserSessions", (owner,), everything=False
        )
        return call.answer([as_hex(key) for key in ids])

    async def one(self, call: Call) -> web.Response:
        """Serve one session."""
        market = self._funds().connection.market
        found = await market.sessions([id_in_path(call)])
        if not found:
            raise NotFound("There is no such session.")
        bids = await market.bids([as_bytes(found[0].bid_id)])
        return call.answer({"session": chain_shapes.session(found[0], bids[0] if bids else None)})

    async def _page(self, call: Call, function: str, param: str) -> web.Response:
        connection = self._funds().connection
        owner = self._account(call, param)
        ids, block = await page_of(connection, call, function, (owner,), everything=False)
        found = await connection.market.sessions(ids, block)
        keys = dict.fromkeys(session.bid_id for session in found)
        bids: dict[str, Bid] = {
            bid.id: bid
            for bid in await connection.market.bids([as_bytes(key) for key in keys], block)
        }
        return call.answer(
            {"sessions": [chain_shapes.session(one, bids.get(one.bid_id)) for one in found]}
        )

    def _account(self, call: Call, param: str) -> str:
        return checked(call.request.query.get(param) or self._funds().address, param)
