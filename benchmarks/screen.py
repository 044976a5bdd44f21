"""A screen for the windows that are measured: the one that is there, else a virtual one."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

SIZE = "1600x1200x24"


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """Have windows of child processes shown somewhere inside the block.

    Raises:
        RuntimeError: there is no screen and no virtual one can be had.
    """
    there = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & os.environ.keys()
    if sys.platform != "linux" or there:
        yield
        return
    if shutil.which("Xvfb") is None:
        raise RuntimeError("There is no screen. Install Xvfb, or start this in a desktop.")
    reading, writing = os.pipe()
    server = _start("Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, keep=(writing,))
    os.close(writing)
    running = [server]
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("The virtual screen (Xvfb) did not start.")
        os.environ["DISPLAY"] = f":{number}"
        if shutil.which("openbox") is not None:
            # Without a window manager no window has the keyboard, and no caret blinks.
            running.append(_start("openbox", "--sm-disable"))
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        for process in reversed(running):
            process.terminate()
            process.wait()


def _start(*argv: str, keep: tuple[int, ...] = ()) -> "subprocess.Popen[bytes]":
    nothing = subprocess.DEVNULL
    return subprocess.Popen(argv, pass_fds=keep, stdout=nothing, stderr=nothing)
