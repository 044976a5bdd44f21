"""The real app as a process of its own, worked from outside with keyboard and mouse (xdotool).

What it did is read from its files: chats from the database, the address of its interface from the
log. Nothing in the app knows that it is tested.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from PySide6.QtGui import QGuiApplication, QImage

ROOT = Path(__file__).parents[2]
# Not how long a thing may take (benchmarks measure that), but when to give up on a hang.
HANG_S = 90.0
POLL_S = 0.05
STILL = 4  # so many pictures in a row are the same

needs_keyboard = pytest.mark.skipif(
    not os.environ.get("DISPLAY") or shutil.which("xdotool") is None,
    reason="needs an X screen and xdotool: scripts/test brings both on Linux",
)

T = TypeVar("T")


def wait_for(what: str, condition: Callable[[], T | None]) -> T:
    """The first true result of `condition`; fails when it never comes."""
    end = time.monotonic() + HANG_S
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(POLL_S)
    raise AssertionError(f"waited in vain for: {what}")


class RunningApp:
    """One start of the app on a data folder."""

    def __init__(
        self,
        folder: Path,
        *,
        program: str = sys.executable,
        command: tuple[str, ...] = ("-m", "morpheus_desktop"),
    ):
        self.folder = folder
        self._log = folder / "logs" / "morpheus.log"
        self._log_begin = self._log.stat().st_size if self._log.exists() else 0
        self._seen: dict[int, psutil.Process] = {}
        self.process = subprocess.Popen(
            [program, *command, "--data-dir", str(folder), "--api", "127.0.0.1:0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ready(self) -> "RunningApp":
        """Wait until the window is up, has the keyboard, and the models are known."""
        self.window = int(wait_for("the window", self._find_window))
        self._xdotool("windowactivate", "--sync", str(self.window))
        wait_for("the models", lambda: b"smollm2" in self._get("/v1/models"))
        wait_for("the chats", lambda: self._get("/v1/chats"))
        return self

    # What a person does

    def press(self, *keys: str) -> None:
        """Press keys, each like "Return" or "ctrl+k"."""
        self._xdotool("key", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "15", text)

    def command(self, words: str) -> None:
        """Choose a command, or with # a chat, in the palette once its list stands still."""
        self.press("ctrl+k")
        self.type(words)
        seen: list[QImage] = []

        def still() -> bool:
            window = self.picture()  # what is behind the palette may move on
            width, height = window.width(), window.height()
            first_rows = width * 3 // 10, height * 18 // 100, width * 4 // 10, height * 12 // 100
            seen.append(window.copy(*first_rows))
            return len(seen) > STILL and all(each == seen[-1] for each in seen[-STILL:])

        wait_for("the palette to stand still", still)
        self.press("Return")

    def minimize(self) -> None:
        """Put the window away."""
        self._xdotool("windowminimize", str(self.window))

    def close_window(self) -> None:
        """Have the window manager close the window."""
        self.press("alt+F4")

    # What can be seen of it

    def picture(self) -> QImage:
        """The window as the screen shows it; the test needs `qapp`."""
        return QGuiApplication.primaryScreen().grabWindow(self.window).toImage()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says now; empty before it was made."""
        file = self.folder / "chats.db"
        if not file.exists():
            return []
        database = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:  # the tables are being made
            return []
        finally:
            database.close()

    def last_answer(self) -> tuple[str, str]:
        """State and text of the newest answer."""
        query = "SELECT state, content FROM message WHERE role = 'assistant' ORDER BY id DESC"
        rows = self.rows(query)
        return rows[0] if rows else ("", "")

    def wait_for_answer(self, state: str) -> str:
        """The text of the newest answer once it has this state and is not empty."""

        def text() -> str:
            now, content = self.last_answer()
            return content if now == state else ""

        return wait_for(f"an answer that is {state}", text)

    def children(self) -> list[psutil.Process]:
        """Its processes now; all that were ever seen must be gone at the end."""
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            found = []
        self._seen.update((child.pid, child) for child in found)
        return found

    def has_keyboard(self) -> bool:
        """Whether its window is the active one."""
        active = self._xdotool("getactivewindow", check=False).strip()
        return active == str(self.window)

    # How it ends

    def ended(self, *, said: str = "") -> int:
        """Wait until it ends by itself; checks what must hold after every end. The exit code."""
        output, _ = self.process.communicate(timeout=HANG_S)
        wait_for("its processes to end", lambda: not any(map(_lives, self._seen.values())))
        assert output == said
        with sqlite3.connect(self.folder / "chats.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        return self.process.returncode

    def kill(self) -> None:
        """End it the hard way if a test has left it running."""
        for process in (*self.children(), self.process):
            process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    # Inside

    def _find_window(self) -> str:
        assert self.process.poll() is None, self.process.communicate()[0]
        pid = str(self.process.pid)
        return self._xdotool("search", "--onlyvisible", "--pid", pid, check=False).strip()

    def _get(self, path: str) -> bytes:
        found = re.findall(r"listening on (http://\S+)", self._new_log())
        if not found:
            return b""
        _, _, key = (self.folder / ".cookie").read_text().partition(":")
        request = urllib.request.Request(
            found[-1] + path, headers={"Authorization": f"Bearer {key.strip()}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=HANG_S) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:  # that part is still starting
            error.close()
            return b""
        return body

    def _new_log(self) -> str:
        if not self._log.exists():
            return ""
        return self._log.read_bytes()[self._log_begin :].decode()

    @staticmethod
    def _xdotool(*arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], capture_output=True, text=True, check=check, timeout=HANG_S
        )
        return done.stdout


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; one that is dead and not yet buried by the system does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
