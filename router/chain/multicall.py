"""Many reads in few requests, all at one block: Multicall3.aggregate3."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from router.chain.artifacts import artifacts
from router.chain.client import LATEST_TIME, At, Chain
from router.chain.codec import Function, Interface, NotOffered
from router.chain.nodes import RpcError

CALLS_A_REQUEST = 400
# Decoded between two turns of the loop: about 5 ms of work.
DECODED_AT_ONCE = 40
# Calls that tell of the block itself.
ABOUT = 2

_MULTICALL = Interface(artifacts()["Multicall3"].abi)


@dataclass(frozen=True)
class Read:
    """One read: a function of a contract with its arguments.

    Args:
        optional: where the contract may lack the function; never missed by `needed`.
    """

    to: str
    function: Function
    arguments: tuple[Any, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Answers:
    """The values of reads in their order, None where one failed, and the block they are of."""

    values: tuple[Any, ...]
    block: int
    timestamp: int


class Multicall:
    """Reads together what belongs together."""

    def __init__(self, chain: Chain, address: str) -> None:
        self._chain = chain
        self._address = address

    async def read(self, reads: Sequence[Read], at: At | None = None) -> Answers:
        """The values of all reads at one block, by default the newest.

        Raises:
            ChainUnavailable: no node answered.
            NotOffered: there is no Multicall3 at the address.
        """
        values: list[Any] = []
        first, block, timestamp = await self._first(reads[:CALLS_A_REQUEST], at)
        values += first
        rest = [
            reads[start : start + CALLS_A_REQUEST]
            for start in range(CALLS_A_REQUEST, len(reads), CALLS_A_REQUEST)
        ]
        for piece in rest:
            values += await self._decoded(piece, await self._request(_calls(piece), block))
        return Answers(tuple(values), block, timestamp)

    async def needed(self, reads: Sequence[Read], at: At | None = None) -> Answers:
        """As `read`, where every value that is not optional is needed.

        Raises:
            NotOffered: one could not be read; names it.
        """
        answers = await self.read(reads, at)
        for read, value in zip(reads, answers.values, strict=True):
            if value is None and not read.optional:
                raise NotOffered(read.function.name)
        return answers

    async def imagined(self, account: str, calls: Sequence[Read], timestamp: int) -> Answers:
        """What an account would get if it made these calls in one block of this time.

        Nothing is sent and no key is needed: for one call of the node, the account has the code
        of Multicall3. What a call changes, the next one sees.

        Raises:
            ChainUnavailable
            NotOffered: the node cannot imagine time or code, or says that it does and does not.
        """
        code = await self._chain.code(self._address)
        data = _MULTICALL["aggregate3"].encode([*self._about(), *_calls(calls)])
        try:
            answer = await self._chain.call(
                account, data, timestamp=timestamp, codes={account: code}
            )
        except RpcError as error:
            raise NotOffered("eth_call") from error
        results = _results(answer, len(calls) + ABOUT)
        block, time = (int.from_bytes(data, "big") for _, data in results[:ABOUT])
        if time != timestamp:
            raise NotOffered("eth_call")
        return Answers(tuple(await self._decoded(calls, results[ABOUT:])), block, time)

    def eth_balance(self, address: str) -> Read:
        """Read the chain's coin of an account together with other things."""
        return Read(self._address, _MULTICALL["getEthBalance"], (address,))

    async def _first(self, reads: Sequence[Read], at: At | None) -> tuple[list[Any], int, int]:
        """The first request also tells the block, so that the others can be of the same one."""
        calls = [*self._about(), *_calls(reads)]
        answers = await self._request(calls, "latest" if at is None else at)
        block, timestamp = (int.from_bytes(data, "big") for _, data in answers[:ABOUT])
        if timestamp > LATEST_TIME:
            raise NotOffered("getCurrentBlockTimestamp")
        if isinstance(at, int):
            block = at
        return await self._decoded(reads, answers[ABOUT:]), block, timestamp

    def _about(self) -> list[tuple[str, bool, bytes]]:
        """The calls that tell number and time of the block."""
        names = ("getBlockNumber", "getCurrentBlockTimestamp")
        return [(self._address, False, _MULTICALL[name].encode()) for name in names]

    async def _request(
        self, calls: Sequence[tuple[str, bool, bytes]], at: At
    ) -> Sequence[tuple[bool, bytes]]:
        await asyncio.sleep(0)  # many calls take some milliseconds to make, and to write
        data = _MULTICALL["aggregate3"].encode(calls)
        await asyncio.sleep(0)
        try:
            answer = await self._chain.call(self._address, data, at=at)
        except RpcError as error:
            raise NotOffered("aggregate3") from error
        return _results(answer, len(calls))

    async def _decoded(
        self, reads: Sequence[Read], answers: Sequence[tuple[bool, bytes]]
    ) -> list[Any]:
        values: list[Any] = []
        for number, (read, (worked, data)) in enumerate(zip(reads, answers, strict=True), 1):
            values.append(_value(read.function, data) if worked else None)
            if number % DECODED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return values


def _calls(reads: Sequence[Read]) -> list[tuple[str, bool, bytes]]:
    return [(read.to, True, read.function.encode(*read.arguments)) for read in reads]


def _results(answer: bytes, count: int) -> list[tuple[bool, bytes]]:
    """Whether each call worked and what it answered: the (bool, bytes)[] of aggregate3.

    Read by hand, because entries of a hostile answer can all point to the same bytes, and a
    decoder copies them each time. Here all together are never longer than the answer.

    Raises:
        NotOffered: it is of another form.
    """

    def word(at: int) -> int:
        if not 0 <= at <= len(answer) - 32:
            raise NotOffered("aggregate3")
        return int.from_bytes(answer[at : at + 32], "big")

    if word(0) != 32 or word(32) != count:
        raise NotOffered("aggregate3")
    results, left = [], len(answer)
    for number in range(count):
        entry = 64 + word(64 + 32 * number)
        data = entry + word(entry + 32)
        size = word(data)
        left -= size
        if left < 0 or data + 32 + size > len(answer):
            raise NotOffered("aggregate3")
        results.append((word(entry) != 0, answer[data + 32 : data + 32 + size]))
    return results


def _value(function: Function, data: bytes) -> Any:
    try:
        return function.decode(data)
    except NotOffered:
        return None
