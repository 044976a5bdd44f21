"""The parts of a running node: each starts, fails and is retried on its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from router.errors import MorpheusError
from router.events import Emitter

log = logging.getLogger(__name__)

Phase = Literal["waiting", "starting", "ready", "failed", "off"]

STOP_LIMIT_S = 2.0


@dataclass(frozen=True)
class PartState:
    """How one part is; `detail` is a short fact, `error` says why it failed."""

    name: str
    title: str
    phase: Phase = "waiting"
    detail: str = ""
    error: MorpheusError | None = None


class Part:
    """One part of the node.

    Args:
        start: brings the part up and returns a short fact about it.
        stop: brings it down, also when its start failed half-way.
    """

    def __init__(
        self,
        name: str,
        title: str,
        start: Callable[[], Awaitable[str]],
        stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.state = PartState(name, title)
        self.changed: Emitter[PartState] = Emitter()
        self._start = start
        self._stop = stop
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Start, or start again after a failure; never raises, the state tells how it went."""
        async with self._lock:
            if self.state.phase == "ready":
                return
            self._set(phase="starting", detail="", error=None)
            try:
                detail = await self._start()
            except MorpheusError as error:
                log.warning("%s did not start: %s", self.state.title, error)
                self._set(phase="failed", error=error)
            except Exception as error:  # a part's bug must not take the others down
                log.exception("%s did not start", self.state.title)
                self._set(phase="failed", error=_unexpected(self.state.title, error))
            else:
                self._set(phase="ready", detail=detail)

    async def stop(self) -> None:
        """Stop within STOP_LIMIT_S, or leave it behind with a line in the log."""
        async with self._lock:
            if self.state.phase in ("ready", "failed") and self._stop is not None:
                try:
                    async with asyncio.timeout(STOP_LIMIT_S):
                        await self._stop()
                except Exception:  # stopping goes on with the next part
                    log.exception("%s did not stop cleanly", self.state.title)
            self._set(phase="off", detail="", error=None)

    def tell(self, detail: str) -> None:
        """Another short fact about a part that runs."""
        if self.state.phase == "ready" and detail != self.state.detail:
            self._set(phase="ready", detail=detail)

    async def restart(self) -> None:
        """Stop if it runs, then start."""
        await self.stop()
        await self.start()

    def _set(self, *, phase: Phase, detail: str = "", error: MorpheusError | None = None) -> None:
        self.state = replace(self.state, phase=phase, detail=detail, error=error)
        self.changed.emit(self.state)


def _unexpected(title: str, error: Exception) -> MorpheusError:
    return MorpheusError(
        f"{title} could not start because of an error in the app ({type(error).__name__}).",
        safe="The other parts go on working.",
        hint="Try again; the details are in Diagnostics.",
    )
