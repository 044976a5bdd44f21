"""Coming to the market over HTTP, and leaving it: providers, models and bids of the wallet's account.

Answers come when it is in a block, as from the original router. What the contract takes (stakes, the
fee of a bid) has to be allowed before, with `POST /blockchain/approve`; nothing is allowed here.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from eth_utils.crypto import keccak

from router.api import chain_shapes
from router.api.call import Call, Parameter, Route
from router.api.chain_params import (
    ID,
    KEY,
    address_in_path,
    any_case,
    checked_id,
    id_in_path,
    wei,
    wish_key,
)
from router.api.errors import ApiError
from router.backends.fields import Fields
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.preparing import Intent
from router.chain.records import as_hex
from router.consumer.endpoints import checked_endpoint
from router.consumer.mined import until_mined
from router.errors import BadRequest, ProviderError
from router.funds import Funds

TAG = "Providers"
LONGEST = 64  # of a name, a tag, and the list of tags, as in the original
NEWEST = 10  # bids that are looked through for a new one; it is the last of the list
TRIES, PAUSE_S = 10, 0.5  # for a node that lags
Look = Callable[[Marketplace], Awaitable[list[Any]]]
_REFUSALS = (400, 402, 408, 409, 413, 415, 422, 423, 502, 503)


class Registering:
    """Registers, and takes back.

    Args:
        funds: gives the money side of the node, or raises when it is not there.
    """

    def __init__(self, funds: Callable[[], Funds]) -> None:
        self._funds = funds

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            _route(
                "POST", "providers", self.provider, "Be a provider, or change it.",
                "RegisterProvider", "OneProvider",
            ),
            _route("DELETE", "providers/{id}", self.no_provider, "Stop being one.", more=(ID,)),
            _route(
                "POST", "models", self.model, "Register a model, or change it.",
                "RegisterModel", "OneModel",
            ),
            _route("DELETE", "models/{id}", self.no_model, "Take a model back.", more=(ID,)),
            _route("POST", "bids", self.bid, "Offer a model for a price.", "PostBid", "OneBid"),
            _route("DELETE", "bids/{id}", self.no_bid, "Take a bid back.", more=(ID,)),
        )  # fmt: skip

    async def provider(self, call: Call) -> web.Response:
        """Register the wallet's account; the stake is added to what is there."""
        fields = any_case(await call.fields(), "stake", "endpoint")
        stake, endpoint = wei(fields.raw("stake"), "stake"), _endpoint(fields)
        own = self._funds().needed_address()
        sent = await self._mined(
            call, "Register as a provider", "providerRegister", own, stake, endpoint
        )

        async def look(market: Marketplace) -> list[Any]:
            return [
                chain_shapes.provider(record)
                for record in await market.providers([own])
                if record.endpoint == endpoint and not record.is_deleted
            ]

        return call.answer({"provider": await self._found(look, sent)})

    async def model(self, call: Call) -> web.Response:
        """Register a model; without an `id` it is a new one."""
        fields = any_case(await call.fields(), "id", "ipfsID", "fee", "stake", "name", "tags")
        key = wish_key(call)
        base = fields.text("id")
        # The same wish again has to be the same model.
        made = keccak(text=key) if key else secrets.token_bytes(32)
        base_id = checked_id(base, "id") if base else made
        name = _short(fields.needed_text("name"), "name")
        own = self._funds().needed_address()
        sent = await self._mined(
            call,
            "Register a model",
            "modelRegister",
            own,
            base_id,
            checked_id(fields.needed_text("ipfsID"), "ipfsID"),
            wei(fields.raw("fee"), "fee"),
            wei(fields.raw("stake"), "stake"),
            name,
            _tags(fields),
        )

        async def look(market: Marketplace) -> list[Any]:
            model_id = bytes(await market.value("getModelId", own, base_id))
            return [
                chain_shapes.model(record)
                for record in await market.models([model_id])
                if record.name == name and not record.is_deleted
            ]

        return call.answer({"model": await self._found(look, sent)})

    async def bid(self, call: Call) -> web.Response:
        """Post a bid; it takes the place of the one before on this model."""
        fields = any_case(await call.fields(), "modelID", "pricePerSecond")
        model_id = checked_id(fields.needed_text("modelID"), "modelID")
        price = wei(fields.raw("pricePerSecond"), "pricePerSecond")
        own = self._funds().needed_address()
        sent = await self._mined(call, "Post a bid", "postModelBid", own, model_id, price)

        async def look(market: Marketplace) -> list[Any]:
            _, total = await market.page("getProviderActiveBids", (own,), 0, 0)
            start = max(total - NEWEST, 0)
            ids, _ = await market.page("getProviderActiveBids", (own,), start, NEWEST)
            return [
                chain_shapes.bid(record)
                for record in reversed(await market.bids(ids))
                if (record.model_id, record.price_per_second) == (as_hex(model_id), price)
            ]

        return call.answer({"bid": await self._found(look, sent)})

    async def no_provider(self, call: Call) -> web.Response:
        """Deregister the wallet's account; the original does, whatever the path says."""
        own = self._funds().needed_address()
        if address_in_path(call) != own:
            raise BadRequest("The wallet's account is another one.", param="id")
        return await self._sent(call, "Stop being a provider", "providerDeregister", own)

    async def no_model(self, call: Call) -> web.Response:
        """Deregister a model."""
        return await self._sent(call, "Take a model back", "modelDeregister", id_in_path(call))

    async def no_bid(self, call: Call) -> web.Response:
        """Delete a bid."""
        return await self._sent(call, "Take a bid back", "deleteModelBid", id_in_path(call))

    async def _sent(self, call: Call, purpose: str, name: str, *arguments: Any) -> web.Response:
        record = await self._send(call, purpose, name, *arguments)
        return call.answer({"tx": record.hash})

    async def _mined(self, call: Call, purpose: str, name: str, *arguments: Any) -> TxRecord:
        record = await self._send(call, purpose, name, *arguments)
        return await until_mined(self._funds().connection.transactions, record.id)

    async def _send(self, call: Call, purpose: str, name: str, *arguments: Any) -> TxRecord:
        funds = self._funds()
        data = DIAMOND[name].encode(*arguments)
        diamond = funds.connection.network.diamond
        return await funds.submit(Intent(diamond, data=data, purpose=purpose, key=wish_key(call)))

    async def _found(self, look: Look, sent: TxRecord) -> Any:
        """The first that a look finds; a node that lags is asked again."""
        for _ in range(TRIES):
            found = await look(self._funds().connection.market)
            if found:
                return found[0]
            await asyncio.sleep(PAUSE_S)
        raise ApiError(
            503,
            "not_readable_yet",
            f"The transaction {sent.hash} is in a block, but what it made cannot be read yet. "
            "Look at the lists in a moment; do not send it again.",
            headers={"x-should-retry": "false"},
        )


def _route(
    method: str,
    path: str,
    handler: Any,
    summary: str,
    body: str = "",
    answer: str = "Sent",
    more: tuple[Parameter, ...] = (),
) -> Route:
    return Route(
        method,
        f"/blockchain/{path}",
        handler,
        summary,
        TAG,
        scope="spend",
        body=body,
        answer=answer,
        parameters=(*more, KEY),
        refusals=_REFUSALS,
    )


def _endpoint(fields: Fields) -> str:
    """Host and port; whether it can be reached is not known here."""
    text = fields.needed_text("endpoint")
    try:
        checked_endpoint(text, allow_private=True)
    except ProviderError as error:
        raise fields.wrong("endpoint", "a host and a port, as in node.example:3333") from error
    return text


def _tags(fields: Fields) -> list[str]:
    tags = fields.raw("tags")
    if not isinstance(tags, list) or not 0 < len(tags) <= LONGEST:
        raise fields.wrong("tags", f"a list of 1 to {LONGEST} texts")
    found = [_short(tag, "tags") for tag in tags]
    if chain_shapes.model_type(tuple(found)) == "UNKNOWN":
        raise BadRequest(
            "No tag says what the model is for.",
            param="tags",
            hint="One of them is LLM, STT, TTS or Embedding.",
        )
    return found


def _short(text: Any, param: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
        raise BadRequest(f"This is a text of 1 to {LONGEST} characters.", param=param)
    return text
