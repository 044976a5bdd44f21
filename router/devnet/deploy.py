"""Puts the marketplace on a chain that is there: on ours, or on any node given by its address.

One account deploys everything, owns the Diamond and holds all MOR; a second one, the funding
account, pays providers and has allowed the Diamond to take from it.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import aiohttp
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from router.chain.artifacts import FACETS, artifacts

MOR = 10**18
Rule = Literal["day-lock", "snapshot"]
DAY_S = 86_400
# initialReward, rewardDecrease (wei), payoutStart, decreaseInterval (s); the compute pool is 3.
POOL = (3456 * MOR, 592_558_728_240_000_000, 1_707_393_600, DAY_S)
LAST_POOL = (576 * MOR, 98_759_788_040_000_000, 1_707_393_600, DAY_S)
POOLS = (POOL, POOL, POOL, POOL, LAST_POOL)
PROVIDER_STAKE = 200_000_000_000_000_000
MODEL_STAKE = 100_000_000_000_000_000
BID_FEE = 300_000_000_000_000_000
LOWEST_PRICE, HIGHEST_PRICE = 10**10, 2 * 10**19  # wei of MOR a second
LONGEST_SESSION_S = 7 * DAY_S
FUNDS = 1_000_000 * MOR
GAS = 6_000_000
RECEIPT_TRIES, RECEIPT_EVERY_S = 200, 0.05
ANSWER_S = 20.0


@dataclass(frozen=True)
class Deployment:
    """Where the contracts of a network are; addresses with checksum."""

    chain_id: int
    diamond: str
    token: str
    multicall: str
    registry: str
    funding_account: str

    def as_dict(self) -> dict[str, Any]:
        """For printing."""
        return asdict(self)


class DeployError(Exception):
    """The node refused something; the text says what."""


async def deploy(url: str, owner_key: str, funding_key: str, rule: Rule = "day-lock") -> Deployment:
    """Deploy everything; the owner pays all fees and needs about 0.1 of the chain's coin.

    Args:
        owner_key, funding_key: private keys in hexadecimal.

    Raises:
        DeployError: the node does not answer, or a transaction failed.
    """
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        node = _Node(session, url)
        owner = _Sender(node, Account.from_key(owner_key))
        funding = _Sender(node, Account.from_key(funding_key))
        await node.connect()
        contracts = artifacts()
        token = await owner.create(contracts["Token"].bytecode)
        registry = await owner.create(contracts["DelegateRegistry"].bytecode)
        multicall = await owner.create(contracts["Multicall3"].bytecode)
        diamond = await owner.create(contracts["Diamond"].bytecode)
        await _add_facets(owner, diamond)
        await _set_up(owner, diamond, token, registry, funding.address, rule)
        if await node.call("eth_getBalance", funding.address, "latest") == "0x0":
            await owner.pay(funding.address, 10**16)
        await owner.send(token, "transfer(address,uint256)", funding.address, FUNDS)
        await funding.send(token, "approve(address,uint256)", diamond, 2**256 - 1)
        return Deployment(node.chain_id, diamond, token, multicall, registry, funding.address)


async def fund(
    url: str,
    deployment: Deployment,
    owner_key: str,
    amounts: Mapping[str, int],
    *,
    coin: int = 0,
) -> None:
    """Give MOR of the owner to accounts, in wei, and to each so much of the chain's coin.

    Raises:
        DeployError: the node does not answer, or a transaction failed.
    """
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        node = _Node(session, url)
        await node.connect()
        owner = _Sender(node, Account.from_key(owner_key))
        for address, amount in amounts.items():
            await owner.send(deployment.token, "transfer(address,uint256)", address, amount)
            if coin:
                await owner.pay(address, coin)


async def _add_facets(owner: "_Sender", diamond: str) -> None:
    cuts = []
    for name in FACETS:
        artifact = artifacts()[name]
        facet = await owner.create(artifact.bytecode)
        selectors = [_selector(e) for e in artifact.abi if e["type"] == "function"]
        cuts.append((facet, 0, selectors))
    await owner.send(diamond, "diamondCut((address,uint8,bytes4[])[])", cuts)


async def _set_up(
    owner: "_Sender", diamond: str, token: str, registry: str, funding: str, rule: Rule
) -> None:
    init = "__SessionRouter_init(address,uint128,(uint256,uint256,uint128,uint128)[])"
    steps: tuple[tuple[Any, ...], ...] = (
        ("__LumerinDiamond_init()",),
        ("__Delegation_init(address)", registry),
        ("__ProviderRegistry_init()",),
        ("__ModelRegistry_init()",),
        ("__Marketplace_init(address,uint256,uint256)", token, LOWEST_PRICE, HIGHEST_PRICE),
        (init, funding, LONGEST_SESSION_S, list(POOLS)),
        ("providerSetMinStake(uint256)", PROVIDER_STAKE),
        ("modelSetMinStake(uint256)", MODEL_STAKE),
        ("setMarketplaceBidFee(uint256)", BID_FEE),
        ("setDayLock(bool)", rule == "day-lock"),
    )
    for signature, *arguments in steps:
        await owner.send(diamond, signature, *arguments)


class _Node:
    """One node over JSON-RPC."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.chain_id = 0

    async def connect(self) -> None:
        self.chain_id = int(await self.call("eth_chainId"), 16)

    async def call(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        try:
            async with self._session.post(self._url, json=body) as response:
                answer = json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DeployError(f"{self._url} did not answer {method}: {error}") from error
        if "error" in answer:
            raise DeployError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]


class _Sender:
    """Sends transactions of one account, each mined before the next."""

    def __init__(self, node: _Node, account: LocalAccount) -> None:
        self._node = node
        self._account = account
        self.address = str(account.address)

    async def create(self, bytecode: bytes) -> str:
        """Deploy a contract; its address."""
        receipt = await self._send({"data": bytecode, "gas": GAS})
        return _checksummed(receipt["contractAddress"])

    async def send(self, to: str, signature: str, *arguments: Any) -> None:
        """Call a function by its signature."""
        await self._send({"to": to, "data": encoded(signature, arguments), "gas": GAS})

    async def pay(self, to: str, wei: int) -> None:
        """Send the chain's coin."""
        await self._send({"to": to, "value": wei, "gas": 21_000})

    async def _send(self, fields: dict[str, Any]) -> dict[str, Any]:
        node = self._node
        price = int(await node.call("eth_gasPrice"), 16)
        nonce = await node.call("eth_getTransactionCount", self.address, "pending")
        transaction = fields | {
            "chainId": node.chain_id,
            "nonce": int(nonce, 16),
            "maxFeePerGas": price * 2,
            "maxPriorityFeePerGas": min(price, 10**6),
            "value": fields.get("value", 0),
            "type": 2,
        }
        raw = self._account.sign_transaction(transaction).raw_transaction
        sent = await node.call("eth_sendRawTransaction", "0x" + raw.hex())
        for _ in range(RECEIPT_TRIES):
            receipt: dict[str, Any] | None = await node.call("eth_getTransactionReceipt", sent)
            if receipt is not None:
                if receipt["status"] != "0x1":
                    raise DeployError(f"transaction {sent} reverted")
                return receipt
            await asyncio.sleep(RECEIPT_EVERY_S)
        raise DeployError(f"transaction {sent} was not mined")


def encoded(signature: str, arguments: Sequence[Any]) -> bytes:
    """Call data from a signature like `transfer(address,uint256)`; tuples may nest."""
    types = signature[signature.index("(") + 1 : -1]
    return keccak(text=signature)[:4] + encode(_split(types), list(arguments))


def _split(types: str) -> list[str]:
    """The types of a list at its outermost commas."""
    found, depth, start = [], 0, 0
    for at, sign in enumerate(types):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(types[start:at])
            start = at + 1
    return [*found, types[start:]] if types else []


def _selector(entry: dict[str, Any]) -> bytes:
    types = ",".join(collapse_if_tuple(item) for item in entry["inputs"])
    return keccak(text=f"{entry['name']}({types})")[:4]


def _checksummed(address: str) -> str:
    return str(to_checksum_address(address))
