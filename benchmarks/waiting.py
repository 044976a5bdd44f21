"""Waiting inside the running app: for a signal, a condition, a painted conversation."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QTimer, SignalInstance
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.transcript import TranscriptView
from morpheus_desktop.viewmodels.chat import ChatViewModel

LIMIT_S = 120.0
LOOK_S = 0.001


async def after(signal: SignalInstance, act: Callable[[], object]) -> None:
    """Do something and wait for the signal that tells of it.

    Raises:
        TimeoutError: it did not come.
    """
    came = asyncio.Event()
    with heard(signal, came.set):
        act()
        async with asyncio.timeout(LIMIT_S):
            await came.wait()


async def until(condition: Callable[[], bool], signal: SignalInstance) -> None:
    """Wait until a condition holds; it is looked at now and after each signal.

    Raises:
        TimeoutError: it did not come to hold.
    """
    came = asyncio.Event()
    with heard(signal, came.set):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                came.clear()
                await came.wait()


@contextmanager
def heard(signal: SignalInstance, call: Callable[[], object]) -> Iterator[None]:
    """Call something at each signal, whatever it carries, inside the block."""
    connection = signal.connect(lambda *_: call())
    try:
        yield
    finally:
        signal.disconnect(connection)


class Paints(QObject):
    """When the window brought the open chat to the screen with all text that had come by then."""

    def __init__(self, window: QWidget, transcript: TranscriptView, vm: ChatViewModel) -> None:
        super().__init__()
        self.times: list[float] = []
        self._window = window
        self._transcript = transcript
        self._vm = vm
        window.installEventFilter(self)

    def close(self) -> None:
        """Look no longer."""
        self._window.removeEventFilter(self)

    def first_after(self, moment: float) -> float:
        """The first such time after a moment."""
        return min(time for time in self.times if time > moment)

    async def complete(self) -> None:
        """Wait until everything near the window is laid out and painted."""
        view, calm = self._transcript, 0
        async with asyncio.timeout(LIMIT_S):
            # What was changed last is painted in the next turns of the loop.
            while calm < 3:
                await asyncio.sleep(LOOK_S)
                busy = view._waiting or view._flusher.isActive() or view._settler.isActive()
                calm = 0 if busy else calm + 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt paints what has changed when this event arrives, so it is done one turn later."""
        # At the end of an answer its message takes the place of what still waits to be laid out.
        all_laid_out = not self._transcript._waiting or not self._vm.writing
        if event.type() == QEvent.Type.UpdateRequest and all_laid_out:
            QTimer.singleShot(0, lambda: self.times.append(perf_counter()))
        return False
