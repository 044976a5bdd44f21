"""A program that sleeps as on a computer that does: stopped for a moment, and by the clock of the
day for as long as the test says.

    python -m tests.support.sleeper CLOCK MODULE ARGUMENTS
"""

import contextlib
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil


def sleeper(clock: Path, *module: str) -> tuple[str, ...]:
    """What to run so that a module can be put to sleep; the file holds how long it slept."""
    clock.write_text("0")
    return ("tests.support.sleeper", str(clock), *module)


@contextlib.contextmanager
def asleep(process: subprocess.Popen[str], clock: Path, seconds: float) -> Iterator[None]:
    """The process does nothing in the block; so many seconds were slept at its end."""
    stopped = psutil.Process(process.pid)
    stopped.suspend()
    while stopped.status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    yield
    clock.write_text(str(float(clock.read_text()) + seconds))
    stopped.resume()


def _run(clock: Path) -> None:
    slept = 0.0
    awake = time.time

    def wake(_number: int, _frame: object) -> None:
        nonlocal slept
        slept = float(clock.read_text())

    signal.signal(signal.SIGCONT, wake)
    # Before anything of the program is imported, so that all of it is told this time.
    time.time = lambda: awake() + slept
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _, file, *sys.argv = sys.argv
    _run(Path(file))
