"""The requests that are being answered right now, and how to cut them short."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from router.api.auth import Caller
from router.api.errors import ApiError


@dataclass
class _Answering:
    caller: Caller
    limit: asyncio.Timeout
    reason: ApiError | None = None


class Running:
    """Every request in progress.

    A request is cut by an expired time-out of its own, because that is the one cancellation
    asyncio can tell apart from a client that went away.
    """

    def __init__(self) -> None:
        self._entries: dict[int, _Answering] = {}
        self._none_left = asyncio.Event()
        self._none_left.set()

    @contextlib.asynccontextmanager
    async def cuttable(self, caller: Caller) -> AsyncIterator[None]:
        """Answer one request in here; when it is cut, its reason is raised.

        Raises:
            ApiError: the reason given to `cut`.
        """
        entry = _Answering(caller, asyncio.timeout(None))
        self._none_left.clear()
        try:
            async with entry.limit:
                self._entries[id(entry)] = entry
                yield
        except TimeoutError:
            if entry.reason is None:
                raise
            raise entry.reason from None
        finally:
            self._entries.pop(id(entry), None)
            if not self._entries:
                self._none_left.set()

    def cut(self, chosen: Callable[[Caller], bool], reason: ApiError) -> None:
        """End the requests of the chosen callers with a reason, at their next step."""
        now = asyncio.get_running_loop().time()
        for entry in self._entries.values():
            if entry.reason is None and chosen(entry.caller):
                entry.reason = reason
                entry.limit.reschedule(now)

    async def ended(self, limit_s: float) -> None:
        """Wait until nothing is being answered, but not longer than this."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._none_left.wait()
