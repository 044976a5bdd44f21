"""Makes a test fail for what it would otherwise leave unsaid.

A warning in the log that it did not look at (a test that asks for `caplog` looks), a task or a
thread that outlives it, a connection to another computer. Child processes are not watched.
"""

import asyncio
import inspect
import ipaddress
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

QT_FIXTURES = frozenset({"qapp", "qtbot", "qloop", "theme", "shot"})
THREAD_END_S = 20.0
_threads_before = pytest.StashKey[set[threading.Thread]]()


def pytest_configure() -> None:
    """Watch every connection of this process from now on; an audit hook cannot be removed."""
    sys.addaudithook(_refuse_other_computers)


def _refuse_other_computers(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_this_computer(host):
        raise ConnectionRefusedError(f"a test tried to reach {host!r}")


def _is_this_computer(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a screen, and watch the tasks of what runs on a loop."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if QT_FIXTURES & set(names):
            item.add_marker("gui")
        if inspect.iscoroutinefunction(getattr(item, "obj", None)):
            # First in, last out: what the other fixtures started has been stopped by then.
            names.insert(0, "_no_task_left")


@pytest.fixture
async def _no_task_left() -> AsyncIterator[None]:
    yield
    for _ in range(3):  # a cancelled task needs a turn to end, and what awaited it another
        await asyncio.sleep(0)
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"tasks were left running: {left}"


@pytest.fixture(autouse=True)
def _no_warning_unseen(request: pytest.FixtureRequest) -> Iterator[None]:
    seen: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    handler = Collect(logging.WARNING)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    root.setLevel(level)  # the log of a node lets everything through, and is one for the process
    if "caplog" not in request.fixturenames:
        assert not seen, "the log has warnings that this test did not look at:\n" + "\n".join(seen)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """Remember which threads were there before the first fixture."""
    item.stash[_threads_before] = set(threading.enumerate())
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[Any]:
    """Once the fixtures are gone, so must be the threads."""
    result = yield
    deadline = time.monotonic() + THREAD_END_S
    before = item.stash[_threads_before]
    # A dummy stands for a thread of Qt in which Python code ran once; it never ends.
    left = [
        t
        for t in threading.enumerate()
        if t not in before and not isinstance(t, threading._DummyThread)
    ]
    for thread in left:
        thread.join(max(deadline - time.monotonic(), 0))
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads were left running: {names}"
    return result
