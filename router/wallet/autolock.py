"""Locks the wallet when nobody was there for a while, and when the computer has slept."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from router.wallet.wallet import Wallet

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
# A clock that moved by so much more than that between two looks did so in sleep. That of the day
# goes on in sleep, and on some systems the other does too.
SLEPT_S = 60.0


class AutoLock:
    """Watches one wallet.

    Args:
        after_s: seconds without `touch` after which it locks; 0 is never.
        day_clock: seconds since 1970; `run_clock`: seconds that nobody can set.
    """

    def __init__(
        self,
        wallet: Wallet,
        after_s: Callable[[], float],
        *,
        day_clock: Callable[[], float] = time.time,
        run_clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wallet = wallet
        self._after_s = after_s
        self._day_clock = day_clock
        self._run_clock = run_clock
        self._sleep = sleep
        self._looked = day_clock(), run_clock()
        self.touch()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._day_clock(), self._run_clock()

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        self._looked = self._day_clock(), self._run_clock()
        while True:
            await self._sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Lock if it is time."""
        day, run = self._day_clock(), self._run_clock()
        moved = max(day - self._looked[0], run - self._looked[1])
        slept, self._looked = moved > LOOK_EVERY_S + SLEPT_S, (day, run)
        limit = self._after_s()
        # A clock of the day that was set back must not keep it open, so both count.
        idle = 0 < limit <= max(day - self._touched[0], run - self._touched[1])
        if self._wallet.state.kind == "unlocked" and (slept or idle):
            log.info("the wallet was locked after %s", "sleep" if slept else "a while of nothing")
            self._wallet.lock()
