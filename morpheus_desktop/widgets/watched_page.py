"""A page that is read while somebody looks at it, and counts seconds."""

from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

TICK_MS = 1000


class Watched(Protocol):
    """What is read."""

    def watch(self, *, on: bool) -> None:
        """Read again and again, or no longer."""
        ...


class WatchedPage(QWidget):
    """Shows itself when it is opened, and what a second changes each second."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched
        self._ticking = QTimer(self, interval=TICK_MS)
        self._ticking.timeout.connect(self._tick)

    # What a page brings along

    def _show(self) -> None:
        """Show everything anew."""
        raise NotImplementedError

    def _tick(self) -> None:
        """Show what a second changed."""
        raise NotImplementedError

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Read while somebody looks."""
        super().showEvent(event)
        self._show()
        self._ticking.start()
        self._watched.watch(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop reading."""
        self._ticking.stop()
        self._watched.watch(on=False)
        super().hideEvent(event)
