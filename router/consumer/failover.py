"""When a provider fails before its first word, another is asked the same.

In this order: another open session of the model, the next best bids within the user's limit of
extra stake, the same paid directly when that is allowed, the local model. After the first word
nobody takes over: two answers are never glued together, and the user chooses.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from router.backends.base import AnsweredBy, Backend, Event, Request, Rerouted, Started
from router.backends.chat_answer import closing
from router.consumer.records import Opening, Quote, RatedBid, SessionView
from router.consumer.remote import Lease, RemoteBackend
from router.errors import MorpheusError, ProviderError

log = logging.getLogger(__name__)

MOST_PROVIDERS = 4  # that are asked for one question
MOST_OPENINGS = 2  # that are tried for one question
SHORTEST_S = 300  # of a session, by the contract
OPENING_S = 120.0  # that a question waits for a session; a network fee can be too low for longer


@dataclass(frozen=True)
class Rules:
    """What may be done without asking.

    Args:
        extra_stake: the most MOR in sessions opened here at any time, in wei.
        direct: it may also be paid, and not only staked.
        local: the local model may answer.
    """

    extra_stake: int = 0
    direct: bool = False
    local: bool = True


class Market(Protocol):
    """Who opens sessions: router.consumer.sessions. All may raise a MorpheusError."""

    @property
    def views(self) -> tuple[SessionView, ...]:
        """All sessions of the account."""
        ...

    async def refresh(self) -> tuple[SessionView, ...]:
        """Read all sessions anew."""
        ...

    async def rated(self, model_id: str) -> list[RatedBid]:
        """The bids of a model, best first."""
        ...

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        """What a session costs."""
        ...

    async def open(self, quote: Quote) -> Opening:
        """Begin to open a session; never more is signed than the quote says."""
        ...

    async def opening_done(self, opening_id: int) -> Opening:
        """Wait until it is open, or cannot be opened without the user."""
        ...


@dataclass
class _Question:
    """How far one question has come."""

    request: Request
    model_id: str = ""
    seconds_left: int = 0
    tried: set[str] = field(default_factory=set)
    openings: int = 0
    failure: ProviderError | None = None


@dataclass(frozen=True)
class _Next:
    """Who is asked next, and what was put in for it."""

    lease: Lease
    extra_stake: int = 0


class Failover:
    """A Backend of open sessions that does not give up at the first provider.

    Args:
        rules: what the user allows, asked for each time.
        local_name: what the local model is called; may raise NoModel when there is none.
    """

    def __init__(
        self,
        remote: RemoteBackend,
        market: Market,
        local: Backend,
        rules: Callable[[], Rules],
        *,
        local_name: Callable[[], str] = lambda: "The local model",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._market = market
        self._local = local
        self._rules = rules
        self._local_name = local_name
        self._clock = clock
        self._opening = asyncio.Lock()
        self._extra: dict[int, tuple[int, str]] = {}  # amount and session of what was opened here

    async def complete(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream one answer; see Backend.

        Raises:
            ProviderError, Busy, BadRequest; what the local model raises when it is asked.
        """
        question = _Question(request)
        asked: _Next | None = _Next(await self._remote.lease(request.model))
        while asked is not None:
            begun, lease = self._clock(), asked.lease
            attempt = self._try(question, lease)
            async with closing(attempt):
                async for event in attempt:
                    yield event
            if question.failure is None:
                return
            after_s = self._clock() - begun
            asked = await self._next(question)
            yield self._rerouted(lease, asked, question.failure, after_s)
        yield AnsweredBy("local", self._local_name())
        events = self._local.complete(replace(request, model=""))
        async with closing(events):
            async for event in events:
                yield event

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors for texts, of exactly this model: those of another could not be compared."""
        return await self._remote.embed(model, texts)

    async def _try(self, question: _Question, lease: Lease) -> AsyncGenerator[Event, None]:
        """Ask one session; a failure from which another can help is left in the question."""
        question.failure = None
        question.model_id, question.seconds_left = lease.model_id, lease.seconds_left
        question.tried.add(lease.provider.lower())
        began = False
        try:
            events = self._remote.answer(lease, question.request)
            async with closing(events):
                async for event in events:
                    began = began or isinstance(event, Started)
                    yield event
        except ProviderError as error:
            if began or not others_help(error):
                raise
            log.info("%s failed before its first word: %s", lease.name, error)
            question.failure = error

    def _rerouted(
        self, lease: Lease, asked: _Next | None, failure: ProviderError, after_s: float
    ) -> Rerouted:
        """What is told of it.

        Raises:
            ProviderError: nobody is left to be asked.
        """
        to_name = asked.lease.name if asked is not None else self._stand_in()
        if not to_name:
            raise failure
        return Rerouted(
            lease.name,
            to_name,
            failure.message,
            after_s,
            asked.lease.session_id if asked is not None else "",
            asked.extra_stake if asked is not None else 0,
            self._rules().extra_stake,
        )

    def _stand_in(self) -> str:
        """The name of the local model; empty when it may not answer, or there is none."""
        try:
            return self._local_name() if self._rules().local else ""
        except MorpheusError:
            return ""

    async def _next(self, question: _Question) -> _Next | None:
        """Who is asked next; None for nobody of the network.

        One at a time: a session opened for one question then serves the others too.
        """
        if len(question.tried) >= MOST_PROVIDERS:
            return None
        async with self._opening:
            try:
                return _Next(await self._remote.lease(question.model_id, question.tried))
            except MorpheusError:
                return await self._opened(question)

    async def _opened(self, question: _Question) -> _Next | None:
        """A new session with the best provider that the limit allows."""
        ways = (False, True) if self._rules().direct else (False,)
        if not self._room():
            return None
        try:
            bids = await self._market.rated(question.model_id)
        except MorpheusError as error:
            log.info("no other provider can be looked for: %s", error)
            return None
        for is_direct in ways:
            for rated in bids:
                if rated.excluded or rated.bid.provider.lower() in question.tried:
                    continue
                if question.openings >= MOST_OPENINGS:
                    return None
                found = await self._open(question, rated, is_direct=is_direct)
                if found is not None:
                    return found
        return None

    async def _open(self, question: _Question, rated: RatedBid, *, is_direct: bool) -> _Next | None:
        """Open a session for one bid, if the limit allows it; None when it did not work."""
        seconds = max(question.seconds_left, SHORTEST_S)
        try:
            quote = await self._market.quote(rated.bid.id, seconds, is_direct=is_direct)
            if not 0 < quote.amount <= self._room():
                return None
            question.openings += 1
            opening = await self._market.open(quote)
            # Counted from here on: whatever happens now, it may be staked.
            self._extra[opening.id] = quote.amount, ""
            async with asyncio.timeout(OPENING_S):
                opening = await self._market.opening_done(opening.id)
            if opening.step != "done":
                self._forget(opening)
                question.tried.add(rated.bid.provider.lower())
                return None
            self._extra[opening.id] = quote.amount, opening.session_id
            await self._market.refresh()
            lease = await self._remote.lease(f"session:{opening.session_id}")
        except TimeoutError:
            log.info("the session instead of the one that failed is not open yet")
            question.tried.add(rated.bid.provider.lower())
            return None
        except MorpheusError as error:
            log.info("no session was opened instead of the one that failed: %s", error)
            return None
        return _Next(lease, quote.amount)

    def _room(self) -> int:
        """MOR that may still be put in, in wei."""
        closed = {view.id for view in self._market.views if view.phase == "closed"}
        self._extra = {key: kept for key, kept in self._extra.items() if kept[1] not in closed}
        return max(0, self._rules().extra_stake - sum(amount for amount, _ in self._extra.values()))

    def _forget(self, opening: Opening) -> None:
        """An opening that stopped before anything was sent holds no stake."""
        if not opening.open_tx:
            self._extra.pop(opening.id, None)


def others_help(error: MorpheusError) -> bool:
    """Whether the same question may work elsewhere: the provider failed, not we or the model."""
    return error.code == "bad_endpoint" or error.code.startswith("provider_")
