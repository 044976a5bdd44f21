"""What our own calls to providers showed: counted here, believed more than what is reported.

A call is noted once it is over. What the user stopped says nothing bad of a provider; what it
cut off, left unanswered or signed wrongly does. The newest calls of each provider and model
count; older ones are forgotten, because providers change.
"""

import logging
import statistics
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from router.consumer.records import Evidence
from router.errors import StorageError
from router.events import Emitter
from router.untrusted import one_line

log = logging.getLogger(__name__)

MOST_CALLS = 100
LONGEST_FAILURE = 200  # letters
FASTEST = 1_000_000.0  # tokens a second: nobody is faster, so more is an error of a clock


@dataclass(frozen=True)
class Call:
    """One call to a provider that is over.

    Args:
        at: seconds since 1970.
        tokens: pieces of text that came, counted here.
        first_token_ms: from sending the question; None when no token came.
        writing_ms: from the first token to the last.
        failure: why it failed, in words; empty when it did not.
    """

    provider: str
    model_id: str
    at: float
    tokens: int = 0
    first_token_ms: int | None = None
    writing_ms: int = 0
    failure: str = ""

    @property
    def tokens_per_s(self) -> float | None:
        """How fast it wrote after the first token; None when there is too little to tell."""
        if self.tokens < 2 or self.writing_ms <= 0:
            return None
        return min((self.tokens - 1) * 1000 / self.writing_ms, FASTEST)


class Stopwatch:
    """Times one call while it goes on.

    Args:
        clock: seconds that only go forward. now: seconds since 1970.
    """

    def __init__(
        self,
        provider: str,
        model_id: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._about = provider, model_id
        self._clock = clock
        self._now = now
        self._begun = clock()
        self._first: float | None = None
        self._last = self._begun
        self._tokens = 0

    def token(self) -> None:
        """A piece of text came."""
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
        self._tokens += 1

    @property
    def first_token_s(self) -> float:
        """Seconds to the first token; to now when none came."""
        return (self._clock() if self._first is None else self._first) - self._begun

    @property
    def total_s(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._begun

    def over(self, failure: str = "") -> Call:
        """The call as it is noted."""
        came = self._first is not None
        return Call(
            *self._about,
            at=self._now(),
            tokens=self._tokens,
            first_token_ms=round(self.first_token_s * 1000) if came else None,
            writing_ms=round((self._last - (self._first or self._last)) * 1000),
            failure=failure,
        )


class CallBook(Protocol):
    """Where calls are kept: router.consumer.book."""

    async def add_call(self, call: Call) -> None:
        """Keep a call."""
        ...

    async def calls(self) -> Sequence[Call]:
        """All that are kept, oldest first."""
        ...


class EvidenceLog:
    """The calls of this computer, by provider and model. `changed` tells which provider has more.

    Args:
        book: where they outlive the app; None keeps them in memory.
    """

    def __init__(self, book: CallBook | None = None) -> None:
        self.changed: Emitter[str] = Emitter()
        self._book = book
        self._calls: dict[tuple[str, str], deque[Call]] = defaultdict(
            lambda: deque(maxlen=MOST_CALLS)
        )

    async def load(self) -> None:
        """Read what earlier runs kept.

        Raises:
            StorageError
        """
        if self._book is not None:
            for call in await self._book.calls():
                self._take(call)

    async def note(self, call: Call) -> None:
        """Count a call. A disk that refuses costs only the memory of it after the next start."""
        self._take(call)
        self.changed.emit(call.provider)
        try:
            if self._book is not None:
                await self._book.add_call(call)
        except StorageError as error:
            log.warning("a call to a provider could not be written down: %s", error)

    def of(self, provider: str, model_id: str) -> Evidence:
        """What there is about a provider with a model."""
        return evidence_of(self._calls.get(_key(provider, model_id), ()))

    def _take(self, call: Call) -> None:
        self._calls[_key(call.provider, call.model_id)].append(call)


def evidence_of(calls: Sequence[Call]) -> Evidence:
    """Calls of one provider and model, oldest first, summed up (pure)."""
    failed = [call for call in calls if call.failure]
    firsts = [call.first_token_ms for call in calls if call.first_token_ms is not None]
    speeds = [call.tokens_per_s for call in calls if call.tokens_per_s is not None]
    last = failed[-1] if failed else None
    return Evidence(
        calls=len(calls),
        failures=len(failed),
        empty=sum(1 for call in calls if call.first_token_ms is None),
        first_token_ms=int(statistics.median(firsts)) if firsts else None,
        tokens_per_s=statistics.median(speeds) if speeds else None,
        last_failure=one_line(last.failure, LONGEST_FAILURE) if last is not None else "",
        last_failure_at=last.at if last is not None else 0.0,
    )


def _key(provider: str, model_id: str) -> tuple[str, str]:
    return provider.lower(), model_id.lower()
