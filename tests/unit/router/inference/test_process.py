"""The child process: what it says, how it stops, how it dies, and that it never stays."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from router.errors import BackendError, ModelError, NoModel
from router.inference import process
from router.inference.process import WorkerProcess

FAKE = [sys.executable, str(Path(__file__).parents[3] / "support" / "fake_worker.py")]

Exits = list[WorkerProcess]


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test is about something that is warned of in the log."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]


@pytest.fixture
def exits() -> Exits:
    return []


@pytest.fixture
async def worker(exits: Exits) -> AsyncIterator[WorkerProcess]:
    worker = await start(FAKE, exits)
    yield worker
    await worker.kill()


async def start(argv: list[str], exits: Exits) -> WorkerProcess:
    worker = await WorkerProcess.start(argv, exits.append)
    try:
        await worker.greet()
    except Exception:
        await worker.kill()
        raise
    return worker


async def run(worker: WorkerProcess, order: str, **limits: float) -> list[dict[str, object]]:
    values = {"request": {"turns": [{"content": order}]}}
    async with contextlib.aclosing(worker.run("complete", lambda: values, **limits)) as events:
        return [event async for event in events]


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


def test_the_command_of_the_source_tree_and_of_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    assert process.command() == [sys.executable, "-m", "router.inference.worker"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert process.command() == [sys.executable, "--inference-worker"]


async def test_commands_are_carried_out_one_after_the_other(worker: WorkerProcess) -> None:
    for order in ("one two", "three"):
        events = await run(worker, order)
        assert next(event["event"] for event in events) == "started"
        assert [event["text"] for event in events if event["event"] == "delta"][1:] == order.split()
        assert events[-1]["event"] == "finished"
    assert worker.alive
    assert worker.memory_bytes > 1_000_000


async def test_closing_the_events_stops_the_command_and_keeps_the_process(
    worker: WorkerProcess,
) -> None:
    values = {"request": {"turns": [{"content": "endless"}]}}
    async with contextlib.aclosing(worker.run("complete", lambda: values)) as events:
        async for event in events:
            if event.get("text") == "more ":
                break
    assert worker.alive
    assert (await run(worker, "next"))[-1]["event"] == "finished"


async def test_a_worker_that_does_not_stop_is_killed(
    worker: WorkerProcess, exits: Exits, monkeypatch: pytest.MonkeyPatch, warned: None
) -> None:
    monkeypatch.setattr(process, "STOP_S", 0.05)
    values = {"request": {"turns": [{"content": "stubborn"}]}}
    async with contextlib.aclosing(worker.run("complete", lambda: values)) as events:
        await anext(events)
    assert not worker.alive
    assert gone(worker.pid)
    assert exits == [worker]
    assert not worker.crashed


async def test_a_reader_that_is_cancelled_twice_leaves_no_process_behind(
    worker: WorkerProcess,
) -> None:
    task = asyncio.get_running_loop().create_task(run(worker, "stubborn"))
    await wait_for_text(task)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(worker.pid)


async def wait_for_text(task: asyncio.Task[object]) -> None:
    """Let the worker begin; its pipe says nothing about that to the outside."""
    await asyncio.wait([task], timeout=0.2)
    assert not task.done()


async def test_a_crash_is_told_with_its_last_words(
    worker: WorkerProcess, exits: Exits, warned: None
) -> None:
    with pytest.raises(BackendError) as crash:
        await run(worker, "crash")
    assert "assertion failed in native code" in crash.value.message
    assert "SIGKILL" in crash.value.message
    assert worker.crashed
    assert exits == [worker]
    assert worker.memory_bytes is None


async def test_after_a_crash_every_command_is_told_so(worker: WorkerProcess, warned: None) -> None:
    for _ in range(2):
        with pytest.raises(BackendError, match="ended unexpectedly"):
            await run(worker, "crash")


async def test_nonsense_ends_the_process(worker: WorkerProcess, warned: None) -> None:
    with pytest.raises(BackendError, match="no event"):
        await run(worker, "nonsense")
    assert gone(worker.pid)


async def test_a_silent_worker_is_killed(worker: WorkerProcess) -> None:
    with pytest.raises(TimeoutError):
        await run(worker, "silent", first_s=0.05)
    assert gone(worker.pid)
    assert not worker.crashed


async def test_errors_of_commands_are_raised_here(worker: WorkerProcess) -> None:
    events = worker.run("load", lambda: {"path": "damaged.gguf"})
    with pytest.raises(ModelError, match="Damaged"):
        await anext(events)
    assert worker.alive


async def test_killing_waits_until_the_process_is_gone(exits: Exits) -> None:
    worker = await start(FAKE, exits)
    await worker.kill()
    assert gone(worker.pid)
    assert exits == [worker]
    assert not worker.crashed
    await worker.kill()


async def test_killing_that_is_cancelled_leaves_no_process_behind(exits: Exits) -> None:
    worker = await start(FAKE, exits)
    killing = asyncio.get_running_loop().create_task(worker.kill())
    await asyncio.sleep(0)
    killing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killing
    assert gone(worker.pid)


async def test_native_prints_go_to_the_log(
    worker: WorkerProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "router.inference"), pytest.raises(BackendError):
        await run(worker, "crash")
    assert "assertion failed in native code" in caplog.text


async def test_without_llama_cpp_it_is_said_how_to_get_it(exits: Exits, warned: None) -> None:
    with pytest.raises(NoModel) as missing:
        await start([*FAKE, "unavailable"], exits)
    assert "compiler" in missing.value.hint


async def test_a_program_that_does_not_exist_or_not_speak(
    exits: Exits, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackendError, match="cannot be started"):
        await start(["/nowhere/at/all"], exits)
    monkeypatch.setattr(process, "START_S", 0.1)
    with pytest.raises(BackendError, match="does not start"):
        await start([*FAKE, "mute"], exits)
    assert all(gone(worker.pid) for worker in exits)


async def test_a_program_that_ends_at_once(exits: Exits, warned: None) -> None:
    with pytest.raises(BackendError, match="exit code 3"):
        await start([sys.executable, "-c", "exit(3)"], exits)
