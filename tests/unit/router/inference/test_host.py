"""The host against a real child process without a model: order, stopping, crashes, idleness."""

import asyncio
import contextlib
import importlib.util
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from router.backends.base import Delta, Finished, Request, Sampling, Started, Turn
from router.config import Settings
from router.errors import BackendError, BadRequest, ContextTooLong, ModelError, NoModel, NotFound
from router.inference import process, sending
from router.inference.host import HostState, InferenceHost
from tests.support.library import FakeLibrary, local_model

FAKE = [sys.executable, str(Path(__file__).parents[3] / "support" / "fake_worker.py")]


class Sleep:
    """Waits until it is let go, and remembers for how long it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.go = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.go.wait()


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test is about something that is warned of in the log."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]


@pytest.fixture
def sleep() -> Sleep:
    return Sleep()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.toml")


Make = Callable[..., InferenceHost]


@pytest.fixture
async def make(settings: Settings, sleep: Sleep) -> AsyncIterator[Make]:
    hosts: list[InferenceHost] = []

    def make(*models: str, argv: list[str] = FAKE, context_tokens: int = 1024) -> InferenceHost:
        library = FakeLibrary(*map(local_model, models), context_tokens=context_tokens)
        host = InferenceHost(library, settings, command=lambda: argv, sleep=sleep)
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        await host.close()


@pytest.fixture
def host(make: Make) -> InferenceHost:
    return make("talker", "other", "slow", "damaged", "crash", "plain")


def ask(order: str, model: str = "", **wishes: object) -> Request:
    return Request(model, (Turn("user", order),), sampling=Sampling(**wishes))


async def text(host: InferenceHost, request: Request) -> str:
    return "".join(
        [event.text async for event in host.complete(request) if isinstance(event, Delta)]
    )


def spawn(coroutine: object) -> asyncio.Task[object]:
    return asyncio.get_running_loop().create_task(coroutine)


async def until(host: InferenceHost, fits: Callable[[HostState], bool]) -> None:
    """Wait for a state."""
    seen = asyncio.Event()
    unsubscribe = host.changed.subscribe(lambda state: fits(state) and seen.set())
    if not fits(host.state):
        async with asyncio.timeout(30):
            await seen.wait()
    unsubscribe()


def phases(host: InferenceHost) -> list[str]:
    seen: list[str] = []

    def note(state: HostState) -> None:
        if seen[-1:] != [state.phase]:
            seen.append(state.phase)

    host.changed.subscribe(note)
    return seen


async def test_the_first_question_loads_the_model(host: InferenceHost) -> None:
    seen = phases(host)
    assert host.state == HostState()
    events = [event async for event in host.complete(ask("good morning"))]
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert seen == ["loading", "ready", "busy", "ready"]
    state = host.state
    assert (state.model.id, state.context_tokens, state.error) == ("talker", 1024, None)
    assert state.memory_bytes > 1_000_000
    assert psutil.pid_exists(state.pid)


async def test_the_next_question_uses_the_same_process(host: InferenceHost) -> None:
    await host.load("talker")
    pid = host.state.pid
    await text(host, ask("one"))
    assert host.state.pid == pid


async def test_progress_of_loading_is_told(host: InferenceHost) -> None:
    seen: list[float] = []
    host.changed.subscribe(lambda state: seen.append(state.progress))
    await host.load("")
    assert [part for part in seen if part] == [0.5, 1.0]


async def test_twenty_at_once_are_answered_in_the_order_of_asking(host: InferenceHost) -> None:
    answered: list[int] = []

    async def one(number: int) -> str:
        answer = await text(host, ask(f"number{number}"))
        answered.append(number)
        return answer

    answers = await asyncio.gather(*(one(number) for number in range(20)))
    assert answered == list(range(20))
    assert answers == [f"well number{number}" for number in range(20)]
    assert host.state.waiting == 0


async def test_who_stops_waiting_is_forgotten(host: InferenceHost) -> None:
    running = host.complete(ask("endless"))
    await anext(running)
    first, second, third = (spawn(text(host, ask(f"number{n}"))) for n in range(3))
    await until(host, lambda state: state.waiting == 3)
    second.cancel()
    await until(host, lambda state: state.waiting == 2)
    await running.aclose()
    assert await first == "well number0"
    assert await third == "well number2"
    assert second.cancelled()
    assert host.state.waiting == 0


async def test_closing_the_answer_stops_the_model(host: InferenceHost) -> None:
    async with contextlib.aclosing(host.complete(ask("endless"))) as events:
        async for _ in events:
            break
    assert host.state.phase == "ready"
    pid = host.state.pid
    assert await text(host, ask("again")) == "well again"
    assert host.state.pid == pid


async def test_cancelling_the_reader_stops_the_model(host: InferenceHost) -> None:
    reader = spawn(text(host, ask("endless")))
    await until(host, lambda state: state.phase == "busy")
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert host.state.phase == "ready"


async def test_a_model_that_does_not_stop_is_replaced(
    host: InferenceHost, monkeypatch: pytest.MonkeyPatch, warned: None
) -> None:
    monkeypatch.setattr(process, "STOP_S", 0.05)
    async with contextlib.aclosing(host.complete(ask("stubborn"))) as events:
        await anext(events)
        pid = host.state.pid
    assert not psutil.pid_exists(pid)
    assert await text(host, ask("hello")) == "well hello"


async def test_a_crash_fails_the_answer_and_not_the_next(host: InferenceHost, warned: None) -> None:
    crashing = spawn(text(host, ask("crash")))
    await until(host, lambda state: state.phase == "busy")
    waiting = spawn(text(host, ask("hello")))
    with pytest.raises(BackendError, match="native code"):
        await crashing
    assert await waiting == "well hello"


async def test_a_crash_is_shown(host: InferenceHost, warned: None) -> None:
    with pytest.raises(BackendError):
        await text(host, ask("crash"))
    assert host.state.phase == "failed"
    assert "native code" in host.state.error.message
    assert host.state.pid is None


async def test_a_crash_while_idle_is_seen(host: InferenceHost, warned: None) -> None:
    await host.load("")
    psutil.Process(host.state.pid).kill()
    await until(host, lambda state: state.phase == "failed")
    assert isinstance(host.state.error, BackendError)
    assert await text(host, ask("hello")) == "well hello"


async def test_a_model_that_keeps_crashing_is_started_ever_more_slowly(
    host: InferenceHost, sleep: Sleep, warned: None
) -> None:
    sleep.go.set()
    for _ in range(8):
        with pytest.raises(BackendError):
            await text(host, ask("crash"))
    pauses = [seconds for seconds in sleep.asked if seconds != 600]
    assert pauses == [1, 2, 4, 8, 16, 30]
    assert await text(host, ask("hello")) == "well hello"
    with pytest.raises(BackendError):
        await text(host, ask("crash"))
    assert await text(host, ask("hello")) == "well hello"
    assert len([seconds for seconds in sleep.asked if seconds != 600]) == 7


async def test_a_template_without_end_is_ended(
    host: InferenceHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(sending, "PROMPT_S", 0.1)
        with pytest.raises(ModelError, match="did not react"):
            await text(host, ask("silent"))
    assert await text(host, ask("hello")) == "well hello"


@pytest.mark.parametrize(("model", "error"), [("damaged", ModelError), ("none", NotFound)])
async def test_a_model_that_cannot_be_loaded(
    host: InferenceHost, model: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await host.load(model)
    assert host.state.pid is None
    if error is not NotFound:
        assert host.state.phase == "failed"
        assert isinstance(host.state.error, error)
    assert await text(host, ask("hello")) == "well hello"


async def test_a_model_that_crashes_the_process_that_loads_it(
    host: InferenceHost, warned: None
) -> None:
    with pytest.raises(ModelError, match="native code"):
        await host.load("crash")
    assert host.state.phase == "failed"
    assert isinstance(host.state.error, ModelError)


async def test_a_model_with_a_known_problem_is_not_tried(settings: Settings) -> None:
    library = FakeLibrary(local_model("bad", problem="The file is cut off."))
    host = InferenceHost(library, settings, command=lambda: ["/nowhere"])
    with pytest.raises(ModelError, match="cut off"):
        await host.load("bad")


async def test_without_llama_cpp(make: Make, monkeypatch: pytest.MonkeyPatch, warned: None) -> None:
    host = make(argv=[*FAKE, "unavailable"])
    with pytest.raises(NoModel, match="not installed"):
        await host.load("")
    assert host.state.phase == "missing"
    assert "compiler" in host.state.error.hint
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert make().state.phase == "missing"


async def test_cancelling_a_load_ends_it(host: InferenceHost) -> None:
    loading = spawn(host.load("slow"))
    await until(host, lambda state: state.progress == 0.5)
    pid = host.state.pid
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert not psutil.pid_exists(pid)
    assert host.state.phase == "off"


async def test_another_model_replaces_the_loaded_one(host: InferenceHost) -> None:
    await host.load("talker")
    pid = host.state.pid
    assert await text(host, ask("hello", "other")) == "well hello"
    assert host.state.model.id == "other"
    assert not psutil.pid_exists(pid)


async def test_other_options_load_the_model_again(make: Make) -> None:
    host = make(context_tokens=1024)
    await host.load("")
    pid = host.state.pid
    library = host._library
    library.load_options = type(library.load_options)(context_tokens=2048, threads=1, gpu_layers=0)
    await host.load("")
    assert host.state.pid != pid
    assert host.state.context_tokens == 2048


async def test_a_file_without_a_template_is_noted(host: InferenceHost) -> None:
    await host.load("plain")
    assert "ChatML" in host.state.note
    await host.load("talker")
    assert host.state.note == ""


async def test_an_unused_model_is_unloaded(host: InferenceHost, sleep: Sleep) -> None:
    await text(host, ask("hello"))
    pid = host.state.pid
    await asyncio.sleep(0)
    assert sleep.asked == [600]
    sleep.go.set()
    await until(host, lambda state: state.phase == "off")
    assert host.state == HostState()
    assert not psutil.pid_exists(pid)


async def test_a_question_postpones_unloading(host: InferenceHost, sleep: Sleep) -> None:
    await host.load("")
    await asyncio.sleep(0)
    running = host.complete(ask("endless"))
    await anext(running)
    sleep.go.set()
    await asyncio.sleep(0)
    assert host.state.phase == "busy"
    sleep.go.clear()
    await running.aclose()
    await asyncio.sleep(0)
    assert sleep.asked == [600, 600]


async def test_zero_seconds_mean_never(
    host: InferenceHost, sleep: Sleep, settings: Settings
) -> None:
    settings.change({"inference.idle_unload_s": 0})
    await host.load("")
    await asyncio.sleep(0)
    assert sleep.asked == []


async def test_unloading_ends_the_process(host: InferenceHost) -> None:
    await host.load("")
    pid = host.state.pid
    await host.unload()
    assert not psutil.pid_exists(pid)
    assert host.state == HostState()
    await host.unload()


async def test_closing_ends_everything_at_once(host: InferenceHost) -> None:
    running = spawn(text(host, ask("stubborn")))
    await until(host, lambda state: state.phase == "busy")
    waiting = [spawn(text(host, ask("hello"))) for _ in range(3)]
    await until(host, lambda state: state.waiting == 3)
    pid = host.state.pid
    await host.close()
    assert not psutil.pid_exists(pid)
    for task in (running, *waiting):
        with pytest.raises(BackendError):
            await task
    with pytest.raises(BackendError, match="closing"):
        await host.load("")


async def test_it_can_be_opened_again(host: InferenceHost) -> None:
    await host.load("")
    await host.close()
    host.open()
    assert await text(host, ask("hello")) == "well hello"


async def test_closing_while_the_process_starts(host: InferenceHost) -> None:
    loading = spawn(host.load("slow"))
    await asyncio.sleep(0)
    await host.close()
    with pytest.raises(BackendError):
        await loading
    assert host.state == HostState()
    assert not psutil.Process().children()


async def test_vectors(host: InferenceHost) -> None:
    assert await host.embed("", ["a", "bcd"]) == ([[1.0], [3.0]], 2)
    with pytest.raises(ContextTooLong):
        await host.embed("", ["x" * 3_000_000])


async def test_tokens_are_counted_when_that_is_free_and_estimated_otherwise(
    host: InferenceHost,
) -> None:
    turns = [Turn("user", "x" * 70)]
    assert await host.count_tokens("", turns) == 20
    assert host.state.phase == "off"
    await host.load("talker")
    assert await host.count_tokens("talker", turns) == 1
    assert await host.count_tokens("other", turns) == 20
    # What the context could never hold is not worth the seconds that counting it takes.
    assert await host.count_tokens("talker", [Turn("user", "x" * 70_000)]) == 20_000
    async with contextlib.aclosing(host.complete(ask("endless"))) as events:
        await anext(events)
        assert await host.count_tokens("talker", turns) == 20


async def test_years_of_talk_do_not_go_through_the_pipe(make: Make) -> None:
    host = make(context_tokens=256)
    turns = [
        turn
        for number in range(5_000)
        for turn in (Turn("user", f"q{number}"), Turn("assistant", "x" * 1000))
    ]
    request = Request("", (Turn("system", "s"), *turns, Turn("user", "now")))
    async with contextlib.aclosing(host.complete(request)) as events:
        started = await anext(events)
    assert started.dropped_turns > 9_990


@pytest.mark.parametrize("request_", [ask("x" * 3_000_000), Request("", prompt="x" * 3_000_000)])
async def test_a_text_beyond_all_models_is_refused_at_once(
    host: InferenceHost, request_: Request
) -> None:
    with pytest.raises(ContextTooLong, match="3,000,000"):
        await anext(host.complete(request_))
    assert host.state.phase == "off"


async def test_wishes_are_checked_before_anything_is_loaded(host: InferenceHost) -> None:
    with pytest.raises(BadRequest) as refused:
        await anext(host.complete(ask("hello", temperature=-1)))
    assert refused.value.param == "temperature"
    assert host.state.phase == "off"
