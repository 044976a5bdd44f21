"""/proxy/*: what providers are asked for, and what a provider of our own can claim."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from router.api.call import Call, Parameter, Route
from router.api.chain_params import ID, KEY, checked, checked_id, id_in_path, wei, wish_key
from router.chain.earnings import claimable
from router.chain.marketplace import DIAMOND
from router.chain.preparing import NOTHING_SENT, Intent
from router.chain.records import Provider, as_bytes, as_hex
from router.errors import BadRequest, NotFound, TxFailed
from router.funds import Connection, Funds
from router.morrpc.approvals import Approval
from router.wallet.wallet import Wallet

TAG = "Providers"
_ASKING = (400, 404, 408, 413, 415, 423, 429, 502, 503, 504)


class Proxy:
    """Asks providers, and claims for one.

    Args:
        funds, wallet: give them, or raise when they are not there.
    """

    def __init__(self, funds: Callable[[], Funds], wallet: Callable[[], Wallet]) -> None:
        self._funds = funds
        self._wallet = wallet

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""

        def route(
            method: str, path: str, handler: Any, summary: str, scope: str, *more: Parameter,
            body: str = "", answer: str, refusals: tuple[int, ...] = _ASKING,
        ) -> Route:  # fmt: skip
            return Route(
                method,
                f"/proxy/{path}",
                handler,
                summary,
                TAG,
                scope=scope,
                body=body,
                answer=answer,
                parameters=more,
                refusals=refusals,
            )

        return (
            route(
                "POST", "provider/ping", self.ping, "Ask whether a provider is there.", "market",
                body="PingRequest", answer="Pong",
            ),
            route(
                "POST", "sessions/initiate", self.initiate,
                "Get a provider's approval of a session.", "spend",
                body="InitiateSession", answer="InitiatedSession",
            ),
            route(
                "GET", "sessions/{id}/providerClaimableBalance", self.balance,
                "What its provider can claim of a session.", "market", ID,
                answer="ClaimableBalance", refusals=(400, 404, 502, 503),
            ),
            route(
                "POST", "sessions/{id}/providerClaim", self.claim,
                "Claim it for the wallet's own provider.", "spend", ID, KEY,
                answer="Sent", refusals=(400, 402, 404, 409, 422, 423, 502, 503),
            ),
        )  # fmt: skip

    async def ping(self, call: Call) -> web.Response:
        """Greet a provider."""
        fields = await call.fields()
        address = checked(fields.needed_text("providerAddr"), "providerAddr")
        connection = self._funds().connection
        provider = await _provider(connection, address, fields.text("providerUrl") or "")
        presence = await connection.providers.ping(provider)
        # Old clients read 0 as nobody there.
        return call.answer({"ping": max(presence.milliseconds, 1), "version": presence.version})

    async def initiate(self, call: Call) -> web.Response:
        """Ask for an approval; it binds nobody until a session is opened with it."""
        fields = await call.fields()
        address = checked(fields.needed_text("provider"), "provider")
        spend = wei(fields.raw("spend"), "spend")
        bid_id = checked_id(fields.needed_text("bidId"), "bidId")
        funds = self._funds()
        user = checked(fields.text("user") or funds.address, "user")
        if user != funds.address:
            raise BadRequest("Sessions are opened for the wallet's own account.", param="user")
        connection = funds.connection
        bids = await connection.market.bids([bid_id])
        if not bids or bids[0].provider != address:
            raise NotFound("This provider has no such bid.")
        provider = await _provider(connection, address, fields.text("providerUrl") or "")
        given = await connection.providers.request_session(
            self._wallet().signer(), bids[0], provider, spend
        )
        return call.answer(
            {
                "message": as_hex(given.key),
                "approval": as_hex(given.message),
                "approvalSig": as_hex(given.signature),
                "user": user.lower(),
                "timestamp": Approval.decode(given.message).timestamp_ms,
            }
        )

    async def balance(self, call: Call) -> web.Response:
        """Serve what can be claimed of a session; 0 before it is over."""
        amount, _ = await self._claimable(call)
        return call.answer({"balance": str(amount)})

    async def claim(self, call: Call) -> web.Response:
        """Claim what the provider earned with a session."""
        amount, session_id = await self._claimable(call)
        key = wish_key(call)
        funds = self._funds()
        # A wish that was carried out before has nothing left to claim, and is answered all the same.
        known = await funds.connection.journal.by_key(key) if key else None
        if amount == 0 and known is None:
            raise TxFailed(
                "There is nothing to claim of this session now.",
                code="nothing_to_claim",
                safe=NOTHING_SENT,
                hint="It can be claimed after the session's end.",
            )
        diamond = funds.connection.network.diamond
        data = DIAMOND["claimForProvider"].encode(as_bytes(session_id))
        record = await funds.submit(Intent(diamond, data=data, purpose="Claim earnings", key=key))
        return call.answer({"tx": record.hash})

    async def _claimable(self, call: Call) -> tuple[int, str]:
        market = self._funds().connection.market
        head = await self._funds().connection.chain.head()
        sessions = await market.sessions([id_in_path(call)], head.number)
        if not sessions:
            raise NotFound("There is no such session.")
        session = sessions[0]
        bids = await market.bids([as_bytes(session.bid_id)], head.number)
        providers = await market.providers([bid.provider for bid in bids], head.number)
        if not providers:
            raise NotFound("The provider of this session is gone.")
        return claimable(session, bids[0], providers[0], head.timestamp), session.id


async def _provider(connection: Connection, address: str, endpoint: str) -> Provider:
    """The record of a provider, with another endpoint if one is given."""
    found = await connection.market.providers([address])
    if endpoint:
        nobody = Provider(address, endpoint, 0, 0, 0, 0, is_deleted=False)
        return replace(found[0] if found else nobody, endpoint=endpoint)
    if not found:
        raise NotFound("There is no such provider. Give its providerUrl to ask it all the same.")
    return found[0]
