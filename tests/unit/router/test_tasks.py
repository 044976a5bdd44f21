"""router.tasks: tasks end with their owner, services come back after a failure."""

import asyncio
import logging

import pytest

from router.tasks import Tasks, supervise


async def test_close_cancels_and_awaits_every_task() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    tasks = Tasks()
    first = tasks.spawn("first", work("first"))
    tasks.spawn("second", work("second"))
    await asyncio.sleep(0)
    assert first.get_name() == "first"
    await tasks.close()
    assert sorted(ended) == ["first", "second"]


async def test_a_failure_is_logged_with_the_name(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    tasks = Tasks()
    with caplog.at_level(logging.ERROR):
        task = tasks.spawn("poll", fail())
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert "task poll failed" in caplog.text
    caplog.clear()


async def test_supervise_waits_ever_longer_and_stops_on_success(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pauses: list[float] = []
    failures: list[Exception] = []
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs <= 8:
            raise OSError(f"try {runs}")

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with caplog.at_level(logging.CRITICAL):
        await supervise("poller", run, on_failure=failures.append, sleep=sleep)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [str(error) for error in failures] == [f"try {n}" for n in range(1, 9)]
    caplog.clear()


async def test_supervise_lets_cancellation_through() -> None:
    async def run() -> None:
        await asyncio.Event().wait()

    tasks = Tasks()
    task = tasks.spawn("service", supervise("service", run))
    await asyncio.sleep(0)
    await tasks.close()
    assert task.cancelled()
