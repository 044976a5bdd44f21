"""The real node as a process of its own, without a window, and what it said."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = ("router",)
HANG_S = 45.0  # when to give up, not how long it may take


class Headless:
    """One start of `python -m router` on a data folder."""

    def __init__(self, folder: Path, *options: str, program: Sequence[str] = PROGRAM) -> None:
        self.folder = folder
        options = options or ("--api", "127.0.0.1:0")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *program, "--data-dir", str(folder), *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = ""

    def ready(self) -> "Headless":
        """Wait until it listens; fails when it ends instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Listening on "), line or self.ended()
        self.url = f"http://{line.split()[-1]}"
        return self

    def request(self, path: str, value: Any = None) -> urllib.request.Request:
        """A request with the key of the data folder; one with a value is a POST."""
        _, _, password = (self.folder / ".cookie").read_text().partition(":")
        headers = {"Authorization": f"Bearer {password}", "Content-Type": "application/json"}
        data = None if value is None else json.dumps(value).encode()
        return urllib.request.Request(self.url + path, data, headers)

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        return self.post(path, None)

    def post(self, path: str, value: Any) -> Any:
        """Send a value; the JSON of the answer."""
        with urllib.request.urlopen(self.request(path, value), timeout=HANG_S) as answer:
            return json.load(answer)

    def ended(self) -> tuple[int, str]:
        """Wait for its end; its code and what it said on stderr."""
        _, words = self.process.communicate(timeout=HANG_S)
        return self.process.returncode, words

    def stop(self) -> tuple[int, str]:
        """Ask it to end."""
        self.process.terminate()
        return self.ended()


@contextlib.contextmanager
def headless(folder: Path, *options: str, program: Sequence[str] = PROGRAM) -> Iterator[Headless]:
    """A node that is killed at the latest when the block is left."""
    node = Headless(folder, *options, program=program)
    try:
        yield node
    finally:
        node.process.kill()
        node.process.communicate()
