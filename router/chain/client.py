"""One network: what its newest block says, and reads of its contracts.

web3 is given our nodes as its provider, so that its typed answers come over them too; calls of
contracts go past it, straight to `codec`, because a market is thousands of them.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3 import AsyncWeb3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3Exception
from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from router.chain.codec import Function, NotOffered
from router.chain.nodes import Nodes, RpcError
from router.errors import ChainUnavailable

At = int | str
# Other nodes that are tried for a second opinion.
MOST_ASKED = 2
# No block is of a later time: calendars end soon after it (December 9891), and what shows it fails.
LATEST_TIME = 250_000_000_000


@dataclass(frozen=True)
class Head:
    """A block: hashes with 0x, time in seconds, base fee in wei (0 on chains without)."""

    number: int
    hash: str
    parent: str
    timestamp: int
    base_fee: int


@dataclass(frozen=True)
class Log:
    """One log of a transaction."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    block_hash: str
    tx_hash: str
    index: int


@dataclass(frozen=True)
class Receipt:
    """What came of a transaction; `fee` is what its gas cost in wei, without a first layer's."""

    tx_hash: str
    ok: bool
    block: int
    block_hash: str
    gas_used: int
    fee: int
    first_layer_fee: int
    logs: tuple[Log, ...]


@dataclass(frozen=True)
class FeeHistory:
    """Fees of the last blocks, oldest first, in wei for a unit of gas.

    Args:
        bases: base fees, with that of the next block at the end.
        tips: of each block, at the percentiles that were asked for.
    """

    bases: tuple[int, ...]
    tips: tuple[tuple[int, ...], ...]


class Chain:
    """A network over its nodes, or with `url` over just one of them.

    All methods raise ChainUnavailable when no node answers, and RpcError when one answers that
    the request itself is wrong or reverts.
    """

    def __init__(self, nodes: Nodes, url: str = "") -> None:
        self.nodes = nodes
        self.url = url
        self._web3 = AsyncWeb3(_Provider(nodes, url))

    @property
    def chain_id(self) -> int:
        """Of the network; nodes on another are not used."""
        return self.nodes.chain_id

    async def pinned(self) -> "Chain":
        """The same network over one node, for steps that must not be mixed; it was verified."""
        url = await self.nodes.pin()
        await self.nodes.verify(url)
        return Chain(self.nodes, url)

    async def second(self) -> "Chain | None":
        """The same network over another node, to hold this one's word against; None without one."""
        for url in self.nodes.others(self.url)[:MOST_ASKED]:
            with contextlib.suppress(ChainUnavailable, RpcError):
                await self.nodes.ask_at(url, "eth_blockNumber")
                return Chain(self.nodes, url)
        return None

    async def head(self, at: At = "latest") -> Head:
        """The newest block, or another one.

        Raises:
            RpcError: there is no such block.
        """
        with self._sensible():
            try:
                block = await self._web3.eth.get_block(at)  # type: ignore[arg-type]
            except BlockNotFound as error:
                raise RpcError(0, f"there is no block {at}") from error
            if not 0 <= block["timestamp"] <= LATEST_TIME:
                raise ValueError("no block is of this time")
            return Head(
                int(block["number"]),
                _hex(block["hash"]),
                _hex(block["parentHash"]),
                int(block["timestamp"]),
                int(block.get("baseFeePerGas", 0)),
            )

    async def balance(self, address: str, at: At = "latest") -> int:
        """The chain's coin of an account, in wei."""
        answer = await self._ask("eth_getBalance", [to_checksum_address(address), _tag(at)])
        return self._number(answer)

    async def nonce(self, address: str, at: At = "latest") -> int:
        """How many transactions an account has sent; "pending" counts what waits too."""
        account = to_checksum_address(address)
        return self._number(await self._ask("eth_getTransactionCount", [account, _tag(at)]))

    async def code(self, address: str) -> bytes:
        """The code at an address; empty for what is not a contract."""
        answer = await self._ask("eth_getCode", [to_checksum_address(address), "latest"])
        return self._bytes(answer)

    async def read(self, to: str, function: Function, *arguments: Any, at: At = "latest") -> Any:
        """The value that a function of a contract gives.

        Raises:
            NotOffered: the contract answers something else, or refuses.
        """
        try:
            answer = await self.call(to, function.encode(*arguments), at=at)
        except RpcError as error:
            raise NotOffered(function.name) from error
        return function.decode(answer)

    async def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str = "",
        value: int = 0,
        at: At = "latest",
        timestamp: int | None = None,
        codes: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """What a call answers without being sent.

        Args:
            timestamp: of the block it is tried in, where the node offers that; seconds.
            codes: what is to count as the code of accounts, where the node offers that.
        """
        request = {"to": to, "data": _hex(data)}
        request |= {"from": sender} if sender else {}
        request |= {"value": hex(value)} if value else {}
        over = {account: {"code": _hex(code)} for account, code in (codes or {}).items()}
        more: list[Any] = [over] if over or timestamp is not None else []
        more += [] if timestamp is None else [{"time": hex(timestamp)}]
        return self._bytes(await self._ask("eth_call", [request, _tag(at), *more]))

    async def estimate(self, sender: str, to: str, data: bytes, value: int = 0) -> int:
        """Gas that a transaction needs now."""
        request = {"from": sender, "to": to, "data": _hex(data), "value": hex(value)}
        return self._number(await self._ask("eth_estimateGas", [request]))

    async def fee_history(self, blocks: int, percentiles: Sequence[int]) -> FeeHistory:
        """Base fees and tips of so many blocks."""
        with self._sensible():
            found = await self._web3.eth.fee_history(blocks, "latest", list(percentiles))
            return _fee_history(dict(found))

    async def send_raw(self, raw: bytes) -> str:
        """Hand a signed transaction to the node; the hash it answers."""
        return str(await self._ask("eth_sendRawTransaction", [_hex(raw)]))

    async def receipt(self, tx_hash: str) -> Receipt | None:
        """What came of a transaction; None while it is not in a block."""
        with self._sensible():
            try:
                found = dict(await self._web3.eth.get_transaction_receipt(HexBytes(tx_hash)))
            except TransactionNotFound:
                return None
            return _receipt(tx_hash, found)

    async def knows(self, tx_hash: str) -> bool:
        """Whether the node has a transaction, waiting or in a block."""
        with self._sensible():
            try:
                found = await self._web3.eth.get_transaction(HexBytes(tx_hash))
            except TransactionNotFound:
                return False
            return _hex(found["hash"]) == tx_hash.lower()

    async def logs(
        self,
        first: int,
        last: int,
        addresses: Sequence[str],
        topics: Sequence[bytes | Sequence[bytes] | None],
    ) -> list[Log]:
        """The logs of a range of blocks, both ends included."""
        wanted: Any = {
            "fromBlock": first,
            "toBlock": last,
            "address": [to_checksum_address(address) for address in addresses],
            "topics": [_topic(topic) for topic in topics],
        }
        with self._sensible():
            return [_log(dict(item)) for item in await self._web3.eth.get_logs(wanted)]

    async def _ask(self, method: str, params: Sequence[Any]) -> Any:
        if self.url:
            return await self.nodes.ask_at(self.url, method, params)
        return await self.nodes.ask(method, params)

    @contextlib.contextmanager
    def _sensible(self) -> Iterator[None]:
        """A node whose answer is not what the method gives is put aside."""
        try:
            yield
        except (Web3Exception, ValueError, TypeError, KeyError, AttributeError) as error:
            self.nodes.distrust(self.url or self.nodes.in_use, "its answers make no sense")
            raise ChainUnavailable(
                "The node answered something that makes no sense.",
                safe="Nothing was sent.",
                hint="Try again; the other nodes are asked first then.",
            ) from error

    def _bytes(self, value: Any) -> bytes:
        with self._sensible():
            return bytes.fromhex(value.removeprefix("0x"))

    def _number(self, value: Any) -> int:
        with self._sensible():
            return int(value, 16)


class _Provider(AsyncBaseProvider):
    """Our nodes in the form that web3 asks for."""

    def __init__(self, nodes: Nodes, url: str) -> None:
        super().__init__()
        self._nodes = nodes
        self._url = url

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if self._url:
            result = await self._nodes.ask_at(self._url, method, params)
        else:
            result = await self._nodes.ask(method, params)
        return {"jsonrpc": "2.0", "id": 0, "result": result}

    async def is_connected(self, show_traceback: bool = False) -> bool:
        del show_traceback
        return bool(self._nodes.in_use)


def _tag(at: At) -> str:
    return hex(at) if isinstance(at, int) else at


def _hex(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def _topic(topic: bytes | Sequence[bytes] | None) -> Any:
    if topic is None or isinstance(topic, bytes):
        return None if topic is None else _hex(topic)
    return [_hex(option) for option in topic]


def _fee_history(found: dict[str, Any]) -> FeeHistory:
    return FeeHistory(
        tuple(_wei(fee) for fee in found["baseFeePerGas"]),
        tuple(tuple(_wei(tip) for tip in row) for row in found.get("reward") or ()),
    )


def _wei(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**256:
        raise ValueError("this is no amount")
    return value


def _receipt(tx_hash: str, found: dict[str, Any]) -> Receipt:
    if _hex(found["transactionHash"]) != tx_hash.lower():
        raise ValueError("the receipt is of another transaction")
    return Receipt(
        tx_hash.lower(),
        found["status"] == 1,
        int(found["blockNumber"]),
        _hex(found["blockHash"]),
        int(found["gasUsed"]),
        int(found["gasUsed"]) * int(found.get("effectiveGasPrice", 0)),
        _first_layer_fee(found),
        tuple(_log(dict(item)) for item in found["logs"]),
    )


def _first_layer_fee(receipt: dict[str, Any]) -> int:
    """What OP-stack chains add for the first layer, in wei."""
    fee = receipt.get("l1Fee", 0)
    return int(fee, 16) if isinstance(fee, str) else int(fee or 0)


def _log(found: dict[str, Any]) -> Log:
    return Log(
        str(found["address"]),
        tuple(bytes(topic) for topic in found["topics"]),
        bytes(found["data"]),
        found["blockNumber"],
        _hex(found["blockHash"]),
        _hex(found["transactionHash"]),
        found["logIndex"],
    )
