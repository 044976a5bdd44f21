"""/blockchain/*: what the chain and the marketplace have, and sending, as the original router does.

Sending takes an `Idempotency-Key`: the same key again gives the first result again.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from router.api import chain_shapes
from router.api.call import Call, Parameter, Route
from router.api.chain_params import (
    KEY,
    PAGE,
    address_in_path,
    checked,
    id_in_path,
    page_of,
    wei,
    wish_key,
)
from router.chain.marketplace import Account
from router.errors import NotFound
from router.funds import Coin, Funds

TAG = "Blockchain"
_SENDING = (400, 402, 408, 409, 413, 415, 422, 423, 502, 503)
_READING = (400, 502, 503)


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
            read("stakes/on-hold", self.on_hold, "MOR that sessions gave back.", "StakesOnHold"),
        )

    def _market_routes(self) -> tuple[Route, ...]:
        read = partial(_read, "market", (*_READING, 404))
        key = Parameter("id", "path", "0x and hexadecimal digits.")
        return (
            read("providers", self.providers, "Providers that serve.", "Providers", *PAGE),
            read("models", self.models, "Models on offer.", "MarketModels", *PAGE),
            read("models/{id}/bids", self.model_bids, "Bids on a model.", "Bids", key, *PAGE),
            read(
                "models/{id}/bids/active",
                self.active_model_bids,
                "Bids on a model that are open.",
                "Bids",
                key,
                *PAGE,
            ),
            read("providers/{id}/bids", self.provider_bids, "Bids of one.", "Bids", key, *PAGE),
            read(
                "providers/{id}/bids/active",
                self.active_provider_bids,
                "Open bids of a provider.",
                "Bids",
                key,
                *PAGE,
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
            send("stakes/withdraw", self.withdraw, "Take back what is no longer on hold.", ""),
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
        spender = checked(call.request.query.get("spender", ""), "spender")
        return call.answer({"allowance": str(await self._funds().allowance(spender))})

    async def transactions(self, call: Call) -> web.Response:
        """Serve what was sent from this node, newest first."""
        funds = self._funds()
        records = await funds.transactions()
        network = funds.connection.network
        return call.answer(
            {"transactions": [chain_shapes.transaction(record, network) for record in records]}
        )

    async def stakes(self, call: Call) -> web.Response:
        """Serve the four places where MOR can be; they add up at one block."""
        account = await self._funds().account()
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
                "releaseAt": _release_at(account),
                "sessions": [chain_shapes.held_session(session) for session in active],
            }
        )

    async def on_hold(self, call: Call) -> web.Response:
        """Serve what comes back without a session, and when."""
        account = await self._funds().account()
        return call.answer(
            {
                "block": account.block,
                "timestamp": account.timestamp,
                "onHold": str(account.on_hold),
                "claimable": str(account.claimable),
                "releaseAt": _release_at(account),
            }
        )

    # The market

    async def providers(self, call: Call) -> web.Response:
        """Serve providers."""
        ids, block = await page_of(
            self._funds().connection, call, "getActiveProviders", (), everything=True
        )
        records = await self._funds().connection.market.providers(ids, block)
        return call.answer({"providers": [chain_shapes.provider(r) for r in records]})

    async def models(self, call: Call) -> web.Response:
        """Serve models."""
        ids, block = await page_of(
            self._funds().connection, call, "getActiveModelIds", (), everything=True
        )
        records = await self._funds().connection.market.models(ids, block)
        return call.answer({"models": [chain_shapes.model(r) for r in records]})

    async def model_bids(self, call: Call) -> web.Response:
        """Serve all bids on a model."""
        return await self._bids(call, "getModelBids", id_in_path(call))

    async def active_model_bids(self, call: Call) -> web.Response:
        """Serve the open bids on a model."""
        return await self._bids(call, "getModelActiveBids", id_in_path(call))

    async def provider_bids(self, call: Call) -> web.Response:
        """Serve all bids of a provider."""
        return await self._bids(call, "getProviderBids", address_in_path(call))

    async def active_provider_bids(self, call: Call) -> web.Response:
        """Serve the open bids of a provider."""
        return await self._bids(call, "getProviderActiveBids", address_in_path(call))

    async def bid(self, call: Call) -> web.Response:
        """Serve one bid."""
        found = await self._funds().connection.market.bids([id_in_path(call)])
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
        spender = checked(query.get("spender", ""), "spender")
        amount = wei(query.get("amount"), "amount")
        funds = self._funds()
        record = await funds.submit(funds.approving(amount, spender, wish_key(call)))
        return call.answer({"tx": record.hash})

    async def send_eth(self, call: Call) -> web.Response:
        """Send the chain's coin."""
        return await self._send(call, "ETH")

    async def send_mor(self, call: Call) -> web.Response:
        """Send MOR."""
        return await self._send(call, "MOR")

    async def withdraw(self, call: Call) -> web.Response:
        """Claim the stake that is no longer on hold."""
        funds = self._funds()
        record = await funds.submit(funds.connection.sessions.claiming(wish_key(call)))
        return call.answer({"tx": record.hash})

    async def _send(self, call: Call, coin: Coin) -> web.Response:
        fields = await call.fields()
        to = checked(fields.needed_text("to"), "to")
        amount = wei(fields.raw("amount"), "amount")
        funds = self._funds()
        intent = funds.sending(coin, to, amount, wish_key(call))
        record = await funds.submit(replace(intent, legacy=fields.flag("legacy")))
        return call.answer({"tx": record.hash})

    async def _supply_and_budget(self) -> tuple[int, int]:
        connection = self._funds().connection
        head = await connection.chain.head()
        return await connection.market.supply_and_budget(head.timestamp)

    async def _bids(self, call: Call, function: str, owner: bytes | str) -> web.Response:
        ids, block = await page_of(
            self._funds().connection, call, function, (owner,), everything=False
        )
        records = await self._funds().connection.market.bids(ids, block)
        return call.answer({"bids": [chain_shapes.bid(record) for record in records]})


def _release_at(account: Account) -> int | None:
    """The next midnight UTC, when there is something to wait for."""
    day = account.timestamp - account.timestamp % 86_400
    return day + 86_400 if account.on_hold else None


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
