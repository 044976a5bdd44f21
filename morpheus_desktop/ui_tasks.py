"""The bridge between clicks and coroutines: who owns the work a click starts, and how to
wait for a dialog without a nested event loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QDialog


class Dialog(Protocol):
    """What `show` needs of a dialog: a QDialog has it."""

    @property
    def finished(self) -> SignalInstance:
        """Emitted once with QDialog.DialogCode when the dialog has been answered or closed."""
        ...

    def open(self) -> None:
        """Show the dialog and return at once."""
        ...

    def close(self) -> bool:
        """Hide the dialog; does nothing when it is hidden."""
        ...

    def deleteLater(self) -> None:
        """Free the dialog on a later turn of the loop."""
        ...


class UiTasks:
    """The running coroutines of one view-model, at most one for each key; none outlives it.

    Errors go to `on_error`; a cancellation is not an error.
    """

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self._on_error = on_error
        self._by_key: dict[str, asyncio.Task[None]] = {}
        self._all: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, key: str, coro: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine; one that still runs under the same key is cancelled first.

        After `close()` nothing starts any more: the coroutine is dropped.
        """
        if self._closed:
            coro.close()
            return
        self.cancel(key)
        task = asyncio.get_running_loop().create_task(coro, name=f"ui {key}")
        self._by_key[key] = task
        self._all.add(task)
        task.add_done_callback(lambda done: self._finished(key, done))

    def running(self, key: str) -> bool:
        """Whether the work of this key has not ended yet."""
        return key in self._by_key

    def cancel(self, key: str) -> None:
        """Stop the work of one key, if there is any."""
        if task := self._by_key.pop(key, None):
            task.cancel()

    def cancel_all(self) -> None:
        """Stop everything without waiting for it."""
        for key in tuple(self._by_key):
            self.cancel(key)

    async def close(self) -> None:
        """Stop everything for good and wait until the last clean-up has run."""
        self._closed = True
        self.cancel_all()
        await asyncio.gather(*self._all, return_exceptions=True)

    def _finished(self, key: str, task: asyncio.Task[None]) -> None:
        self._all.discard(task)
        if self._by_key.get(key) is task:
            del self._by_key[key]
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._on_error(error)


async def show(dialog: Dialog) -> bool:
    """Open a dialog and wait for its answer: True when it was accepted.

    The loop goes on meanwhile. The dialog is closed and freed in the end, also when the
    waiting task is cancelled.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(code: int) -> None:
        if not answer.done():
            answer.set_result(code)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await answer == QDialog.DialogCode.Accepted
    finally:
        dialog.close()
        dialog.deleteLater()
