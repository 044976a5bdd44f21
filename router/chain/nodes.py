"""Several nodes of one network as one: asked in order, watched, and rested when they fail.

A node is trusted with nothing but answers: its chain id is checked before the first of them and
whenever `verify` is called, answers are bounded in size, depth and time, and one that falls
behind the best by more than 20 blocks is asked last.
"""

import asyncio
import itertools
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import aiohttp

from router.errors import ChainUnavailable, MorpheusError
from router.events import Emitter
from router.node_urls import hide_key, host_of
from router.outside import parse_json
from router.untrusted import one_line

log = logging.getLogger(__name__)

Phase = Literal["unknown", "ready", "limited", "behind", "unreachable", "wrong chain", "no key"]

TRY_S = 5.0
LARGEST_ANSWER = 24 << 20
REST_S = 60.0
LONGEST_REST_S = 600.0
MOST_BEHIND = 20
REQUESTS_A_MINUTE = 600
KEYLESS = "its key is not in the keychain of this computer, or the keychain is locked"
HIGHEST = 1 << 64  # no chain id and no block has a number like this
# Codes and words with which nodes say that they are asked too much, or are ill themselves.
REVERTED = 3
NOT_OFFERED = -32601
OVERLOAD_CODES = frozenset({-32005, -32016, -32029, -32097, 429})
# A node that is a moment behind does not have the block that another one told of.
BLOCK_WORDS = ("header not found", "unknown block", "block not found", "missing trie node")
BLOCK_REST_S = 5.0
# Too many logs at once is the question's fault, whatever code a node gives that.
RANGE_WORDS = ("range", "result", "response size", "limited to", "too large")
# Only these may answer with nothing: there is no such block or transaction.
MAY_BE_NOTHING = frozenset(
    {
        "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
    }
)  # fmt: skip
OVERLOAD_WORDS = (
    "rate limit", "too many", "limit exceeded", "capacity", "overloaded", "timeout", "timed out",
    "quota", "temporarily", "unavailable", "internal error", "try again",
)  # fmt: skip

Json = Any


class RpcError(MorpheusError):
    """A node answered a request with an error of its own; not a fault of the node.

    Args:
        number: its code in JSON-RPC.
        data: what a contract reverted with, or empty.
    """

    code = "node_refused"

    def __init__(self, number: int, message: str, data: bytes = b"") -> None:
        super().__init__(message, hint="Try again, or choose other nodes in Settings, Network.")
        self.number = number
        self.data = data


class _NodeFailed(Exception):
    """This node cannot be used now; another may."""

    def __init__(self, reason: str, phase: Phase = "unreachable", rest_s: float = REST_S) -> None:
        super().__init__(reason)
        self.phase: Phase = phase
        self.rest_s = rest_s


@dataclass(frozen=True)
class NodeState:
    """How one node is.

    Args:
        latency_s: of the last answer, in seconds.
        height: the newest block it told of; `height_at` on the clock of `Nodes`.
        problem: why it is not ready, in words.
        rests_until: it is asked last before this time.
    """

    url: str
    phase: Phase = "unknown"
    latency_s: float | None = None
    height: int | None = None
    height_at: float = 0.0
    problem: str = ""
    rests_until: float = 0.0


class Nodes:
    """The nodes of one network.

    Args:
        urls: in the order in which they are preferred.
        address_of: the address to ask for one of `urls`; None if its key is not to be had.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        chain_id: int,
        urls: Sequence[str],
        *,
        address_of: Callable[[str], Awaitable[str | None]] | None = None,
        try_s: float = TRY_S,
        requests_a_minute: int = REQUESTS_A_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.chain_id = chain_id
        self.changed: Emitter[NodeState] = Emitter()
        self._states = {url: NodeState(url) for url in urls}
        self._address_of = address_of
        self._in_use = ""
        self._try_s = try_s
        self._clock = clock
        self._budget = _Budget(requests_a_minute, clock, sleep)
        self._ids = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def states(self) -> tuple[NodeState, ...]:
        """All nodes in their order of preference."""
        return tuple(self._states.values())

    @property
    def in_use(self) -> str:
        """Address of the node that answered last; empty before the first answer."""
        return self._in_use

    async def close(self) -> None:
        """Let go of all connections; whoever asks from now on is told that none answers."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, params: Sequence[Json] = ()) -> Json:
        """The result of a request, from the first node that gives one.

        Raises:
            RpcError: a node answered that the request itself is wrong or reverts.
            ChainUnavailable: none answered.
        """
        failures: dict[str, Exception] = {}
        for url in self._order():
            try:
                result = await self._ask_usable(url, method, params)
            except _NodeFailed as failure:
                failures[url] = failure
                continue
            self._in_use = url
            return result
        raise _none_answered(failures)

    async def pin(self) -> str:
        """A node that can be used for several requests which must not be mixed.

        Raises:
            ChainUnavailable: none can be used.
        """
        await self._look_at_another()
        await self.ask("eth_blockNumber")
        if self._states[self._in_use].phase == "behind":
            await self.ask("eth_blockNumber")  # it rests now, so another one answers
        return self._in_use

    async def _look_at_another(self) -> None:
        """Now and then ask another node for its newest block: one that stands still answers like
        one that is well, and only the others can tell."""
        preferred = next(iter(self._order()), "")
        for url in self.others(preferred)[:1]:
            state = self._states[url]
            if state.height is None or self._clock() - state.height_at > REST_S:
                await self.check(url)

    async def ask_at(self, url: str, method: str, params: Sequence[Json] = ()) -> Json:
        """The result of a request from this very node.

        Raises:
            RpcError: it answered that the request is wrong or reverts.
            ChainUnavailable: it did not answer.
        """
        try:
            return await self._ask_usable(url, method, params)
        except _NodeFailed as failure:
            raise _none_answered({url: failure}) from failure

    async def verify(self, url: str) -> None:
        """Ask a node once more which chain it is on; done before each signature.

        Raises:
            ChainUnavailable: it is another chain, or it did not answer.
        """
        try:
            await self._check_chain(url)
        except _NodeFailed as failure:
            raise _none_answered({url: failure}) from failure

    def others(self, url: str) -> list[str]:
        """The nodes beside one that answer, as preferred; for a second opinion.

        Also those that are behind: one that lies about its newest block makes all others so.
        """
        answer = {s.url for s in self.states if s.phase in ("unknown", "ready", "behind")}
        return [other for other in self._order() if other != url and other in answer]

    def distrust(self, url: str, reason: str) -> None:
        """Put a node aside whose answers make no sense."""
        if url in self._states:
            self._failed(url, _NodeFailed(reason))

    async def check(self, url: str) -> NodeState:
        """Look at one node now: chain, speed, newest block. Never raises; the state tells."""
        try:
            await self._check_chain(url)
        except (_NodeFailed, RpcError) as failure:
            log.info("node %s: %s", host_of(url), failure)
        return self._states[url]

    # Order and state

    def _order(self) -> list[str]:
        """Rested ones first as preferred, then those that rest; never a wrong chain, unless its
        rest is over and it can be looked at again."""
        now = self._clock()

        def rank(state: NodeState) -> float:
            return max(state.rests_until, now)

        usable = [s for s in self.states if s.phase != "wrong chain" or s.rests_until <= now]
        return [state.url for state in sorted(usable, key=rank)]

    def _set(self, url: str, **values: Any) -> None:
        before = self._states[url]
        after = replace(before, **values)
        if after != before:
            self._states[url] = after
            self.changed.emit(after)

    def _failed(self, url: str, failure: _NodeFailed) -> None:
        if self._states[url].phase != failure.phase:
            log.info("node %s is put aside: %s", host_of(url), failure)
        self._set(
            url,
            phase=failure.phase,
            problem=str(failure),
            rests_until=self._clock() + failure.rest_s,
        )

    def _answered(self, url: str, latency_s: float) -> None:
        if self._states[url].phase == "behind":
            self._set(url, latency_s=latency_s)
        else:
            self._set(url, phase="ready", problem="", latency_s=latency_s, rests_until=0.0)

    def _told_height(self, url: str, height: int) -> None:
        """Note a node's newest block; only now is it compared, as the others' are older."""
        best = max((s.height or 0 for s in self.states if s.url != url), default=0)
        behind = best - height
        now = self._clock()
        phase: Phase = "behind" if behind > MOST_BEHIND else "ready"
        problem = f"{behind} blocks behind" if phase == "behind" else ""
        rest = now + REST_S if phase == "behind" else 0.0
        self._set(url, phase=phase, problem=problem, rests_until=rest, height=height, height_at=now)

    # One request to one node

    async def _ask_usable(self, url: str, method: str, params: Sequence[Json]) -> Json:
        state = self._states[url]
        if state.height is None or state.phase == "wrong chain":
            await self._check_chain(url)
        elif state.phase == "behind" and state.rests_until <= self._clock():
            await self._check_chain(url)
            if self._states[url].phase == "behind":
                raise _NodeFailed(self._states[url].problem, "behind")
        return await self._ask_once(url, method, params)

    async def _check_chain(self, url: str) -> None:
        answer = await self._ask_once(url, "eth_chainId", ())
        try:
            chain_id = _number(answer)
            if chain_id != self.chain_id:
                raise _NodeFailed(f"this is chain {chain_id}, not {self.chain_id}", "wrong chain")
        except _NodeFailed as failure:
            self._failed(url, failure)
            raise
        await self._ask_once(url, "eth_blockNumber", ())

    async def _ask_once(self, url: str, method: str, params: Sequence[Json]) -> Json:
        await self._budget.spend()
        started = self._clock()
        try:
            address = await self._address(url)
            result = _result(address, method, await self._post(address, method, params))
            if result is None and method not in MAY_BE_NOTHING:
                raise _NodeFailed("it answered with nothing")
            height = _number(result) if method == "eth_blockNumber" else None
        except _NodeFailed as failure:
            self._failed(url, failure)
            raise
        except RpcError:
            self._answered(url, self._clock() - started)
            raise
        self._answered(url, self._clock() - started)
        if height is not None:
            self._told_height(url, height)
        return result

    async def _address(self, url: str) -> str:
        """The address to ask; who has its key may have to ask the user first."""
        address: str | None = url
        if self._address_of is not None:
            try:
                async with asyncio.timeout(self._try_s):
                    address = await self._address_of(url)
            except TimeoutError:
                address = None
        if address is None:
            raise _NodeFailed(KEYLESS, "no key")
        return address

    async def _post(self, url: str, method: str, params: Sequence[Json]) -> Json:
        number = next(self._ids)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            async with asyncio.timeout(self._try_s):
                data = await self._send(url, json.dumps(body).encode())
        except TimeoutError as error:
            raise _NodeFailed(f"no answer within {self._try_s:g} s") from error
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise _NodeFailed(_in_words(error)) from error
        try:
            answer = parse_json(data)
        except ValueError as error:
            raise _NodeFailed("it answered with something that is not JSON") from error
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise _NodeFailed("it answered something that was not asked")
        return answer

    async def _send(self, url: str, body: bytes) -> bytes:
        if self._closed:
            raise _NodeFailed("the network was left")
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"Content-Type": "application/json"})
        async with self._session.post(url, data=body, allow_redirects=False) as response:
            if response.status == 429:
                raise _NodeFailed("it is asked too often", "limited", _retry_after(response))
            if (
                response.status >= 500
                or response.status in (401, 403, 404)
                or 300 <= response.status < 400
            ):
                raise _NodeFailed(f"it answered with status {response.status}")
            data = bytearray()
            async for piece in response.content.iter_chunked(1 << 16):
                data += piece
                if len(data) > LARGEST_ANSWER:
                    raise _NodeFailed(f"its answer is larger than {LARGEST_ANSWER >> 20} MB")
            return bytes(data)


class _Budget:
    """So many requests a minute and no more; who comes too early waits."""

    def __init__(
        self, a_minute: int, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._most = float(a_minute)
        self._left = self._most
        self._filled_at = clock()
        self._clock = clock
        self._sleep = sleep

    async def spend(self) -> None:
        """Take one request out of the budget, waiting until there is one."""
        while True:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._filled_at) * self._most / 60)
            self._filled_at = now
            if self._left >= 1:
                self._left -= 1
                return
            await self._sleep((1 - self._left) * 60 / self._most)


def _result(url: str, method: str, answer: dict[str, Json]) -> Json:
    error = answer.get("error")
    if error is None:
        if "result" not in answer:
            raise _NodeFailed("its answer has no result")
        return answer["result"]
    if not isinstance(error, dict):
        raise _NodeFailed("its answer is not of the form of JSON-RPC")
    number, words = error.get("code"), str(error.get("message", ""))
    code = number if isinstance(number, int) else 0
    message = one_line(hide_key(words, url), 300)
    data = _revert_data(error.get("data"))
    if method == "eth_getLogs" and any(words in message.lower() for words in RANGE_WORDS):
        raise RpcError(code, message)
    overloaded = any(words in message.lower() for words in OVERLOAD_WORDS)
    if not data and any(words in message.lower() for words in BLOCK_WORDS):
        raise _NodeFailed("it does not have this block", "limited", BLOCK_REST_S)
    if code == NOT_OFFERED:
        raise _NodeFailed(f"it does not offer this ({message})")
    if code in OVERLOAD_CODES or (overloaded and code != REVERTED and not data):
        raise _NodeFailed(f"it is overloaded ({message})", "limited", _jittered(REST_S / 4))
    raise RpcError(code, message, data)


def _revert_data(value: Json) -> bytes:
    """What a contract answered, wherever a node puts it."""
    if isinstance(value, dict):
        value = value.get("data") or value.get("result")
    if not isinstance(value, str):
        return b""
    text = value.removeprefix("Reverted ").removeprefix("0x")
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _number(value: Json) -> int:
    """A chain id or the number of a block."""
    try:
        number = int(value, 16)
        if not 0 <= number < HIGHEST:
            raise ValueError("out of range")
    except (TypeError, ValueError) as error:
        raise _NodeFailed("it answered something other than a number") from error
    return number


def _in_words(error: aiohttp.ClientError | OSError | UnicodeError) -> str:
    """What went wrong on the way to a node; the details are for nobody who uses the app."""
    log.debug("connection failed: %s", type(error).__name__)
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientSSLError() | aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientConnectorError():
            return "it cannot be reached"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | UnicodeError():
            return "its address is not valid"
    return "the connection broke"


def _retry_after(response: aiohttp.ClientResponse) -> float:
    text = response.headers.get("Retry-After", "")
    asked = float(text) if text.isascii() and text.isdigit() else REST_S / 4
    return _jittered(min(asked, LONGEST_REST_S))


def _jittered(seconds: float) -> float:
    """A bit longer each time, so that many do not come back together."""
    return seconds * random.uniform(1.0, 1.25)  # noqa: S311 - nothing secret


def _none_answered(failures: Mapping[str, Exception]) -> ChainUnavailable:
    """Why not, by node; what several have in common is said once."""
    alike: dict[str, list[str]] = {}
    for url, failure in failures.items():
        alike.setdefault(str(failure), []).append(host_of(url) or "a node")
    tried = "; ".join(
        f"{hosts[0]}: {why}" + (f", and so for {len(hosts) - 1} more" if hosts[1:] else "")
        for why, hosts in alike.items()
    )
    return ChainUnavailable(
        f"No node of the network could be used. {tried or 'There is none in the settings'}.",
        safe="Nothing was sent.",
        hint="Check the connection, or choose other nodes in Settings, Network.",
    )
