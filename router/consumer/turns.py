"""One at a time, but nobody waits for ever without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from router.errors import Busy

TURN_S = 120.0


class Turn:
    """Whose turn it is among the openings of one account."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for the turn, and have it.

        Raises:
            Busy: who has it does not get on.
        """
        try:
            async with asyncio.timeout(TURN_S):
                await self._lock.acquire()
        except TimeoutError as error:
            raise Busy(
                "Another opening of this account still waits for the network.",
                safe="Nothing was signed for this one.",
                hint="Speed that transaction up or cancel it in the wallet, then try again.",
            ) from error
        try:
            yield
        finally:
            self._lock.release()
