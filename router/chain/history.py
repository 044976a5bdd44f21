"""What the token's logs tell of an account: MOR that came and went, and who was allowed to take it.

Nodes answer logs for a limited range of blocks only, so the past is read in pieces, newest first,
and it is known from which block on it was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from router.chain.client import Chain, Log
from router.chain.codec import NotOffered
from router.chain.multicall import Multicall, Read
from router.chain.nodes import RpcError
from router.chain.token import TOKEN
from router.networks import Network

RANGE, LEAST_RANGE = 10_000, 250
PIECES = 10
# A reorganisation does not reach deeper: these blocks are read again each time.
UNSURE = 64
TRANSFER, APPROVAL = TOKEN.events["Transfer"], TOKEN.events["Approval"]


@dataclass(frozen=True)
class Transfer:
    """MOR that moved, in wei; the time is in seconds since 1970."""

    tx_hash: str
    index: int
    block: int
    time: int
    sender: str
    recipient: str
    amount: int


@dataclass(frozen=True)
class Permission:
    """MOR that a spender may take, in wei."""

    spender: str
    amount: int


class TokenHistory:
    """The past of one account on one network. All methods raise ChainUnavailable and RpcError.

    Transfers of nothing are left out: anybody can have the token log them in the name of anybody,
    which is how look-alike addresses get into lists.

    Attributes:
        first: the block from which on everything was read; None before the first `update`.
    """

    def __init__(self, chain: Chain, network: Network, account: str) -> None:
        self.first: int | None = None
        self._chain = chain
        self._network = network
        self._account = account
        self._many = Multicall(chain, network.multicall)
        self._last = -1
        self._range = RANGE
        self._logs: dict[tuple[str, int], Log] = {}
        self._times: dict[int, int] = {}

    async def update(self) -> None:
        """Read what is new; the first time, a piece of the past."""
        head = (await self._chain.head()).number
        if self.first is None:
            await self._read_back(head)
            self._last = head
            return
        start = max(self._last - UNSURE + 1, self.first)
        found: list[Log] = []
        while start <= head:
            start, logs = await self._read_up(start, head)
            found += logs
        unsure = max(self._last - UNSURE + 1, self.first)
        self._logs = {key: log for key, log in self._logs.items() if log.block < unsure}
        self._keep(found)
        self._last = head

    async def further(self) -> None:
        """Read an older piece of the past."""
        if self.first:
            await self._read_back(self.first - 1)

    async def transfers(self, most: int = 500) -> list[Transfer]:
        """What moved, newest first."""
        found = []
        logs = sorted(self._logs.values(), key=lambda log: (log.block, log.index), reverse=True)
        for log in logs:
            values = _decoded(log)
            if values is None or log.topics[0] != TRANSFER.topic or not values["value"]:
                continue
            found.append(
                Transfer(
                    log.tx_hash,
                    log.index,
                    log.block,
                    await self._time(log.block),
                    to_checksum_address(values["from"]),
                    to_checksum_address(values["to"]),
                    values["value"],
                )
            )
            if len(found) == most:
                break
        return found

    async def permissions(self) -> list[Permission]:
        """Who may take MOR now, most first; asked of the token, the logs only tell whom to ask."""
        spenders: dict[str, None] = {self._network.diamond: None}
        for log in self._logs.values():
            values = _decoded(log)
            if values is not None and log.topics[0] == APPROVAL.topic:
                spenders[to_checksum_address(values["spender"])] = None
        reads = [
            Read(self._network.token, TOKEN["allowance"], (self._account, spender))
            for spender in spenders
        ]
        amounts = (await self._many.needed(reads)).values
        found = [
            Permission(spender, amount)
            for spender, amount in zip(spenders, amounts, strict=True)
            if amount
        ]
        return sorted(found, key=lambda permission: -permission.amount)

    async def _read_back(self, last: int) -> None:
        """Read down from a block; what was read stays read when a later piece fails."""
        for _ in range(PIECES):
            if last < 0:
                break
            first = max(last - self._range + 1, 0)
            start, logs = await self._read_up(first, last)
            if start <= last:  # the range was too large for the node
                continue
            self._keep(logs)
            self.first = first
            last = first - 1
        if self.first is None:
            self.first = last + 1

    async def _read_up(self, first: int, last: int) -> tuple[int, list[Log]]:
        """Read a piece from a block on; returns the block after it and the logs.

        A node that finds the range too large gets a smaller one the next time.
        """
        end = min(first + self._range - 1, last)
        try:
            return end + 1, await self._ask(first, end)
        except RpcError:
            if self._range <= LEAST_RANGE:
                raise
            self._range //= 4
            return first, []

    async def _ask(self, first: int, last: int) -> list[Log]:
        own = bytes.fromhex(self._account[2:]).rjust(32, b"\0")
        token = [self._network.token]
        out = await self._chain.logs(first, last, token, [[TRANSFER.topic, APPROVAL.topic], own])
        came = await self._chain.logs(first, last, token, [TRANSFER.topic, None, own])
        return [*out, *came]

    def _keep(self, logs: Iterable[Log]) -> None:
        self._logs |= {(log.tx_hash, log.index): log for log in logs}

    async def _time(self, block: int) -> int:
        if block not in self._times:
            self._times[block] = (await self._chain.head(block)).timestamp
        return self._times[block]


def _decoded(log: Log) -> dict[str, Any] | None:
    """The values of a log; None for one of another event, which a node should not have sent."""
    event = TRANSFER if log.topics and log.topics[0] == TRANSFER.topic else APPROVAL
    try:
        return event.decode(log.topics, log.data)
    except NotOffered:
        return None
