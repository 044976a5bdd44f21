"""The worker process as the host sees it: started, asked, stopped, and never left behind."""

import asyncio
import contextlib
import itertools
import logging
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

import router
from router.errors import BackendError, NoModel
from router.inference import messages
from router.inference.protocol import Decoder, ProtocolError, encode
from router.tasks import Tasks
from router.untrusted import one_line

log = logging.getLogger(__name__)

START_S = 30.0
SILENCE_S = 600.0
STOP_S = 1.0
LAST_WORDS_S = 0.5
KEPT_LINES = 20

MISSING = NoModel(
    "The part that runs models on this computer is not installed.",
    safe="Everything else works.",
    hint="It is built during setup, which needs a C++ compiler. Install one, then run the setup "
    "command again.",
)


def command() -> list[str]:
    """How the worker is started, from the source tree and from a bundle."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--inference-worker"]
    return [sys.executable, "-m", "router.inference.worker"]


class WorkerProcess:
    """One running worker. Make it with `start`; it answers one command at a time.

    Args:
        on_exit: called once when the process has ended, however that came.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, on_exit: Callable[["WorkerProcess"], None]
    ) -> None:
        self._process = process
        self._on_exit = on_exit
        self._ids = itertools.count(1)
        self._events: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._ended = asyncio.Event()
        self._expected = False
        self._tasks = Tasks()
        self._reader = self._tasks.spawn(f"worker {self.pid} events", self._read_events())

    @classmethod
    async def start(
        cls, argv: Sequence[str], on_exit: Callable[["WorkerProcess"], None]
    ) -> "WorkerProcess":
        """Start a worker; `greet` waits until it can be used.

        Raises:
            BackendError: there is no such program.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # `-m` looks for the package here, wherever the app was started.
                cwd=Path(router.__file__).parents[1],
                **_own_group(),
            )
        except OSError as error:
            raise BackendError(
                f"The model's process cannot be started: {error.strerror or error}."
            ) from error
        return cls(process, on_exit)

    async def greet(self) -> None:
        """Wait until the worker is there.

        Raises:
            NoModel: llama.cpp is not installed.
            BackendError: it ended, or says nothing.
        """
        try:
            first = await self.next_event(START_S)
        except TimeoutError as error:
            raise BackendError("The model's process does not start.") from error
        if first["event"] == "unavailable":
            log.warning("llama.cpp cannot be used: %s", first["reason"])
            raise MISSING

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether commands make sense."""
        return not self._ended.is_set()

    @property
    def crashed(self) -> bool:
        """Whether it ended without being told to."""
        return self._ended.is_set() and not self._expected

    @property
    def memory_bytes(self) -> int | None:
        """The main memory it uses, or None when it is gone."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return None

    async def run(
        self,
        op: str,
        values: Callable[[], Mapping[str, Any]],
        *,
        first_s: float = SILENCE_S,
        later_s: float = SILENCE_S,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Carry out a command; gives its events, the last of which is in messages.LAST.

        Closing the generator stops the command; afterwards the worker is free again, or dead
        when it did not obey within a second.

        Args:
            values: makes the rest of the command; called on a thread, as it may be long.
            first_s, later_s: longest wait for the first event and for each of the others.

        Raises:
            MorpheusError: the command failed.
            BackendError: the process ended.
            TimeoutError: it was silent for too long and was killed.
        """
        number = next(self._ids)
        line = await asyncio.to_thread(lambda: encode({"op": op, "id": number, **values()}))
        self._last_lines.clear()
        over = False
        try:
            await self._send(line)
            wait_s = first_s
            while not over:
                event = await self.next_event(wait_s)
                wait_s = later_s
                over = event["event"] in messages.LAST
                if event["event"] == "error":
                    raise messages.to_error(event)
                yield event
        finally:
            if not over and self.alive:
                await self._stop(number)

    async def next_event(self, within_s: float) -> dict[str, Any]:
        """The next event.

        Raises:
            BackendError: the process ended.
            TimeoutError: nothing came; the process was killed.
        """
        try:
            async with asyncio.timeout(within_s):
                event = await self._events.get()
        except TimeoutError:
            await self.kill()
            raise
        if event is None:
            self._events.put_nowait(None)
            raise self.death()
        return event

    def death(self) -> BackendError:
        """Why the process is gone, in words."""
        if self._expected:
            return BackendError("The model was unloaded while it was answering.")
        code = self._process.returncode
        said = f" It last said: {one_line(self._last_lines[-1], 160)}" if self._last_lines else ""
        return BackendError(
            f"The model's process ended unexpectedly ({_reason(code)}).{said}",
            safe="What was written so far is kept.",
            hint="Ask again: the model is started anew. If it happens again, choose a smaller "
            "model or a shorter context.",
        )

    async def kill(self) -> None:
        """End the process now, whatever it is doing: it holds nothing that could be lost.

        Waits until it is gone, also when cancelled: nobody else would look after what is left.
        """
        self._expected = True
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait([self._reader])
        except asyncio.CancelledError:
            await asyncio.wait([self._reader])
            raise

    async def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            async with asyncio.timeout(SILENCE_S):
                await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            await self._ended.wait()
            raise self.death() from error

    async def _stop(self, number: int) -> None:
        """Have a command stopped, and wait for it; a worker that does not obey is killed."""
        try:
            async with asyncio.timeout(STOP_S):
                await self._send(encode({"op": "stop", "id": number}))
                while (await self.next_event(SILENCE_S))["event"] not in messages.LAST:
                    pass
        except TimeoutError:
            log.warning("the model's process did not stop in time and is ended")
            await self.kill()
        except BackendError:
            pass  # it ended by itself; who asks next is told
        except asyncio.CancelledError:
            await self.kill()
            raise

    async def _read_events(self) -> None:
        """Read both pipes until the process has ended, then tell everybody who waits."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        decoder = Decoder()
        errors = self._tasks.spawn(f"worker {self.pid} log", self._read_log(self._process.stderr))
        try:
            while data := await self._process.stdout.read(65536):
                for event in decoder.feed(data):
                    self._events.put_nowait(event)
        except ProtocolError as error:
            self._last_lines.append(f"it sent what is no event: {error}")
            self._process.kill()
        await asyncio.wait([errors], timeout=LAST_WORDS_S)
        await self._process.wait()
        await asyncio.sleep(0)  # asyncio closes its side of the pipes one step after telling us
        if not self._expected:
            log.warning("the model's process ended: %s", _reason(self._process.returncode))
        self._ended.set()
        self._events.put_nowait(None)
        self._on_exit(self)

    async def _read_log(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while data := await stream.read(65536):
            *lines, rest = (rest + data).split(b"\n")
            rest = rest[-65536:]
            for line in lines:
                self._note(line)
        self._note(rest)

    def _note(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if text:
            log.debug("worker %d: %s", self.pid, text)
            self._last_lines.append(text)


def _own_group() -> dict[str, Any]:
    """Out of reach of Ctrl+C in the terminal, which is the app's to handle."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _reason(code: int | None) -> str:
    """An exit code in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    hint = ", often because memory ran out" if name == "SIGKILL" else ""
    return f"signal {name}{hint}"
