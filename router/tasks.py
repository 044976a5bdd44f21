"""The only place of the router that starts tasks: each has a name, an owner and an end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


class Tasks:
    """The running tasks of one owner; `close()` cancels and awaits all of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, name: str, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that belongs to this owner; its failure is logged, never lost."""
        task = asyncio.create_task(coro, name=name)  # noqa: TID251 - the one place
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    async def close(self) -> None:
        """Cancel every task and wait until the last one has ended."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def supervise(
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    on_failure: Callable[[Exception], None] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run a service until it returns; after a failure start it again, ever more slowly.

    Pauses double from 1 to 60 s. Cancellation is let through.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            await run()
        except Exception as error:
            log.exception("%s failed, next try in %.0f s", name, pause)
            if on_failure is not None:
                on_failure(error)
            await sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        else:
            return
