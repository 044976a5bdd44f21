"""The host with its real worker and the real model: what a user would run into."""

import asyncio
import contextlib
import json
import logging
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from router.backends.base import Called, Delta, Event, Finished, Request, Sampling, Started, Turn
from router.config import Settings
from router.errors import BackendError, ModelError
from router.inference import sending
from router.inference.host import InferenceHost
from tests.support.library import FakeLibrary, local_model
from tests.support.model import model_path

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
VECTORS = ROOT.parent / "shared" / "vectors" / "gguf-malformed"


def make(path: Path, settings: Path, context_tokens: int = 2048) -> InferenceHost:
    library = FakeLibrary(local_model("real", path=path), context_tokens=context_tokens)
    return InferenceHost(library, Settings(settings))


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test is about something that is warned of in the log."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[InferenceHost]:
    host = make(model_path(), tmp_path / "settings.toml")
    yield host
    await host.close()


def ask(*texts: str, **wishes: object) -> Request:
    roles = ("user", "assistant")
    turns = tuple(Turn(roles[index % 2], text) for index, text in enumerate(texts))
    return Request("", turns, sampling=Sampling(**({"max_tokens": 8} | wishes)))


async def answer(host: InferenceHost, request: Request) -> list[Event]:
    return [event async for event in host.complete(request)]


def said(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def test_a_conversation(host: InferenceHost) -> None:
    first = await answer(host, ask("Say hello to the sea."))
    assert isinstance(first[0], Started)
    assert isinstance(first[-1], Finished)
    second = await answer(host, ask("Say hello to the sea.", said(first), "Once more."))
    assert second[0].prompt_tokens > first[0].prompt_tokens
    assert said(second).strip()
    assert host.state.phase == "ready"
    assert host.state.memory_bytes > 100_000_000


async def test_json_vectors_and_counting(host: InferenceHost) -> None:
    schema = {"properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
    events = await answer(host, ask("Is water wet?", json_schema=schema, max_tokens=50))
    assert json.loads(said(events))["yes"] in (True, False)
    vectors, tokens = await host.embed("", ["one", "two words"])
    assert len(vectors) == 2
    assert tokens == 3
    exact = await host.count_tokens("", [Turn("user", "Hi")])
    assert exact == (await answer(host, ask("Hi")))[0].prompt_tokens


async def test_twenty_at_once(host: InferenceHost) -> None:
    finished: list[int] = []

    async def one(number: int) -> None:
        events = await answer(host, ask(f"Number {number}", max_tokens=3))
        assert isinstance(events[-1], Finished)
        finished.append(number)

    await asyncio.gather(*(one(number) for number in range(20)))
    assert finished == list(range(20))


async def read_until(host: InferenceHost, request: Request, deltas: int) -> None:
    """Read so many pieces of an answer, then close it."""
    events = host.complete(request)
    seen = 0
    async for event in events:
        seen += isinstance(event, Delta)
        if seen >= deltas:
            break
    await events.aclose()


async def test_stopping_while_it_writes_and_while_it_reads(host: InferenceHost) -> None:
    await read_until(host, ask("A long story.", max_tokens=500), deltas=5)
    assert host.state.phase == "ready"
    worker = psutil.Process(host.state.pid)
    # Closed at Started, the reading of 1,500 tokens has just begun.
    await read_until(host, ask("word and then " * 500), deltas=0)
    assert host.state.phase == "ready"
    used = worker.cpu_times().user
    reading = asyncio.get_running_loop().create_task(answer(host, ask("then word and " * 500)))
    while worker.cpu_times().user < used + 0.2:  # in the middle of reading
        await asyncio.sleep(0.001)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert host.state.phase == "ready"
    assert host.state.pid == worker.pid  # it obeyed, and was not killed
    assert said(await answer(host, ask("Hi"))).strip()


async def test_killed_while_it_writes(host: InferenceHost, warned: None) -> None:
    events = host.complete(ask("A long story.", max_tokens=500))
    await anext(events)
    assert isinstance(await anext(events), Delta)
    psutil.Process(host.state.pid).kill()
    with pytest.raises(BackendError, match="ended unexpectedly"):
        async for _ in events:
            pass
    assert host.state.phase == "failed"
    assert said(await answer(host, ask("Hi"))).strip()


async def test_unloading_gives_the_memory_back(host: InferenceHost) -> None:
    await host.load("")
    process = psutil.Process(host.state.pid)
    assert process.memory_info().rss > 100_000_000
    await host.unload()
    assert not process.is_running()
    assert (host.state.phase, host.state.memory_bytes) == ("off", None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete files in use")
async def test_the_file_is_deleted_while_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copyfile(model_path(), path)
    host = make(path, tmp_path / "settings.toml")
    await host.load("")
    path.unlink()
    assert said(await answer(host, ask("Hi"))).strip()
    await host.unload()
    with pytest.raises(ModelError):
        await host.load("")
    assert host.state.phase == "failed"
    await host.close()


async def test_closing_in_the_middle(host: InferenceHost) -> None:
    running = asyncio.get_running_loop().create_task(
        answer(host, ask("A long story.", max_tokens=500))
    )
    while host.state.phase != "busy":
        await asyncio.sleep(0.01)
    process = psutil.Process(host.state.pid)
    await host.close()
    with pytest.raises(BackendError):
        await running
    assert not process.is_running()


HOST_PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.integration.test_inference import ask, make

async def main():
    host = make(Path(sys.argv[1]), Path(sys.argv[2]))
    async for event in host.complete(ask("A long story.", max_tokens=500)):
        print(host.state.pid, flush=True)

asyncio.run(main())
"""


def test_the_worker_does_not_outlive_a_killed_app(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST_PROGRAM, str(model_path()), str(tmp_path / "settings.toml")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
    ) as app:
        worker = psutil.Process(int(app.stdout.readline()))
        app.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            while worker.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)


def with_template(path: Path, template: str) -> Path:
    """A copy of the model whose chat template is another one of the same length."""
    data = model_path().read_bytes()
    key = b"tokenizer.chat_template"
    at = data.index(key) + len(key) + 4
    (length,) = struct.unpack_from("<Q", data, at)
    new = template.encode().ljust(length)
    assert len(new) == length
    path.write_bytes(data[: at + 8] + new + data[at + 8 + length :])
    return path


async def test_a_template_without_end_ends_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PROMPT_S", 0.3)
    nested = "{% for a in range(99999) %}" * 3 + "x" + "{% endfor %}" * 3
    host = make(with_template(tmp_path / "model.gguf", nested), tmp_path / "settings.toml")
    await host.load("")
    worker = psutil.Process(host.state.pid)
    with pytest.raises(ModelError, match="did not react"):
        await answer(host, ask("Hi"))
    assert not worker.is_running()
    assert host.state.phase == "off"
    await host.close()


async def test_a_hostile_template_reaches_nothing_and_hurts_nobody(tmp_path: Path) -> None:
    template = "{{ cycler.__init__.__globals__.os.popen('id').read() }}"
    host = make(with_template(tmp_path / "model.gguf", template), tmp_path / "settings.toml")
    with pytest.raises(ModelError, match="template is faulty"):
        await answer(host, ask("Hi"))
    plain = Request("", prompt="Once", sampling=Sampling(max_tokens=3))
    assert said(await answer(host, plain))
    await host.close()


async def test_functions_are_called_through_the_whole_way(tmp_path: Path) -> None:
    template = "{% for t in tools or [] %}{{ t | tojson }}{% endfor %}{{ messages[0].content }}"
    host = make(with_template(tmp_path / "model.gguf", template), tmp_path / "settings.toml")
    schema = {"properties": {"name": {"const": "look"}}, "required": ["name"]}
    request = Request(
        "",
        (Turn("user", "Look."),),
        sampling=Sampling(json_schema=schema, max_tokens=40),
        tools=({"type": "function", "function": {"name": "look"}},),
    )
    events = await answer(host, request)
    assert isinstance(events[-2], Called)
    assert events[-2].calls[0].name == "look"
    assert events[-1].reason == "tool_calls"
    await host.close()


async def test_a_file_without_a_template_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(
        model_path().read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.chat_templatX")
    )
    host = make(path, tmp_path / "settings.toml")
    await host.load("")
    assert "ChatML" in host.state.note
    assert said(await answer(host, ask("Hi")))
    await host.close()


@pytest.mark.timeout(180)
async def test_malformed_files_are_refused_by_the_worker_too(tmp_path: Path) -> None:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is missing: the shared vectors are not here")
    paths = sorted(VECTORS.glob("*.gguf"))
    assert len(paths) > 50
    for path in paths:
        host = make(path, tmp_path / "settings.toml")
        with pytest.raises(ModelError):
            async with asyncio.timeout(30):
                await host.load("")
        assert host.state.phase == "failed"
        await host.close()
