"""What can be done with the running app and measured from inside of it, by name."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from time import perf_counter

import psutil

from benchmarks.child import Answer
from benchmarks.gaps import GapMeter, percentile
from benchmarks.speed import QUESTION, SAMPLING, Speed
from benchmarks.waiting import LIMIT_S, Paints, after, heard, until
from morpheus_desktop.chat.transcript import TranscriptView
from morpheus_desktop.desk import Desk
from morpheus_desktop.panes.chat import ChatPane
from router.answer import AnswerReading, ChatEvent
from router.backends.base import Delta, Finished, Request, Sampling, Turn

MIB = 2**20
# What makes an answer with code, a table, lists and prose.
TOPICS = ("sorting a list", "reading a file", "counting words", "a small web page", "dates")
WISH = (
    "Explain {} in Python in detail: first a long program in a code block, then a Markdown "
    "table that compares ten ways to do it, then a list of common mistakes."
)
# What comes after an answer, like the colours of its code, belongs to it.
AFTERMATH_S = 0.3
CALM_S = 2.0
LONG_QUESTION_PARTS = 150


async def facts(desk: Desk) -> Answer:
    """How to load the same model elsewhere, and where the HTTP interface is."""
    services = desk.node.services
    model = services.library.find("")
    options = services.library.options(model.id)
    cookie = await asyncio.to_thread(services.paths.cookie.read_text)
    return {
        "path": str(model.path),
        "context_tokens": options.context_tokens,
        "threads": options.threads,
        "address": desk.node.api_part.state.detail,
        "key": cookie.strip().partition(":")[2],
    }


async def worker(desk: Desk, tokens: int) -> Answer:
    """One answer straight from the worker process."""
    request = Request("", (Turn("user", QUESTION),), sampling=_sampling(tokens))
    started = perf_counter()
    first = last = 0.0
    end: Finished | None = None
    async with aclosing(desk.node.services.host.complete(request)) as events:
        async for event in events:
            if isinstance(event, Delta):
                last = perf_counter()
                first = first or last
            elif isinstance(event, Finished):
                end = event
    assert end is not None
    speed = Speed(end.prompt_tokens, end.answer_tokens, first - started, last - started)
    return speed.to_answer()


async def window(desk: Desk, tokens: int) -> Answer:
    """One answer in a new chat of the chat page; a token has come when it is on the screen."""
    vm = desk.chat
    await after(vm.opened, vm.new)
    vm.set_parameters("", _sampling(tokens))
    paints = Paints(desk.window, _transcript(desk), desk.chat)
    flowed: list[float] = []
    with heard(vm.answer_flowed, lambda: flowed.append(perf_counter())):
        started = perf_counter()
        await _written(desk, QUESTION)
        await paints.complete()
    paints.close()
    stats = vm.messages[-1].stats
    assert stats is not None
    return Speed(
        stats.prompt_tokens,
        stats.answer_tokens,
        paints.first_after(flowed[0]) - started,
        paints.first_after(flowed[-1]) - started,
    ).to_answer()


async def stop_writing(desk: Desk, after_tokens: int) -> Answer:
    """How long a stop takes while an answer is being written."""
    await after(desk.chat.opened, desk.chat.new)
    flowed: list[None] = []
    with heard(desk.chat.answer_flowed, lambda: flowed.append(None)):
        desk.chat.send(QUESTION)
        await until(lambda: len(flowed) >= after_tokens, desk.chat.answer_flowed)
        return {"ms": await _stop(desk)}


async def stop_reading(desk: Desk, number: int, after_s: float) -> Answer:
    """How long a stop takes while a prompt is being read, so long after reading began.

    Args:
        number: another one makes another prompt, of which nothing was read before.

    Raises:
        RuntimeError: the prompt was read faster than that.
    """
    await after(desk.chat.opened, desk.chat.new)
    reading = asyncio.Event()
    flowed = asyncio.Event()

    def hear(event: ChatEvent) -> None:
        if isinstance(event, AnswerReading):
            reading.set()

    unsubscribe = desk.node.services.conversations.changed.subscribe(hear)
    parts = [f"Story {number}, part {part}. {QUESTION}" for part in range(LONG_QUESTION_PARTS)]
    with heard(desk.chat.answer_flowed, flowed.set):
        desk.chat.send("\n".join(parts))
        async with asyncio.timeout(LIMIT_S):
            await reading.wait()
        unsubscribe()
        await asyncio.sleep(after_s)
        if flowed.is_set():
            raise RuntimeError(f"the long prompt was read within {after_s:.1f} s")
        return {"ms": await _stop(desk)}


async def stream(desk: Desk, seconds: float, chat: str = "") -> Answer:
    """The gaps of the window's loop while answers are written, for so long altogether.

    When an answer ends, the next question is asked; between them nothing is counted.

    Args:
        chat: id of the chat to go on with, otherwise a new one.
    """
    vm, meter, topic, written = desk.chat, GapMeter(), 0, 0.0
    await after(vm.opened, vm.new)
    if chat:
        await after(vm.opened, lambda: vm.open(chat))
    while written < seconds:
        question = WISH.format(TOPICS[topic % len(TOPICS)])
        topic += 1
        await after(vm.answer_flowed, partial(vm.send, question))
        begun = perf_counter()
        meter.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - written):
                await until(lambda: not vm.writing, vm.writing_changed)
        written += perf_counter() - begun
        await asyncio.sleep(AFTERMATH_S)
        meter.stop()
    if vm.writing:
        await _stop(desk)
    return {"max_ms": max(meter.gaps_ms), "p99_ms": percentile(meter.gaps_ms, 0.99)}


async def open_chat(desk: Desk, chat: str) -> Answer:
    """How long it takes from choosing a chat until it is painted."""
    paints = Paints(desk.window, _transcript(desk), desk.chat)
    started = perf_counter()
    await after(desk.chat.opened, lambda: desk.chat.open(chat))
    await paints.complete()
    paints.close()
    return {"ms": (paints.times[-1] - started) * 1000}


async def rest(desk: Desk, chat: str, seconds: float) -> Answer:
    """Memory and processor use of the window at rest with a chat open; no model is loaded."""
    await after(desk.chat.opened, lambda: desk.chat.open(chat))
    await asyncio.sleep(CALM_S)
    process = psutil.Process()
    before, begun = process.cpu_times(), perf_counter()
    await asyncio.sleep(seconds)
    now, took = process.cpu_times(), perf_counter() - begun
    used = now.user + now.system - before.user - before.system
    return {"rss_mb": process.memory_info().rss / MIB, "cpu_percent": 100 * used / took}


DEEDS: dict[str, Callable[..., Awaitable[Answer]]] = {
    "facts": facts,
    "worker": worker,
    "window": window,
    "stop_writing": stop_writing,
    "stop_reading": stop_reading,
    "stream": stream,
    "open_chat": open_chat,
    "rest": rest,
}


def _sampling(tokens: int) -> Sampling:
    return Sampling(
        temperature=SAMPLING["temperature"],
        top_p=SAMPLING["top_p"],
        top_k=int(SAMPLING["top_k"]),
        min_p=SAMPLING["min_p"],
        repeat_penalty=SAMPLING["repeat_penalty"],
        seed=int(SAMPLING["seed"]),
        max_tokens=tokens,
    )


def _transcript(desk: Desk) -> TranscriptView:
    pane = desk.window.open_page("chat")
    assert isinstance(pane, ChatPane)
    return pane.transcript


async def _written(desk: Desk, question: str) -> None:
    """Ask, and wait until the answer is complete and what is shown has its figures."""
    vm = desk.chat
    await after(vm.writing_changed, lambda: vm.send(question))
    await until(
        lambda: bool(vm.messages) and not vm.writing and vm.messages[-1].state != "writing",
        vm.messages_changed,
    )


async def _stop(desk: Desk) -> float:
    """Stop the answer; milliseconds until the model rests and the window says so."""
    started = perf_counter()
    desk.chat.stop()
    await until(lambda: not desk.chat.writing, desk.chat.writing_changed)
    took_ms = (perf_counter() - started) * 1000
    if desk.node.services.host.state.phase == "busy":
        raise RuntimeError("the window said that the answer ended while the model was computing")
    return took_ms
