"""The child process that holds the model: commands come in on stdin, events go out on stdout.

It ends at once when its stdin closes or its parent dies, whatever it is doing. One thread reads
commands, so that a stop is heard while the main thread computes.
"""

import ctypes
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any, BinaryIO, NoReturn

from router.inference.abort import AbortFlag
from router.inference.protocol import Decoder, ProtocolError, encode

_PR_SET_PDEATHSIG = 1


class Inbox:
    """The commands of the host, read by a thread of its own.

    Args:
        flag: raised when the running command is to stop.
    """

    def __init__(self, stream: BinaryIO, flag: AbortFlag) -> None:
        self._stream = stream
        self._flag = flag
        self._commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running = self._to_stop = 0
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def next(self) -> dict[str, Any]:
        """Wait for the next command; from now on it is the running one."""
        command = self._commands.get()
        with self._lock:
            self._running = command["id"]
            # The stop may have come before its command was begun.
            self._flag.set(raised=self._running == self._to_stop)
        return command

    def _read(self) -> NoReturn:
        decoder = Decoder()
        try:
            while data := self._stream.read1(65536):  # type: ignore[attr-defined]
                for command in decoder.feed(data):
                    self._take(command)
        except ProtocolError as error:
            sys.stderr.write(f"the host sent what is no command: {error}\n")
        # Not sys.exit, which would wait for the main thread to finish computing.
        os._exit(0)

    def _take(self, command: dict[str, Any]) -> None:
        if command["op"] != "stop":
            self._commands.put(command)
            return
        with self._lock:
            self._to_stop = command["id"]
            if self._to_stop == self._running:
                self._flag.set(raised=True)


def main() -> NoReturn:
    """Serve the process that started this one, until it closes the pipe."""
    _die_with_parent()
    stdin, stdout = _own_pipes()
    flag = AbortFlag()
    inbox = Inbox(stdin, flag)
    try:
        # Here and not above: it loads native code, which takes time and may be missing.
        from router.inference.commands import Commands
    except (ImportError, OSError, RuntimeError) as error:
        _say(stdout, 0, {"event": "unavailable", "reason": str(error)})
        sys.exit(1)
    running = 0

    def say(event: Mapping[str, Any]) -> None:
        _say(stdout, running, event)

    commands = Commands(flag, say)
    say({"event": "hello"})
    while True:
        command = inbox.next()
        running = command["id"]
        commands.run(command)


def _say(stream: BinaryIO, command_id: int, event: Mapping[str, Any]) -> None:
    try:
        stream.write(encode({"id": command_id, **event}))
        stream.flush()
    except OSError:
        os._exit(0)  # nobody listens any more


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, out of reach of native code that prints or reads as it likes."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return stdin, stdout


def _die_with_parent() -> None:
    """On Linux the kernel ends this process with its parent; elsewhere the pipe's end does."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main()
