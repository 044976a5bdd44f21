"""Opens sessions for clients: one wish is one session, however often it is asked for.

Each try is written down before anything is done, under the name that the client gave its wish. A
client that lost its answer asks again with the same name and gets the session of the first time.
"""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from router.api.errors import ApiError
from router.consumer.failover import others_help
from router.consumer.openings import STILL
from router.consumer.records import Opening, Quote, RatedBid
from router.errors import (
    BadRequest,
    Busy,
    InsufficientFunds,
    MorpheusError,
    NotFound,
    ProviderError,
    StillOnTheWay,
    TxFailed,
)
from router.units import exact

MOST_BIDS = 8  # that are tried for one wish
_NOTHING = "Nothing was staked or paid."


class Opener(Protocol):
    """What is needed of router.consumer.sessions."""

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Sessions on their way."""
        ...

    async def rated(self, model_id: str) -> list[RatedBid]:
        """The bids of a model, best first."""
        ...

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        """What a session costs."""
        ...

    async def open(self, quote: Quote, wish: str = "") -> Opening:
        """Begin to open a session."""
        ...

    async def wished(self, wish: str) -> Opening | None:
        """The opening of this name."""
        ...

    async def opening_done(self, opening_id: int) -> Opening:
        """Wait until it is over, or waits for the user."""
        ...

    async def retry(self, opening_id: int) -> Opening:
        """Go on with one that failed."""
        ...

    async def give_up(self, opening_id: int) -> Opening:
        """End it; raises Busy when it was sent."""
        ...


@dataclass(frozen=True)
class Wish:
    """A session that somebody wants: of one bid, or of the best bid of a model.

    Args:
        key: names it; empty is a new wish each time.
    """

    seconds: int
    key: str
    bid_id: str = ""
    model_id: str = ""
    is_direct: bool = False

    def is_of(self, quote: Quote) -> bool:
        """Whether a quote was made for this."""
        named = self.bid_id == quote.bid.id if self.bid_id else self.model_id == quote.bid.model_id
        return named and (self.seconds, self.is_direct) == (quote.seconds, quote.is_direct)


class Wishes:
    """Carries out wishes. The same key is carried out by one at a time."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._beginning = asyncio.Lock()

    async def carry_out(self, sessions: Opener, wish: Wish) -> str:
        """Open the session and wait for it; its id.

        A provider that does not sign costs nothing, so the model's next best bid is tried then.
        Whatever is sent ends the search. A client that goes away stops waiting, not the opening.

        Raises:
            BadRequest: the key belongs to another wish, or the duration is none.
            StillOnTheWay: without a key, the same is being opened already.
            NotFound: nobody offers it.
            InsufficientFunds, ApiError; whatever made the opening stand still.
        """
        async with self._alone(wish.key):
            tried: set[str] = set()
            failure: Exception = NotFound("Nobody offers this model now.", safe=_NOTHING)
            for number in range(MOST_BIDS if wish.model_id else 1):
                opening = await self._earlier(sessions, wish, number)
                if opening is None:
                    bid_id = wish.bid_id or await _next_best(sessions, wish.model_id, tried)
                    if not bid_id:
                        break
                    opening = await self._begin(sessions, wish, bid_id, number)
                tried.add(opening.quote.bid.id)
                opening = await sessions.opening_done(opening.id)
                if opening.step == "done":
                    return opening.session_id
                goes_on = bool(wish.model_id) and _is_the_provider(opening)
                failure = await _why(sessions, opening, keep=bool(wish.key) and not goes_on)
                if not goes_on:
                    break
            raise failure

    @asynccontextmanager
    async def _alone(self, key: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock()) if key else asyncio.Lock()
        async with lock:
            yield

    async def _earlier(self, sessions: Opener, wish: Wish, number: int) -> Opening | None:
        """What was begun for this wish before."""
        if not wish.key:
            return None
        opening = await sessions.wished(_name(wish, number))
        if opening is not None and not wish.is_of(opening.quote):
            raise BadRequest(
                "This key was used for another wish.",
                param="Idempotency-Key",
                safe=_NOTHING,
                hint="Use a new key for another session.",
            )
        if opening is not None and opening.step == "failed":
            return await sessions.retry(opening.id)
        return opening

    async def _begin(self, sessions: Opener, wish: Wish, bid_id: str, number: int) -> Opening:
        async with self._beginning:
            if not wish.key and any(
                wish.is_of(opening.quote) and opening.step not in STILL
                for opening in sessions.openings
            ):
                raise StillOnTheWay(
                    "The same session is being opened already.",
                    safe="This one was not begun.",
                    hint="Wait for it, or send an Idempotency-Key with each session you want.",
                )
            quote = await sessions.quote(bid_id, wish.seconds, is_direct=wish.is_direct)
            if quote.unusual_fee:
                raise BadRequest(
                    "The network fee is more than three times what is usual.",
                    code="unusual_fee",
                    safe=_NOTHING,
                    hint="Wait until it is lower, or open the session in the window.",
                )
            if quote.balance < quote.amount:
                raise InsufficientFunds(
                    f"This session takes {exact(quote.amount)} MOR, and the wallet has "
                    f"{exact(quote.balance)}.",
                    token="MOR",
                    needed=quote.amount,
                    has=quote.balance,
                    safe=_NOTHING,
                )
            name = _name(wish, number) if wish.key else ""
            # What was written down is begun, whether or not the client still waits.
            return await asyncio.shield(sessions.open(quote, name))


async def _next_best(sessions: Opener, model_id: str, tried: set[str]) -> str:
    """The best bid that was not tried; empty when there is none."""
    for rated in await sessions.rated(model_id):
        if not rated.excluded and rated.bid.id not in tried:
            return rated.bid.id
    return ""


def _is_the_provider(opening: Opening) -> bool:
    """Whether it is the provider's fault and nothing was sent, so that another may be asked."""
    error = opening.error
    return opening.failed_at == "provider" and error is not None and others_help(error)


async def _why(sessions: Opener, opening: Opening, *, keep: bool) -> Exception:
    """Why there is no session.

    Args:
        keep: what failed can be gone on with, because the client can name it; else it is given
            up, as nobody will look at it.
    """
    if not (keep and opening.step == "failed") and opening.step != "given_up":
        try:
            await sessions.give_up(opening.id)
        except Busy as error:
            return StillOnTheWay(error.message, safe=error.safe, hint=error.hint)
    if opening.worse is not None:
        return ApiError(
            409,
            "quote_changed",
            f"This session takes {exact(opening.worse.amount)} MOR for {opening.worse.granted_s} s "
            f"now, which is worse than a moment ago. {_NOTHING} Ask again with a new key to take it.",
            headers={"x-should-retry": "false"},
        )
    if opening.error is None:
        return Busy("This opening was given up.", safe=_NOTHING, hint="Ask again with a new key.")
    return _of_its_kind(opening.error)


def _of_its_kind(error: MorpheusError) -> MorpheusError:
    """An error that was read from the book knows its kind by its code alone."""
    if type(error) is not MorpheusError:
        return error
    kind = ProviderError if others_help(error) else TxFailed
    return kind(error.message, code=error.code, safe=error.safe, hint=error.hint)


def _name(wish: Wish, number: int) -> str:
    return f"{wish.key}#{number}"
