"""Looks after sessions by the clock of the chain's blocks: warns, closes, claims.

It does what the user would do by hand if he was there: nothing is sent that was not tried
before, nor at an unusual fee. A node that does not answer changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from router.chain.fees import Fee
from router.chain.nodes import RpcError
from router.chain.preparing import Prepared
from router.chain.tx import TxManager, TxSigner
from router.config import MarketConfig
from router.consumer.closings import Closings
from router.consumer.endings import AFTER_MIDNIGHT_S, DAY
from router.consumer.records import SessionView
from router.errors import Busy, ChainUnavailable, MorpheusError, StillOnTheWay

log = logging.getLogger(__name__)

WARN_S = 300
REFRESH_S = 60
FIRST_RETRY_S, LONGEST_RETRY_S = 30, 900
CLAIMED_S = 120  # how long nodes that lag may say that a claim that was sent is still due
CLAIM = "claim"
LONGEST_PAUSE_S = 15.0


class Watched(Protocol):
    """What is looked after: router.consumer.sessions."""

    views: tuple[SessionView, ...]
    closings: Closings

    async def refresh(self) -> tuple[SessionView, ...]:
        """Read all sessions again."""
        ...

    async def warn(self, view: SessionView) -> None:
        """Tell that a session ends soon, once."""
        ...

    def set_problem(self, session_id: str, problem: MorpheusError | None) -> None:
        """Say why a session cannot be closed now; None when it can."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether the list lacks what is known to be there, so that it is read again."""
        ...

    @property
    def claimable(self) -> int:
        """MOR that can be taken back, when it was read last."""
        ...

    @property
    def claimer(self) -> TxSigner | None:
        """What signs that it is taken back; None when nothing can."""
        ...

    async def prepare_claim(self) -> Prepared:
        """Try to take it back."""
        ...


class Clock(Protocol):
    """What time it is: router.consumer.block_clock. Both raise ChainUnavailable."""

    async def now(self) -> int:
        """Seconds of the newest block, as one node tells it."""
        ...

    async def is_past(self, moment: int) -> bool:
        """Whether the nodes agree that it is that late."""
        ...


class Watch:
    """The watcher of one account on one network.

    Args:
        config: what the app may do by itself.
        pause_s: between two looks while something is about to happen.
    """

    def __init__(
        self,
        watched: Watched,
        transactions: TxManager,
        clock: Clock,
        config: Callable[[], MarketConfig],
        pause_s: float,
    ) -> None:
        self._watched = watched
        self._transactions = transactions
        self._clock = clock
        self._config = config
        self._pause_s = pause_s
        self._wake = asyncio.Event()
        self._stale = True
        self._read_at = self._now = 0
        self._misses = 0
        self._retries: dict[str, tuple[int, int]] = {}

    def wake(self, *, retry: bool = False) -> None:
        """Look again now: something changed.

        Args:
            retry: try again too to close what waits.
        """
        if retry:
            claim = self._retries.get(CLAIM)
            self._retries = {} if claim is None else {CLAIM: claim}
        self._stale = True
        self._wake.set()

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            self._wake.clear()
            await self.look()
            try:
                async with asyncio.timeout(self.pause_s()):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def pause_s(self) -> float:
        """Until the next look: less while something is about to happen."""
        moments = [
            moment - self._now
            for view in self._watched.views
            if view.session.closed_at == 0
            for moment in (view.session.ends_at - WARN_S, view.close_at)
        ]
        if self._misses:
            return min(self._pause_s * (1 << min(self._misses, 5)), LONGEST_PAUSE_S)
        due = min((left for left in moments if left > -LONGEST_RETRY_S), default=LONGEST_PAUSE_S)
        if self._stale:
            return self._pause_s
        return min(max(due, self._pause_s), max(LONGEST_PAUSE_S, self._pause_s))

    async def look(self) -> None:
        """Look once; nodes that do not answer leave everything as it is."""
        try:
            now = self._now = await self._clock.now()
            if self._stale or not 0 <= now - self._read_at < REFRESH_S or self._is_due(now):
                self._stale = False
                try:
                    await self._watched.refresh()
                except BaseException:
                    self._stale = True
                    raise
                self._read_at, self._stale = now, self._watched.is_behind
            for view in self._watched.views:
                if view.session.closed_at == 0:
                    await self._look_at(view, now)
                else:
                    self._retries.pop(view.id, None)
            await self._claim(now)
            self._misses = 0
        except (ChainUnavailable, RpcError) as error:
            self._misses += 1
            if self._misses == 1:  # offline for a day is one line in the log
                log.info("sessions cannot be looked at: %s", error)

    def _is_due(self, now: int) -> bool:
        """Whether a session is to be closed, so that it is read again before."""
        return any(self._closes(view, now) for view in self._watched.views)

    def _closes(self, view: SessionView, now: int) -> bool:
        return (
            self._config().auto_close
            and view.session.closed_at == 0
            and view.phase != "closing"
            and view.close_at <= now
            and not self._waits(view.id, now)
        )

    async def _look_at(self, view: SessionView, now: int) -> None:
        if 0 < view.session.ends_at - now <= WARN_S:
            await self._watched.warn(view)
        if self._closes(view, now):
            await self._close(view, now)

    async def _close(self, view: SessionView, now: int) -> None:
        """Close a session that is over; why not, if not, and when it is tried again.

        What was sent is put off too: if it fails in its block, the next one is not sent at once.
        """
        closings = self._watched.closings
        if not await self._clock.is_past(view.close_at):
            # By the time of one node alone nothing is closed, and nothing put off.
            log.info("nodes do not agree on whether session %s is over", view.id)
            return
        try:
            closing = await closings.prepare(view)
            if closing.prepared is None:
                raise closing.problem or _unknown()
            if closing.prepared.unusual_fee:
                raise _dear()
            await closings.close(closing)
        except Busy:
            self._stale = True
        except (ChainUnavailable, RpcError) as error:
            log.info("session %s could not be closed: %s", view.id, error)
            self._put_off(view.id, now)
        except MorpheusError as error:
            log.info("session %s waits to be closed: %s", view.id, error)
            self._put_off(view.id, now)
            self._watched.set_problem(view.id, error)
        else:
            self._put_off(view.id, now)
            self._stale = True
            self._watched.set_problem(view.id, None)

    def _waits(self, what: str, now: int) -> bool:
        return self._retries.get(what, (0, 0))[0] > now

    def _put_off(self, what: str, now: int, least_s: int = FIRST_RETRY_S) -> None:
        pause = self._retries.get(what, (0, 0))[1]
        pause = min(max(2 * pause, least_s), LONGEST_RETRY_S)
        self._retries[what] = (now + pause, pause)

    async def _claim(self, now: int) -> None:
        """Take back released stake, a minute after midnight or later, at a usual price of gas."""
        watched, config, signer = self._watched, self._config(), self._watched.claimer
        if self._waits(CLAIM, now):
            return
        if not watched.claimable:
            self._retries.pop(CLAIM, None)
            return
        if not config.auto_claim or signer is None or now % DAY < AFTER_MIDNIGHT_S:
            return
        try:
            prepared = at_most(await watched.prepare_claim(), config.claim_gas_price)
            if prepared is None:
                self._put_off(CLAIM, now)
                return
            await self._transactions.send(prepared, signer=signer)
        except StillOnTheWay:
            return
        except MorpheusError as error:
            log.info("released stake was not claimed: %s", error)
            self._put_off(CLAIM, now)
        else:
            self._put_off(CLAIM, now, CLAIMED_S)
            self._stale = True


def at_most(prepared: Prepared, gas_price: int) -> Prepared | None:
    """The same with no more than so many wei for a unit of gas; None when that is too little.

    What a rollup takes for its first layer counts as if it was paid for with gas.
    """
    usual = prepared.gas * (prepared.fees.base + prepared.fee.tip) + prepared.first_layer_fee
    if prepared.unusual_fee or usual > prepared.gas * gas_price:
        return None
    most = min(prepared.fee.most, gas_price)
    return replace(prepared, fee=Fee(most, min(prepared.fee.tip, most)))


def _dear() -> MorpheusError:
    return MorpheusError(
        "The network's fee is unusually high, so the session is not closed by itself now.",
        safe="Its MOR is safe in the session; the provider earns nothing more.",
        hint="It is closed when the fee is usual again, or close it yourself.",
    )


def _unknown() -> MorpheusError:
    return MorpheusError("It cannot be closed now.", safe="Nothing was sent.", hint="Try later.")
