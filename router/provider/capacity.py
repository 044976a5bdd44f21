"""Whether one more session of a model may be approved.

Sessions count from their approval on: what was approved and is not on the chain yet holds a slot
for a while, so that many asking at once do not get more than there is.

"simple": each session that is not over takes a slot. "idle_timeout": each session that was opened
or asked something in the last 15 minutes does.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from router.provider.ledger import IDLE_S, Ledger
from router.provider.models_config import ModelConfig

# Long enough for a permission and an opening to be mined, short enough for who changed his mind.
HOLD_S = 120.0
# Who asks again for the same bid after this long gets the slot that was held for the first time:
# had that approval been used, the session would have been seen on the chain by now.
AGAIN_S = 20.0


@dataclass(frozen=True, eq=False)
class _Hold:
    model_id: str
    user: str
    bid_id: str
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

    async def reserve(self, model: ModelConfig, user: str, bid_id: str) -> bool:
        """Hold a slot for a session that is about to be approved; False when none is free."""
        if model.slots == 0:
            return True
        # Held first and counted then: whoever comes while the ledger is asked sees this one.
        self._let_go()
        hold = _Hold(model.model_id, user.lower(), bid_id, self._clock())
        again = self._earlier(hold)
        self._holds = [*(other for other in self._holds if other is not again), hold]
        is_free = False
        try:
            taken = await self._taken(model)
            ahead = self._holds[: self._holds.index(hold)]
            waiting = sum(other.model_id == model.model_id for other in ahead)
            is_free = taken + waiting < model.slots
        finally:
            if not is_free:
                self._holds.remove(hold)
                self._holds = [again, *self._holds] if again is not None else self._holds
        return is_free

    def opened(self, user: str, bid_id: str) -> None:
        """A session of the user with the bid is on the chain: its slot is counted there now."""
        for hold in self._holds:
            if (hold.user, hold.bid_id) == (user.lower(), bid_id):
                self._holds.remove(hold)
                return

    async def _taken(self, model: ModelConfig) -> int:
        now = self._now()
        since = now - IDLE_S if model.policy == "idle_timeout" else 0.0
        return await self._ledger.count_open(model.model_id, now, active_since=since)

    def _earlier(self, hold: _Hold) -> _Hold | None:
        for other in self._holds:
            if (other.user, other.bid_id) == (hold.user, hold.bid_id):
                return other if hold.since - other.since >= AGAIN_S else None
        return None

    def _let_go(self) -> None:
        earliest = self._clock() - HOLD_S
        self._holds = [hold for hold in self._holds if hold.since > earliest]
