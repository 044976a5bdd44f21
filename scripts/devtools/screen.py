"""A virtual screen for tests: an X server without a monitor and a small window manager."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from devtools.say import Stopped

SIZE = "1600x1200x24"


@contextlib.contextmanager
def virtual(*options: str) -> Iterator[dict[str, str]]:
    """Start the screen and give the variables that lead to it; elsewhere than on Linux, none.

    Args:
        options: more of them for the X server.

    Raises:
        Stopped: the X server did not start.
    """
    if sys.platform != "linux":
        yield {}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp", *options],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    if not number:
        server.wait()
        raise Stopped("The virtual screen (Xvfb) did not start.")
    variables = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    manager = subprocess.Popen(
        ["openbox", "--sm-disable"],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield variables
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()
