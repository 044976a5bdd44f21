"""Looks after sessions by the clock of the chain's blocks: warns, closes, claims.

It does what the user would do by hand if he was there: nothing is sent that was not tried
before, nor at an unusual fee. A node that does not answer changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from router.chain.fees import Fee
from router.chain.nodes import RpcError
from router.chain.preparing import Prepared
from router.chain.tx import TxManager
from router.config import MarketConfig
from router.consumer.closings import Closings
from router.consumer.endings import AFTER_MIDNIGHT_S, DAY
from router.consumer.records import SessionView
from router.errors import Busy, ChainUnavailable, MorpheusError, StillOnTheWay

log = logging.getLogger(__name__)

WARN_S = 300
REFRESH_S = 60
FIRST_RETRY_S, LONGEST_RETRY_S = 30, 900
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
    def can_claim(self) -> bool:
        """Whether the wallet is there and unlocked."""
        ...

    async def prepare_claim(self) -> Prepared:
        """Try to take it back."""
        ...


class Watch:
    """The watcher of one account on one network.

    Args:
        block_time: seconds of the newest block; raises ChainUnavailable.
        config: what the app may do by itself.
        pause_s: between two looks while something is about to happen.
    """

    def __init__(
        self,
        watched: Watched,
        transactions: TxManager,
        block_time: Callable[[], Awaitable[int]],
        config: Callable[[], MarketConfig],
        pause_s: float,
    ) -> None:
        self._watched = watched
        self._transactions = transactions
        self._block_time = block_time
        self._config = config
        self._pause_s = pause_s
        self._wake = asyncio.Event()
        self._stale = True
        self._read_at = self._now = 0
        self._retries: dict[str, tuple[int, int]] = {}

    def wake(self, *, retry: bool = False) -> None:
        """Look again now: something changed.

        Args:
            retry: try again too what waits.
        """
        if retry:
            self._retries.clear()
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
        due = min((left for left in moments if left > -LONGEST_RETRY_S), default=LONGEST_PAUSE_S)
        if self._stale:
            return self._pause_s
        return min(max(due, self._pause_s), max(LONGEST_PAUSE_S, self._pause_s))

    async def look(self) -> None:
        """Look once; nodes that do not answer leave everything as it is."""
        try:
            now = self._now = await self._block_time()
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
            await self._claim(now)
        except (ChainUnavailable, RpcError) as error:
            log.info("sessions could not be looked at: %s", error)

    def _is_due(self, now: int) -> bool:
        """Whether a session is to be closed, so that it is read again before."""
        return any(self._closes(view, now) for view in self._watched.views)

    def _closes(self, view: SessionView, now: int) -> bool:
        return (
            self._config().auto_close
            and view.session.closed_at == 0
            and view.phase != "closing"
            and view.close_at <= now
            and self._retries.get(view.id, (0, 0))[0] <= now
        )

    async def _look_at(self, view: SessionView, now: int) -> None:
        if 0 < view.session.ends_at - now <= WARN_S:
            await self._watched.warn(view)
        if self._closes(view, now):
            await self._close(view, now)

    async def _close(self, view: SessionView, now: int) -> None:
        """Close a session that is over; why not, if not, and when it is tried again."""
        closings = self._watched.closings
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
            self._retries.pop(view.id, None)
            self._stale = True
            self._watched.set_problem(view.id, None)

    def _put_off(self, what: str, now: int) -> None:
        pause = self._retries.get(what, (0, 0))[1]
        pause = min(max(2 * pause, FIRST_RETRY_S), LONGEST_RETRY_S)
        self._retries[what] = (now + pause, pause)

    async def _claim(self, now: int) -> None:
        """Take back released stake, a minute after midnight or later, at a usual price of gas."""
        watched, config = self._watched, self._config()
        if (
            not config.auto_claim
            or not watched.claimable
            or not watched.can_claim
            or now % DAY < AFTER_MIDNIGHT_S
            or self._retries.get("claim", (0, 0))[0] > now
        ):
            return
        try:
            prepared = at_most(await watched.prepare_claim(), config.claim_gas_price)
            if prepared is None:
                self._put_off("claim", now)
                return
            await self._transactions.send(prepared)
        except StillOnTheWay:
            return
        except MorpheusError as error:
            log.info("released stake was not claimed: %s", error)
            self._put_off("claim", now)
        else:
            self._retries.pop("claim", None)
            self._stale = True


def at_most(prepared: Prepared, gas_price: int) -> Prepared | None:
    """The same with no more than so many wei for a unit of gas; None when that is too little."""
    if prepared.unusual_fee or prepared.fees.base + prepared.fee.tip > gas_price:
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
