"""router.parts: a part that fails says so, can be retried, and stops once."""

import asyncio
import logging

import pytest

from router.errors import StorageError
from router.parts import Part, PartState


async def test_start_tells_each_phase() -> None:
    seen: list[PartState] = []

    async def start() -> str:
        return "412 chats"

    part = Part("store", "Chat store", start)
    part.changed.subscribe(seen.append)
    await part.start()
    await part.start()
    assert [(s.phase, s.detail) for s in seen] == [("starting", ""), ("ready", "412 chats")]


async def test_known_failure_is_kept_and_retry_works(caplog: pytest.LogCaptureFixture) -> None:
    broken = True

    async def start() -> str:
        if broken:
            raise StorageError("The disk is full.", safe="Nothing was lost.")
        return "ok"

    part = Part("store", "Chat store", start)
    await part.start()
    assert part.state.phase == "failed"
    assert part.state.error is not None
    assert part.state.error.safe == "Nothing was lost."
    broken = False
    await part.start()
    assert (part.state.phase, part.state.error) == ("ready", None)
    caplog.clear()


async def test_a_bug_becomes_a_state_and_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def start() -> str:
        raise KeyError("x")

    part = Part("api", "API server", start)
    with caplog.at_level(logging.ERROR):
        await part.start()
    assert part.state.error is not None
    assert "KeyError" in part.state.error.message
    assert "Traceback" in caplog.text
    caplog.clear()


async def test_stop_only_after_a_start_and_only_once() -> None:
    calls: list[str] = []

    async def start() -> str:
        calls.append("start")
        return ""

    async def stop() -> None:
        calls.append("stop")

    part = Part("api", "API server", start, stop)
    await part.stop()
    await part.restart()
    await part.stop()
    await part.stop()
    assert calls == ["start", "stop"]
    assert part.state.phase == "off"


async def test_what_a_failed_start_left_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    stopped: list[str] = []

    async def start() -> str:
        raise StorageError("The second half failed.")

    async def stop() -> None:
        stopped.append("the first half")

    part = Part("store", "Chat store", start, stop)
    await part.start()
    await part.stop()
    await part.stop()
    assert (stopped, part.state.phase) == (["the first half"], "off")


async def test_a_stop_that_hangs_is_left_behind(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.parts.STOP_LIMIT_S", 0.01)

    async def start() -> str:
        return ""

    async def stop() -> None:
        await asyncio.Event().wait()

    part = Part("api", "API server", start, stop)
    await part.start()
    await part.stop()
    assert part.state.phase == "off"
    assert "did not stop cleanly" in caplog.text
    caplog.clear()


async def test_what_runs_can_tell_another_fact() -> None:
    async def start() -> str:
        return "1 model"

    part = Part("provider", "Provider", start)
    part.tell("nothing runs yet")
    assert part.state == PartState("provider", "Provider")
    await part.start()
    seen: list[PartState] = []
    part.changed.subscribe(seen.append)
    part.tell("2 models")
    part.tell("2 models")
    assert [(s.phase, s.detail) for s in seen] == [("ready", "2 models")]
