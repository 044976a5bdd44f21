"""When a provider fails before its first word, another is asked the same.

In this order: another open session of the model, the next best bids within the user's limit of
extra stake, the same paid directly when that is allowed and nobody could pay the provider
otherwise, the local model. After the first word
nobody takes over: two answers are never glued together, and the user chooses.
"""

import asyncio
import logging
import time
from collections import Counter
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
MOST_OPENINGS = 2  # that are tried for one question, for each way of paying
SHORTEST_S = 300  # of a session, by the contract
OPENING_S = 120.0  # that a question waits for a session; a network fee can be too low for longer


@dataclass(frozen=True)
class Rules:
    """What may be done without asking.

    Args:
        extra_stake: the most MOR in sessions that were opened without asking, at any time, in wei;
            over restarts too.
        direct: providers may also be paid out of it. That takes the same amount into the session.
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

    @property
    def openings(self) -> tuple[Opening, ...]:
        """All that were begun, but for the oldest of those that somebody asked for."""
        ...

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        """What a session costs."""
        ...

    async def open(self, quote: Quote, *, unasked: bool = False) -> Opening:
        """Begin to open a session; never more is signed than the quote says."""
        ...

    def leave(self, opening_id: int) -> None:
        """End an opening that nobody waits for, unless it was sent."""
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
    openings: Counter[bool] = field(default_factory=Counter)  # by whether it is direct
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
                if question.openings[is_direct] >= MOST_OPENINGS:
                    break
                quote = await self._quoted(question, rated, is_direct=is_direct)
                if quote is not None and (found := await self._open(question, quote)) is not None:
                    return found
        return None

    async def _quoted(
        self, question: _Question, rated: RatedBid, *, is_direct: bool
    ) -> Quote | None:
        """The quote for a bid; None when it is not allowed unasked, or could not be closed."""
        seconds = max(question.seconds_left, SHORTEST_S)
        try:
            quote = await self._market.quote(rated.bid.id, seconds, is_direct=is_direct)
        except MorpheusError as error:
            log.info("no price of another provider: %s", error)
            return None
        # Somebody has to see an unusual fee before it is paid.
        fits = 0 < quote.amount <= self._room() and not quote.unusual_fee
        return quote if fits and (is_direct or _can_be_closed(quote)) else None

    async def _open(self, question: _Question, quote: Quote) -> _Next | None:
        """Open a session; None when it did not work."""
        question.openings[quote.is_direct] += 1
        try:
            opening = await self._market.open(quote, unasked=True)
            try:
                async with asyncio.timeout(OPENING_S):
                    opening = await self._market.opening_done(opening.id)
            except (asyncio.CancelledError, TimeoutError):
                self._market.leave(opening.id)
                raise
            if opening.step != "done":
                question.tried.add(quote.bid.provider.lower())
                return None
            await self._market.refresh()
            lease = await self._remote.lease(f"session:{opening.session_id}")
        except TimeoutError:
            log.info("the session instead of the one that failed is not open yet")
            question.tried.add(quote.bid.provider.lower())
            return None
        except MorpheusError as error:
            log.info("no session was opened instead of the one that failed: %s", error)
            return None
        return _Next(lease, quote.amount)

    def _room(self) -> int:
        """MOR that may still be put in, in wei.

        What was begun counts as if it was in, until it is given up or its session is closed.
        """
        closed = {view.id for view in self._market.views if view.phase == "closed"}
        inside = sum(
            opening.quote.amount
            for opening in self._market.openings
            if opening.unasked and opening.step != "given_up" and opening.session_id not in closed
        )
        return max(0, self._rules().extra_stake - inside)


def others_help(error: MorpheusError) -> bool:
    """Whether the same question may work elsewhere: the provider failed, not we or the model."""
    return error.code == "bad_endpoint" or error.code.startswith("provider_")


def _can_be_closed(quote: Quote) -> bool:
    """Whether who pays providers of staked sessions has what this one can be due.

    Without it a session cannot be closed, and its stake waits in it.
    """
    return quote.funding >= min(quote.cost, quote.earns_at_most)
