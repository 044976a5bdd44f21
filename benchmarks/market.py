"""Fills a marketplace with models and bids, in bulk."""

import json
from collections.abc import Sequence
from typing import Any

import aiohttp
from eth_utils.crypto import keccak

from router.chain.marketplace import DIAMOND
from router.chain.token import TOKEN
from router.devnet.accounts import OWNER
from router.devnet.deploy import MODEL_STAKE, MOR, Deployment
from router.wallet.account import Account

BIDS = 5  # for each model, one of each provider
A_REQUEST = 100
PRICE = 10**13
GWEI = 10**9
ETHER = 10**18


class Filler:
    """Sends without waiting; `mine` puts what was sent into blocks."""

    def __init__(self, session: aiohttp.ClientSession, url: str, deployment: Deployment) -> None:
        self._session = session
        self._url = url
        self._deployment = deployment
        self._nonces: dict[str, int] = {}

    async def fill(self, models: int) -> None:
        """So many models with bids of five providers each."""
        diamond, token = self._deployment.diamond, self._deployment.token
        owner = Account(bytes.fromhex(OWNER.key[2:]))
        providers = [Account(keccak(text=f"provider {n}")) for n in range(BIDS)]
        await self._rpc("evm_setAutomine", False)
        sent = []
        for provider in providers:
            mor = TOKEN["transfer"].encode(provider.address, 10 * MOR + models * MOR)
            sent.append(await self._signed(owner, provider.address, b"", ETHER * models))
            sent.append(await self._signed(owner, token, mor))
        approve = TOKEN["approve"].encode(diamond, 2**200)
        sent.append(await self._signed(owner, token, approve))
        await self._send(sent)
        await self._mine()
        sent = []
        for number, provider in enumerate(providers):
            data = DIAMOND["providerRegister"].encode(provider.address, MOR, f"10.0.0.{number}:1")
            sent.append(await self._signed(provider, token, approve))
            sent.append(await self._signed(provider, diamond, data))
        bases = [keccak(text=f"model {n}") for n in range(models)]
        for number, base in enumerate(bases):
            name, tags = f"A model with a usual name {number}", ["LLM", "chat", "70B"]
            arguments = (owner.address, base, base, 0, MODEL_STAKE, name, tags)
            sent.append(
                await self._signed(owner, diamond, DIAMOND["modelRegister"].encode(*arguments))
            )
        await self._send(sent)
        await self._mine()
        ids = [keccak(bytes.fromhex(owner.address[2:]) + base) for base in bases]
        await self._send(
            [
                await self._signed(
                    provider, diamond, DIAMOND["postModelBid"].encode(provider.address, key, PRICE)
                )
                for provider in providers
                for key in ids
            ]
        )
        await self._mine()
        await self._rpc("evm_setAutomine", True)

    async def _signed(self, account: Account, to: str, data: bytes, value: int = 0) -> str:
        address = account.address
        if address not in self._nonces:
            answer = await self._rpc("eth_getTransactionCount", address, "latest")
            self._nonces[address] = int(answer, 16)
        nonce = self._nonces[address]
        self._nonces[address] += 1
        signed = account.sign_transaction(
            {
                "chainId": self._deployment.chain_id, "nonce": nonce, "to": to, "value": value,
                "data": data, "gas": 700_000 if data else 21_000, "type": 2,
                "maxFeePerGas": 1000 * GWEI, "maxPriorityFeePerGas": GWEI,
            }
        )  # fmt: skip
        return "0x" + signed.raw.hex()

    async def _send(self, raws: Sequence[str]) -> None:
        for start in range(0, len(raws), A_REQUEST):
            some = raws[start : start + A_REQUEST]
            await self._post([_body("eth_sendRawTransaction", [raw]) for raw in some])

    async def _mine(self) -> None:
        """Blocks until nothing waits any more."""
        while True:
            await self._rpc("evm_mine")
            waiting = [
                address
                for address, nonce in self._nonces.items()
                if int(await self._rpc("eth_getTransactionCount", address, "latest"), 16) < nonce
            ]
            if not waiting:
                return

    async def _rpc(self, method: str, *params: Any) -> Any:
        return (await self._post([_body(method, list(params))]))[0]

    async def _post(self, bodies: list[dict[str, Any]]) -> list[Any]:
        async with self._session.post(self._url, json=bodies) as response:
            answers = json.loads(await response.read())
        for answer in answers:
            if "error" in answer:
                raise RuntimeError(f"the node refused: {answer['error']}")
        return [answer["result"] for answer in answers]


def _body(method: str, params: list[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def fill(url: str, deployment: Deployment, models: int) -> None:
    """Fill the marketplace of a node.

    Raises:
        RuntimeError: the node refused something.
    """
    async with aiohttp.ClientSession() as session:
        await Filler(session, url, deployment).fill(models)
