"""/blockchain/*: what the chain and the marketplace have, and sending, as the original router does.

Sending takes an `Idempotency-Key`: the same key again gives the first result again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from router.api import chain_shapes
from router.api.call import Call, Parameter, Route
from router.api.errors import ApiError
from router.chain.records import as_bytes
from router.errors import BadRequest, NotFound
from router.funds import Coin, Funds
from router.wallet.checks import checked_address

TAG = "Blockchain"
FEWEST, MOST = 10, 255
HIGHEST = 2**256 - 1
KEY = Parameter("Idempotency-Key", "header", "Names this wish; the same key is carried out once.")
_PAGE = (
    Parameter("offset", "query", "How many to skip."),
    Parameter("limit", "query", "How many at most; 255 is the highest."),
    Parameter("order", "query", "ASC for the oldest first; anything else is the newest first."),
)
_SENDING = (400, 402, 408, 409, 413, 415, 422, 423, 502, 503)
_READING = (400, 502, 503)

Ids = list[Any]


class Blockchain:
    """Reads and sends.

    Args:
        funds: gives the money side of the node, or raises when it is not there.
    """

    def __init__(self, funds: Callable[[], Funds]) -> None:
        self._funds = funds

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (*self._account_routes(), *self._market_routes(), *self._sending_routes())

    def _account_routes(self) -> tuple[Route, ...]:
        read = partial(_read, "wallet", _READING)
        spender = Parameter("spender", "query", "Address that may take MOR.")
        return (
            read("balance", self.balance, "Balances of the wallet.", "Balance"),
            read("latestBlock", self.latest_block, "Number of the newest block.", "LatestBlock"),
            read("allowance", self.allowance, "MOR that may be taken.", "Allowance", spender),
            read("transactions", self.transactions, "What was sent from here.", "Transactions"),
            read("stakes", self.stakes, "Where all MOR of the wallet is.", "Stakes"),
        )

    def _market_routes(self) -> tuple[Route, ...]:
        read = partial(_read, "market", (*_READING, 404))
        key = Parameter("id", "path", "0x and hexadecimal digits.")
        return (
            read("providers", self.providers, "Providers that serve.", "Providers", *_PAGE),
            read("models", self.models, "Models on offer.", "MarketModels", *_PAGE),
            read("models/{id}/bids", self.model_bids, "Bids on a model.", "Bids", key, *_PAGE),
            read(
                "models/{id}/bids/active",
                self.active_model_bids,
                "Bids on a model that are open.",
                "Bids",
                key,
                *_PAGE,
            ),
            read("providers/{id}/bids", self.provider_bids, "Bids of one.", "Bids", key, *_PAGE),
            read(
                "providers/{id}/bids/active",
                self.active_provider_bids,
                "Open bids of a provider.",
                "Bids",
                key,
                *_PAGE,
            ),
            read("bids/{id}", self.bid, "One bid.", "OneBid", key),
            read("token/supply", self.supply, "MOR that counts as supply.", "Supply"),
            read("sessions/budget", self.budget, "What providers get today.", "Budget"),
        )

    def _sending_routes(self) -> tuple[Route, ...]:
        def send(path: str, handler: Any, summary: str, body: str, *more: Parameter) -> Route:
            return Route(
                "POST",
                f"/blockchain/{path}",
                handler,
                summary,
                TAG,
                scope="spend",
                body=body,
                answer="Sent",
                parameters=(*more, KEY),
                refusals=_SENDING,
            )

        return (
            send(
                "approve",
                self.approve,
                "Let somebody take exactly so much MOR.",
                "",
                Parameter("spender", "query", "Address that may take MOR."),
                Parameter("amount", "query", "In wei; 0 takes it back."),
            ),
            send("send/eth", self.send_eth, "Send the chain's coin.", "SendRequest"),
            send("send/mor", self.send_mor, "Send MOR.", "SendRequest"),
        )

    # The wallet's account

    async def balance(self, call: Call) -> web.Response:
        """Serve both balances."""
        account = await self._funds().account()
        return call.answer({"mor": str(account.mor), "eth": str(account.eth)})

    async def latest_block(self, call: Call) -> web.Response:
        """Serve the number of the newest block."""
        head = await self._funds().connection.chain.head()
        return call.answer({"block": head.number})

    async def allowance(self, call: Call) -> web.Response:
        """Serve what a spender may take."""
        spender = _address(call.request.query.get("spender", ""), "spender")
        return call.answer({"allowance": str(await self._funds().allowance(spender))})

    async def transactions(self, call: Call) -> web.Response:
        """Serve what was sent from this node, newest first."""
        records = await self._funds().transactions()
        return call.answer(
            {
                "transactions": [
                    {
                        "hash": record.hash,
                        "from": record.sender.lower(),
                        "to": record.to.lower(),
                        "value": str(record.value),
                        "nonce": record.nonce,
                        "state": record.state,
                        "purpose": record.purpose,
                        "block": record.block,
                        "fee": None if record.fee is None else str(record.fee),
                        "timestamp": int(record.created_at),
                    }
                    for record in records
                ]
            }
        )

    async def stakes(self, call: Call) -> web.Response:
        """Serve the four places where MOR can be; they add up at one block."""
        account = await self._funds().account()
        day = account.timestamp - account.timestamp % 86_400
        active = [session for session in account.sessions if session.closed_at == 0]
        return call.answer(
            {
                "block": account.block,
                "timestamp": account.timestamp,
                "wallet": str(account.mor),
                "inSessions": str(account.in_sessions),
                "onHold": str(account.on_hold),
                "claimable": str(account.claimable),
                "total": str(account.total),
                "releaseAt": day + 86_400 if account.on_hold else None,
                "sessions": [chain_shapes.held_session(session) for session in active],
            }
        )

    # The market

    async def providers(self, call: Call) -> web.Response:
        """Serve providers."""
        ids, block = await self._ids(call, "getActiveProviders", (), everything=True)
        records = await self._funds().connection.market.providers(ids, block)
        return call.answer({"providers": [chain_shapes.provider(r) for r in records]})

    async def models(self, call: Call) -> web.Response:
        """Serve models."""
        ids, block = await self._ids(call, "getActiveModelIds", (), everything=True)
        records = await self._funds().connection.market.models(ids, block)
        return call.answer({"models": [chain_shapes.model(r) for r in records]})

    async def model_bids(self, call: Call) -> web.Response:
        """Serve all bids on a model."""
        return await self._bids(call, "getModelBids", _id(call))

    async def active_model_bids(self, call: Call) -> web.Response:
        """Serve the open bids on a model."""
        return await self._bids(call, "getModelActiveBids", _id(call))

    async def provider_bids(self, call: Call) -> web.Response:
        """Serve all bids of a provider."""
        return await self._bids(call, "getProviderBids", _address_in_path(call))

    async def active_provider_bids(self, call: Call) -> web.Response:
        """Serve the open bids of a provider."""
        return await self._bids(call, "getProviderActiveBids", _address_in_path(call))

    async def bid(self, call: Call) -> web.Response:
        """Serve one bid."""
        found = await self._funds().connection.market.bids([_id(call)])
        if not found:
            raise NotFound("There is no such bid.")
        return call.answer({"bid": chain_shapes.bid(found[0])})

    async def supply(self, call: Call) -> web.Response:
        """Serve the supply of today."""
        supply, _ = await self._supply_and_budget()
        return call.answer({"supply": str(supply)})

    async def budget(self, call: Call) -> web.Response:
        """Serve the budget of today."""
        _, budget = await self._supply_and_budget()
        return call.answer({"budget": str(budget)})

    # Sending

    async def approve(self, call: Call) -> web.Response:
        """Give a permission for an exact amount."""
        query = call.request.query
        spender = _address(query.get("spender", ""), "spender")
        amount = _wei(query.get("amount"), "amount")
        funds = self._funds()
        record = await funds.submit(funds.approving(amount, spender, _key(call)))
        return call.answer({"tx": record.hash})

    async def send_eth(self, call: Call) -> web.Response:
        """Send the chain's coin."""
        return await self._send(call, "ETH")

    async def send_mor(self, call: Call) -> web.Response:
        """Send MOR."""
        return await self._send(call, "MOR")

    async def _send(self, call: Call, coin: Coin) -> web.Response:
        fields = await call.fields()
        to = _address(fields.needed_text("to"), "to")
        amount = _wei(fields.raw("amount"), "amount")
        funds = self._funds()
        intent = funds.sending(coin, to, amount, _key(call))
        record = await funds.submit(replace(intent, legacy=fields.flag("legacy")))
        return call.answer({"tx": record.hash})

    async def _supply_and_budget(self) -> tuple[int, int]:
        connection = self._funds().connection
        head = await connection.chain.head()
        return await connection.market.supply_and_budget(head.timestamp)

    async def _bids(self, call: Call, function: str, owner: bytes | str) -> web.Response:
        ids, block = await self._ids(call, function, (owner,), everything=False)
        records = await self._funds().connection.market.bids(ids, block)
        return call.answer({"bids": [chain_shapes.bid(record) for record in records]})

    async def _ids(
        self, call: Call, function: str, owner: tuple[Any, ...], *, everything: bool
    ) -> tuple[Ids, int]:
        """One page of a list in the order that was asked for, and the block it is of.

        Args:
            everything: without a limit it is the whole list.
        """
        connection = self._funds().connection
        market, query = connection.market, call.request.query
        offset = _count(query, "offset", 0)
        limit = _count(query, "limit", 0 if everything else FEWEST)
        is_oldest_first = query.get("order") == "ASC"
        if limit > MOST:
            raise BadRequest(f"At most {MOST} at once.", param="limit")
        if everything and limit == 0:
            ids, block = await market.all_ids(function)
            return (ids if is_oldest_first else ids[::-1])[offset:], block
        block = (await connection.chain.head()).number
        if is_oldest_first:
            ids, _ = await market.page(function, owner, offset, limit, block)
            return ids, block
        _, total = await market.page(function, owner, 0, 0, block)
        start, end = max(total - offset - limit, 0), max(total - offset, 0)
        ids, _ = await market.page(function, owner, start, end - start, block)
        return ids[::-1], block


def _read(
    scope: str,
    refusals: tuple[int, ...],
    path: str,
    handler: Any,
    summary: str,
    answer: str,
    *parameters: Parameter,
) -> Route:
    return Route(
        "GET",
        f"/blockchain/{path}",
        handler,
        summary,
        TAG,
        scope=scope,
        answer=answer,
        parameters=parameters,
        refusals=refusals,
    )


def _id(call: Call) -> bytes:
    try:
        return as_bytes(call.request.match_info["id"])
    except ValueError as error:
        raise BadRequest("An id is 0x and 64 hexadecimal digits.", param="id") from error


def _address_in_path(call: Call) -> str:
    return _address(call.request.match_info["id"], "id")


def _address(text: str, param: str) -> str:
    try:
        return checked_address(text)
    except BadRequest as error:
        raise BadRequest(error.message, param=param, hint=error.hint) from error


def _wei(value: Any, param: str) -> int:
    """An amount in wei: digits as a text, or a number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 78:
        raise BadRequest("This is not an amount in wei: digits only.", param=param)
    if int(text) > HIGHEST:
        raise BadRequest("There is no such amount: it is 2^256 wei or more.", param=param)
    return int(text)


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest("This is not a whole number.", param=name)
    return int(text)


def _key(call: Call) -> str:
    """The key of a wish, kept apart from the keys of other callers."""
    key = call.request.headers.get("Idempotency-Key", "")
    if len(key) > 200 or not key.isprintable():
        raise ApiError(
            400, "bad_request", "The Idempotency-Key is too long.", param="Idempotency-Key"
        )
    return f"api:{call.caller.id}:{key}" if key else ""
