"""Processes that are measured: asked with a JSON object a line, answering with one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]
EXIT_S = 10.0

Answer = dict[str, Any]


class Child:
    """`python -m benchmarks.MODULE`, running inside a `with` block.

    `started` is the time before it was started, in seconds of `time.monotonic`, the clock that
    all processes of a computer share. It ends when its stdin closes.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        # As for users: compiled modules are kept from one start to the next.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            cwd=ROOT,
            env=kept,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(EXIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def next(self) -> Answer:
        """What it says next.

        Raises:
            RuntimeError: it ended instead; what was wrong is on stderr.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with code {self._process.wait()}")
        answer: Answer = json.loads(line)
        return answer

    def ask(self, do: str = "", **values: object) -> Answer:
        """Have something done, and wait for the result.

        Raises:
            RuntimeError: it ended instead.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and `next` says how
        return self.next()


def say(answer: Answer) -> None:
    """In the child: tell the benchmark something."""
    print(json.dumps(answer), flush=True)


def serve(work: Callable[[Answer], Answer]) -> None:
    """In the child: answer every question until there are no more."""
    for line in sys.stdin:
        say(work(json.loads(line)))
