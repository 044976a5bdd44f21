"""What pages of the network have in common: they are read again and again while somebody looks."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.ui_tasks import UiTasks


class Watching(QObject):
    """What was read, and how old it is.

    Signals:
        failed: an exception to show.

    Args:
        stale_s: seconds after which it may be otherwise by now.
        clock: seconds since 1970.
    """

    failed = Signal(object)

    def __init__(self, stale_s: float, clock: Callable[[], float]) -> None:
        super().__init__()
        self._stale_s = stale_s
        self._clock = clock
        self._read_at = 0.0
        self._tasks = UiTasks(self._went_wrong)

    def watch(self, *, on: bool) -> None:
        """Read again and again while somebody looks."""
        if on and not self._tasks.running("watch"):
            self._tasks.start("watch", self._watch())
        elif not on:
            self._tasks.cancel("watch")

    @property
    def age_s(self) -> float:
        """Seconds since it was read."""
        return max(self._clock() - self._read_at, 0.0)

    @property
    def read_at(self) -> datetime:
        """When that was, in local time."""
        return datetime.fromtimestamp(self._read_at, UTC).astimezone()

    @property
    def stale(self) -> bool:
        """Whether what is shown is known, but not lately."""
        return self._is_known and self.age_s > self._stale_s

    # What a page brings along

    @property
    def _is_known(self) -> bool:
        """Whether anything was read."""
        raise NotImplementedError

    async def _watch(self) -> None:
        """Reads until it is cancelled."""
        raise NotImplementedError

    def _went_wrong(self, error: Exception) -> None:
        self.failed.emit(error)
