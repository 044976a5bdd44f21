"""Keeps the model's process: one model at a time, one answer at a time, in the order of asking.

The life of a model: loaded by the first question (or `load`), kept while it is used, unloaded
when nobody asked for a while, replaced when another one is wanted. Unloading ends the process,
so its memory goes back to the system. After a crash the running answer fails with what happened
and the next question starts a new process, after a pause when it crashed before.
"""

import asyncio
import contextlib
import dataclasses
import importlib.util
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from router.backends.base import Event, Finished, Request, Started, Turn
from router.config import Settings
from router.errors import BackendError, ModelError, MorpheusError, NoModel
from router.events import Emitter
from router.inference import messages, process, sampling, sending
from router.inference.library import LoadOptions, LocalModel, ModelLibrary
from router.inference.process import WorkerProcess
from router.tasks import Tasks

log = logging.getLogger(__name__)

Phase = Literal["off", "loading", "ready", "busy", "failed", "missing"]

# A model that shows no progress for so long while loading is given up.
LOAD_SILENCE_S = 120.0
LONGEST_PAUSE_S = 30.0
CLOSE_S = 0.5

NO_TEMPLATE = (
    "The model file does not say how to write a conversation. A common way (ChatML) is used; "
    "answers may be poor."
)


@dataclass(frozen=True)
class HostState:
    """How the local model is.

    Args:
        model: the loaded model, or the one that is being loaded or failed.
        pid: of the worker process.
        memory_bytes: main memory of the worker process.
        context_tokens: of the loaded model; 0 when none is.
        waiting: questions that wait for their turn.
        progress: how much of the model is loaded, from 0 to 1.
        note: something to know about the loaded model, or empty.
        error: why the phase is "failed" or "missing".
    """

    phase: Phase = "off"
    model: LocalModel | None = None
    pid: int | None = None
    memory_bytes: int | None = None
    context_tokens: int = 0
    waiting: int = 0
    progress: float = 0.0
    note: str = ""
    error: MorpheusError | None = None


class InferenceHost:
    """Answers with local models.

    Args:
        library: knows the models and how to load each.
        command: how the worker process is started.
        sleep: waits; another one in tests.
    """

    def __init__(
        self,
        library: ModelLibrary,
        settings: Settings,
        *,
        command: Callable[[], Sequence[str]] = process.command,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.changed: Emitter[HostState] = Emitter()
        self._library = library
        self._settings = settings
        self._command = command
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._tasks = Tasks()
        self._worker: WorkerProcess | None = None
        self._loaded: tuple[Path, LoadOptions] | None = None
        self._idle: asyncio.Task[None] | None = None
        self._crashes = 0
        self._closed = False
        self._state = HostState()
        if importlib.util.find_spec("llama_cpp") is None:
            self._state = HostState(phase="missing", error=process.MISSING)

    @property
    def state(self) -> HostState:
        """How things are now; memory is measured when this is read."""
        if self._worker is None or not self._worker.alive:
            return self._state
        return dataclasses.replace(
            self._state, pid=self._worker.pid, memory_bytes=self._worker.memory_bytes
        )

    async def load(self, model_id: str) -> None:
        """Load a model ('' is the default one) unless it is loaded already.

        Raises:
            NoModel, NotFound, ModelError, BackendError
        """
        model = self._usable(model_id)
        async with self._next_turn():
            await self._ready(model)

    async def unload(self) -> None:
        """Give the model's memory back, once the running answer is complete."""
        async with self._next_turn():
            await self._end()

    async def complete(self, request: Request) -> AsyncGenerator[Event, None]:
        """Answer a request when its turn comes; see backends.base.Backend.

        Close the iterator (contextlib.aclosing) or cancel the task that reads it to stop the
        model; both return when the model has stopped, within 100 ms.

        Raises:
            NoModel, NotFound, ModelError, BackendError, ContextTooLong, BadRequest
        """
        sampling.check(request.sampling)
        model = self._usable(request.model)
        request, dropped = sending.shortened(
            request, self._library.options(model.id).context_tokens
        )
        async with self._next_turn(), self._working(model) as worker:
            events = worker.run(
                "complete",
                lambda: {"request": messages.from_request(request)},
                first_s=sending.prompt_s(request),
            )
            async with contextlib.aclosing(events):
                async for message in events:
                    event = messages.to_event(message)
                    if isinstance(event, Started):
                        event = dataclasses.replace(
                            event, dropped_turns=event.dropped_turns + dropped
                        )
                    elif isinstance(event, Finished):
                        self._crashes = 0
                    if event is not None:
                        yield event

    async def embed(self, model_id: str, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """The vector of each text, of length 1, and the number of tokens read.

        Raises:
            NoModel, NotFound, ModelError, BackendError, ContextTooLong, BadRequest
        """
        model = self._usable(model_id)
        sending.check_texts(texts)
        vectors: list[list[float]] = []
        tokens = 0
        async with self._next_turn(), self._working(model) as worker:
            events = worker.run("embed", lambda: {"texts": list(texts)})
            async with contextlib.aclosing(events):
                async for message in events:
                    if message["event"] == "vector":
                        vectors.append(message["values"])
                        tokens += message["tokens"]
        return vectors, tokens

    async def count_tokens(self, model_id: str, turns: Sequence[Turn]) -> int:
        """Tokens of a conversation: counted while its model is loaded and idle, else estimated.

        It neither loads a model, nor waits for an answer, nor counts what is far too long, so
        it can follow somebody typing.
        """
        model = self._usable(model_id)
        worker, loaded = self._worker, self._loaded
        request = Request(model.id, tuple(turns))
        if (
            worker is None
            or loaded is None
            or loaded[0] != model.path
            or self._turn.locked()
            or sending.characters(request) > sending.room(self._state.context_tokens)
        ):
            return sending.estimated_tokens(request)
        async with self._next_turn():
            events = worker.run(
                "count",
                lambda: messages.from_request(request),
                first_s=sending.prompt_s(request),
            )
            async with contextlib.aclosing(events), _explained():
                return int((await anext(events))["tokens"])

    def open(self) -> None:
        """Take questions again after `close`."""
        self._closed = False

    async def close(self) -> None:
        """End everything at once; whoever waits for an answer gets a BackendError."""
        self._closed = True
        await self._tasks.close()
        if self._worker is not None:
            await self._worker.kill()
        # Whoever waits is told so, one after the other; then nothing can start any more.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S), self._turn:
                pass
        await self._end()

    def _usable(self, model_id: str) -> LocalModel:
        model = self._library.find(model_id)
        if model.problem:
            raise ModelError(model.problem, hint="Choose another model.")
        return model

    @contextlib.asynccontextmanager
    async def _next_turn(self) -> AsyncIterator[None]:
        """Wait for the turn, first come first served, and have it inside the block."""
        self._cancel_idle()
        if self._turn.locked():
            self._set(waiting=self._state.waiting + 1)
            try:
                await self._turn.acquire()
            finally:
                self._set(waiting=self._state.waiting - 1)
        else:
            await self._turn.acquire()
        try:
            self._require_open()
            yield
        finally:
            self._turn.release()
            self._watch_idle()

    def _require_open(self) -> None:
        if self._closed:
            raise BackendError("The app is closing.")

    @contextlib.asynccontextmanager
    async def _working(self, model: LocalModel) -> AsyncIterator[WorkerProcess]:
        worker = await self._ready(model)
        self._set(phase="busy")
        try:
            async with _explained():
                yield worker
        finally:
            if self._worker is worker:
                self._set(phase="ready")

    async def _ready(self, model: LocalModel) -> WorkerProcess:
        """The worker with this model loaded."""
        options = self._library.options(model.id)
        if self._worker is not None and self._loaded == (model.path, options):
            return self._worker
        await self._end()
        if self._crashes > 1:
            await self._sleep(min(2.0 ** (self._crashes - 2), LONGEST_PAUSE_S))
        self._set(phase="loading", model=model, progress=0.0, error=None)
        failure: MorpheusError | None = None
        try:
            worker = self._worker = await WorkerProcess.start(self._command(), self._exited)
            self._require_open()
            await worker.greet()
            await self._load(worker, model, options)
        except MorpheusError as error:
            failure = error
            raise
        finally:
            if self._loaded is None:
                await self._end(failure)
        return worker

    async def _load(self, worker: WorkerProcess, model: LocalModel, options: LoadOptions) -> None:
        events = worker.run(
            "load",
            lambda: {**dataclasses.asdict(options), "path": str(model.path)},
            first_s=LOAD_SILENCE_S,
            later_s=LOAD_SILENCE_S,
        )
        try:
            async with _explained(), contextlib.aclosing(events):
                async for message in events:
                    if message["event"] == "progress":
                        self._set(progress=message["part"])
        except BackendError as error:
            if not worker.crashed:
                raise
            raise ModelError(
                f"The model cannot be loaded. {error.message}",
                safe="Nothing else is affected.",
                hint="The file may be damaged, or too large for this computer's memory.",
            ) from error
        self._loaded = (model.path, options)
        self._set(
            phase="ready",
            progress=1.0,
            context_tokens=message["context_tokens"],
            note="" if message["has_template"] else NO_TEMPLATE,
        )

    async def _end(self, failure: MorpheusError | None = None) -> None:
        """End the worker, if there is one; `failure` is why."""
        worker, self._worker = self._worker, None
        self._loaded = None
        if worker is not None:
            await worker.kill()
        if failure is None:
            self._show(HostState(waiting=self._state.waiting))
        else:
            self._set(phase="missing" if isinstance(failure, NoModel) else "failed", error=failure)

    def _exited(self, worker: WorkerProcess) -> None:
        """A worker has ended: it crashed, or was ended because it did not obey."""
        if worker.crashed:
            self._crashes += 1
        if worker is not self._worker:
            return
        self._worker = None
        self._loaded = None
        if worker.crashed:
            self._set(phase="failed", error=worker.death(), context_tokens=0, note="")
        else:
            self._show(HostState(waiting=self._state.waiting))

    def _cancel_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _watch_idle(self) -> None:
        self._cancel_idle()
        after_s = self._settings.current.inference.idle_unload_s
        if self._worker is not None and after_s and not self._closed and not self._state.waiting:
            self._idle = self._tasks.spawn("unload idle model", self._unload_idle(after_s))

    async def _unload_idle(self, after_s: float) -> None:
        await self._sleep(after_s)
        self._idle = None  # from here on it is not to be cancelled by the next question
        async with self._turn:
            log.info("the local model was not used for %.0f s and is unloaded", after_s)
            await self._end()

    def _set(self, **changes: Any) -> None:
        self._show(dataclasses.replace(self._state, **changes))

    def _show(self, state: HostState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(self.state)


@contextlib.asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """Says what it means when the worker was silent for too long."""
    try:
        yield
    except TimeoutError as error:
        raise ModelError(
            "The model did not react in time, so its process was ended.",
            safe="Nothing else is affected.",
            hint="Its chat template may be faulty. Get the model from another source, or choose "
            "another model.",
        ) from error
