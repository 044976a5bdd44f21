"""The local backend passes on what the host says."""

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.backends.base import Backend, Delta, Finished, Request, Turn
from router.backends.local import LocalBackend
from router.config import Settings
from router.inference.host import InferenceHost
from tests.support.library import FakeLibrary

FAKE = [sys.executable, str(Path(__file__).parents[3] / "support" / "fake_worker.py")]


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    settings = Settings(tmp_path / "settings.toml")
    host = InferenceHost(FakeLibrary(), settings, command=lambda: FAKE)
    yield LocalBackend(host)
    await host.close()


async def test_an_answer(backend: Backend) -> None:
    events = [event async for event in backend.complete(Request("", (Turn("user", "hello"),)))]
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "well hello"
    assert isinstance(events[-1], Finished)


async def test_closing_stops(backend: Backend) -> None:
    answer = backend.complete(Request("", (Turn("user", "endless"),)))
    async with contextlib.aclosing(answer) as events:
        await anext(events)
    assert await backend.embed("", ["ab"]) == ([[2.0]], 1)
