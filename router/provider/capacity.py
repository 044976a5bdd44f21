"""Whether one more session of a model may be approved.

Sessions count from their approval on: what was approved and is not on the chain yet holds a slot
for a while, so that many asking at once do not get more than there is. Approvals cost nothing, so
whoever has more of them without a session than the asker makes way.

"simple": each session that is not over takes a slot. "idle_timeout": each session that was opened
or asked something in the last 15 minutes does.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from router.provider.ledger import IDLE_S, Ledger
from router.provider.models_config import ModelConfig

# Long enough for an opening to be mined and seen; no longer, because holding is free.
HOLD_S = 30.0
# For so long an approval that did not become a session counts against who asked for it.
UNUSED_S = 600.0
MOST_UNUSED = 4096


@dataclass(frozen=True, eq=False)
class _Hold:
    model_id: str
    user: str
    bid_id: str
    visitor: str
    since: float


class Capacity:
    """Counts slots.

    Args:
        now: seconds since 1970 by which sessions end.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._clock = clock
        self._holds: list[_Hold] = []
        self._unused: deque[_Hold] = deque(maxlen=MOST_UNUSED)

    async def reserve(
        self, model: ModelConfig, user: str, bid_id: str, visitor: str, *, served: int = 0
    ) -> bool:
        """Hold a slot for a session that is about to be approved; False when none is free.

        Whoever is served asks again because a key was lost, or for the session that follows: what
        was paid for waits for no slot, as long as it is one at a time.

        Args:
            visitor: who asks, see `router.provider.door`.
            served: open sessions of the model that the user has.
        """
        if model.slots == 0:
            return True
        # Held first and counted then: whoever comes while the ledger is asked sees this one.
        self._let_go()
        hold = _Hold(model.model_id, user.lower(), bid_id, visitor, self._clock())
        holds = any((h.model_id, h.user) == (hold.model_id, hold.user) for h in self._holds)
        self._holds.append(hold)
        if 0 < served <= model.slots and not holds:
            return True
        is_free = False
        try:
            is_free = self._is_free(hold, model.slots, await self._taken(model))
        finally:
            if not is_free and hold in self._holds:
                self._holds.remove(hold)
        return is_free

    def opened(self, user: str, bid_id: str) -> None:
        """A session of the user with the bid is on the chain: its slot is counted there now."""
        for holds in (self._holds, self._unused):
            for hold in holds:
                if (hold.user, hold.bid_id) == (user.lower(), bid_id):
                    holds.remove(hold)
                    return

    async def _taken(self, model: ModelConfig) -> int:
        now = self._now()
        since = now - IDLE_S if model.policy == "idle_timeout" else 0.0
        return await self._ledger.count_open(model.model_id, now, active_since=since)

    def _is_free(self, hold: _Hold, slots: int, taken: int) -> bool:
        """Whether there is a slot for what is held, also by letting another make way."""
        if taken >= slots or hold not in self._holds:
            return False
        before = self._holds[: self._holds.index(hold)]
        ahead = [other for other in before if other.model_id == hold.model_id]
        return taken + len(ahead) < slots or self._makes_way(ahead, hold)

    def _makes_way(self, ahead: Sequence[_Hold], asks: _Hold) -> bool:
        """Take a slot from the visitor who held most for nothing, if the asker stays below him."""
        counts = Counter(
            hold.visitor for hold in (*self._holds, *self._unused) if hold.model_id == asks.model_id
        )
        most = max(ahead, key=lambda hold: counts[hold.visitor])
        if counts[most.visitor] <= counts[asks.visitor]:
            return False
        self._holds.remove(most)
        self._unused.append(most)
        return True

    def _let_go(self) -> None:
        now = self._clock()
        self._unused.extend(hold for hold in self._holds if hold.since <= now - HOLD_S)
        self._holds = [hold for hold in self._holds if hold.since > now - HOLD_S]
        while self._unused and self._unused[0].since <= now - UNUSED_S:
            self._unused.popleft()
