"""Fixtures for tests with a window: the theme, a loop that turns Qt's events, pictures.

A test with `qloop` is a plain `def` and calls `qloop.run_until_complete(coroutine)`; tests that
are `async def` run on plain asyncio beside it, without Qt's events.
"""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication, QWidget

from morpheus_desktop.garbage import collect_what_is_due
from morpheus_desktop.theme import Theme

Shot = Callable[[QWidget, str], Path]


def pytest_configure() -> None:
    """Collect garbage between tests, in this thread, as the app does in its window's thread.

    Loops and widgets hold timers of Qt, which can only go in the thread in which they were made.
    """
    gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[Any]:
    """What a test left is collected after it, as often as Python would have done."""
    try:
        return (yield)
    finally:
        collect_what_is_due()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The dark theme at 100 %, worn by the application for the time of the test."""
    made = Theme("dark")
    made.apply(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()


@pytest.fixture
def qloop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """The app's kind of loop. A task that is left at the end fails the test."""
    qapp.setQuitOnLastWindowClosed(False)  # as the app does
    loop = qasync.QEventLoop(qapp)
    yield loop
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    timer = loop._timer
    loop.close()
    # WORKAROUND for qasync 0.28: a closed loop leaves its timers with Qt. An app has one loop to
    # its end; here hundreds follow each other, and Qt ended the process at the timer of a gone one.
    for number in tuple(timer._SimpleTimer__callbacks):
        timer.killTimer(number)
    assert not left, f"tasks were left running: {[task.get_name() for task in left]}"


@pytest.fixture
def shot(tmp_path: Path, qapp: QApplication) -> Shot:
    """Takes a picture of a widget as it is painted; kept in $SHOTS when that is set."""
    folder = Path(os.environ.get("SHOTS", tmp_path))

    def take(widget: QWidget, name: str) -> Path:
        widget.ensurePolished()
        if layout := widget.layout():
            layout.activate()
        file = folder / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        assert widget.grab().save(str(file)), file
        return file

    return take
