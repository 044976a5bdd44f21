"""A chain with the marketplace on it, whose clock the test sets, and accounts that use it.

Two kinds: the app's own chain in this process, and anvil as a second opinion. Everything goes
through the app's own client.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from eth_utils.crypto import keccak

from benchmarks.anvil import anvil, anvil_path
from router.chain.client import Chain, Receipt
from router.chain.journal import Journal
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.nodes import Nodes
from router.chain.preparing import Intent
from router.chain.token import TOKEN
from router.chain.tx import TxManager
from router.devnet.accounts import ACCOUNTS, FUNDING, OWNER
from router.devnet.deploy import MOR, Deployment, Rule, deploy, fund
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from router.networks import NETWORKS, Network
from router.wallet.account import Account

ROOT = Path(__file__).parents[2]
PRICE = 10**13
START = 1_768_521_600  # 2026-01-16 00:00 UTC


needs_anvil = pytest.mark.skipif(anvil_path() is None, reason="tools/evm is not installed")


@dataclass
class World:
    """The chain, its contracts, and who takes part.

    Args:
        is_anvil: it mines by itself, but a moment after it has answered.
        is_quick: send without what the app does before; for tests of what comes of it.
    """

    url: str
    deployment: Deployment
    network: Network
    nodes: Nodes
    journal: Journal
    accounts: dict[str, Account] = field(default_factory=dict)
    is_anvil: bool = False
    is_quick: bool = False

    @property
    def chain(self) -> Chain:
        return Chain(self.nodes)

    @property
    def market(self) -> Marketplace:
        return Marketplace(self.chain, self.network)

    def account(self, name: str) -> Account:
        """An account by name: the four of the demo network, or a new one without anything."""
        if name not in self.accounts:
            self.accounts[name] = Account(keccak(text=f"test account {name}"))
        return self.accounts[name]

    def manager(self, name: str) -> TxManager:
        account = self.account(name)
        return TxManager(self.chain, self.network, self.journal, lambda: account)

    async def caught_up(self) -> None:
        """What was sent is in a block by now, if it will be without being told."""
        tries = 200 if self.is_anvil and await self.rpc("anvil_getAutomine") else 0
        for _ in range(tries):
            if not int((await self.rpc("txpool_status"))["pending"], 16):
                return
            await asyncio.sleep(0.01)

    async def rpc(self, method: str, *params: Any) -> Any:
        """Ask the node itself, past the client."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        async with aiohttp.ClientSession() as session, session.post(self.url, json=body) as answer:
            return json.loads(await answer.read())["result"]

    async def at(self, timestamp: int) -> None:
        """Give the next block this time."""
        await self.rpc("evm_setNextBlockTimestamp", hex(timestamp))

    async def mine_at(self, timestamp: int) -> None:
        """An empty block at this time, so that reading sees it."""
        await self.at(timestamp)
        await self.rpc("evm_mine")

    async def call(self, who: str, name: str, *arguments: Any) -> Receipt:
        """Send a call of the marketplace; the receipt, which says that it worked."""
        return await self._send(who, self.network.diamond, DIAMOND[name].encode(*arguments))

    async def token(self, who: str, name: str, *arguments: Any) -> Receipt:
        """Send a call of the MOR token."""
        return await self._send(who, self.network.token, TOKEN[name].encode(*arguments))

    async def past_the_app(self, who: str, to: str, data: bytes) -> Receipt:
        """Send what the app would not sign: calls of other contracts, and what would fail."""
        tx_hash = await self.hand_over(who, to, data)
        while (receipt := await self.chain.receipt(tx_hash)) is None:
            await asyncio.sleep(0.01)
        return receipt

    async def hand_over(self, who: str, to: str, data: bytes, tip: int = 10**6) -> str:
        """Give such a transaction to the node; its hash."""
        account = self.account(who)
        raw = account.sign_transaction(
            {
                "chainId": self.network.chain_id, "nonce": await self.chain.nonce(account.address),
                "to": to, "value": 0, "data": data, "gas": 1_000_000, "type": 2,
                "maxFeePerGas": 10**11, "maxPriorityFeePerGas": tip,
            }
        ).raw  # fmt: skip
        return await self.chain.send_raw(raw)

    async def _send(self, who: str, to: str, data: bytes) -> Receipt:
        if self.is_quick:
            quick = await self.past_the_app(who, to, data)
            assert quick.ok, f"{who}'s transaction reverted"
            return quick
        account = self.account(who)
        # Nobody follows here, so an equal one before it counts as still on the way.
        record = await self.manager(who).submit(
            Intent(to, data=data), account.address, accept_twin=True
        )
        while (receipt := await self.chain.receipt(record.hash)) is None:
            await asyncio.sleep(0.01)
        assert receipt.ok, f"{who}'s transaction reverted"
        return receipt

    async def give(self, name: str, mor: int, eth: int = 10**18) -> Account:
        """MOR and coin for an account, and permission for the marketplace to take the MOR."""
        account = self.account(name)
        owner = self.manager("owner")
        sender = self.account("owner").address
        await owner.submit(Intent(account.address, value=eth), sender, accept_twin=True)
        await fund(self.url, self.deployment, OWNER.key, {account.address: mor})
        await self.token(name, "approve", self.network.diamond, 2**255)
        return account

    async def mor(self, name: str) -> int:
        """MOR of an account, or of "diamond"."""
        address = self.network.diamond if name == "diamond" else self.account(name).address
        return int(await self.chain.read(self.network.token, TOKEN["balanceOf"], address))

    async def offer(
        self, provider: str = "provider", price: int = PRICE, stake: int = MOR
    ) -> bytes:
        """Register a provider and a model of its own, and post a bid; the bid's id."""
        account = await self.give(provider, stake + 10 * MOR)
        await self.call(provider, "providerRegister", account.address, stake, "127.0.0.1:3333")
        base = keccak(text=f"model of {provider}")
        await self.call(
            provider, "modelRegister", account.address, base, base, 0, MOR // 10, "Model", ["LLM"]
        )
        model = keccak(bytes.fromhex(account.address[2:]) + base)
        await self.call(provider, "postModelBid", account.address, model, price)
        ids, _ = await self.market.page("getModelActiveBids", (model,), 0, 1)
        return bytes(ids[0])

    def approval(
        self, bid: bytes, user: str, timestamp: int, *, signer: str = "provider", chain_id: int = 0
    ) -> tuple[bytes, bytes]:
        """What a provider signs before a session: message and signature."""
        words = [
            bid,
            (chain_id or self.network.chain_id).to_bytes(32, "big"),
            bytes.fromhex(self.account(user).address[2:]).rjust(32, b"\0"),
            timestamp.to_bytes(32, "big"),
        ]
        message = b"".join(words)
        return message, self.account(signer).sign_message(keccak(message))

    def receipt_of(
        self, session: bytes, timestamp: int, *, signer: str = "provider", words: int = 5
    ) -> tuple[bytes, bytes]:
        """What closes a session: message and signature."""
        numbers = [self.network.chain_id, timestamp, 52_000, 640, 100, 200][: words - 1]
        message = session + b"".join(number.to_bytes(32, "big") for number in numbers)
        return message, self.account(signer).sign_message(keccak(message))

    async def open(
        self, bid: bytes, stake: int, opened: int, *, user: str = "user", direct: bool = False,
        signer: str = "provider",
    ) -> bytes:  # fmt: skip
        """Open a session in a block of this time; its id."""
        approval, signature = self.approval(bid, user, opened * 1000, signer=signer)
        address = self.account(user).address
        await self.at(opened)
        receipt = await self.call(user, "openSession", address, stake, direct, approval, signature)
        event = DIAMOND.events["SessionOpened"]
        log = next(log for log in receipt.logs if log.topics[0] == event.topic)
        return bytes(event.decode(log.topics, log.data)["sessionId"])

    async def close(self, session: bytes, closed: int, *, signer: str = "provider") -> Receipt:
        """Close a session in a block of this time; signed by the user it is a dispute."""
        message, signature = self.receipt_of(session, closed * 1000, signer=signer)
        await self.at(closed)
        return await self.call("user", "closeSession", message, signature)

    async def session(self, session: bytes) -> Any:
        """The record of a session."""
        (found,) = await self.market.sessions([session])
        return found

    async def holds(self, user: str = "user") -> tuple[int, int]:
        """(available, on hold) of a user, at the newest block."""
        address = self.account(user).address
        available, held = await self.market.value("getUserStakesOnHold", address, 255)
        return int(available), int(held)


@asynccontextmanager
async def world(kind: str, rule: Rule, start: int = START) -> AsyncIterator[World]:
    """A new chain of a kind ("embedded" or "anvil") with contracts of a closing rule."""
    async with _node(kind, start) as url:
        deployment = await deploy(url, OWNER.key, FUNDING.key, rule)
        network = replace(
            NETWORKS["demo"],
            diamond=deployment.diamond,
            token=deployment.token,
            multicall=deployment.multicall,
            nodes=(url,),
        )
        nodes = Nodes(network.chain_id, [url], requests_a_minute=1_000_000)
        journal = Journal(None)
        await journal.open()
        accounts = {a.name: Account(bytes.fromhex(a.key[2:])) for a in ACCOUNTS}
        try:
            made = World(url, deployment, network, nodes, journal, accounts)
            made.is_anvil = kind == "anvil"
            yield made
        finally:
            await nodes.close()
            await journal.close()


@asynccontextmanager
async def _node(kind: str, start: int) -> AsyncIterator[str]:
    if kind == "anvil":
        async with anvil(start) as url:
            yield url
        return
    balances = {bytes.fromhex(a.address[2:]): a.eth for a in ACCOUNTS}
    server = RpcServer(Evm(NETWORKS["demo"].chain_id, balances, lambda: start))
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()
