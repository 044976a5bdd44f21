"""How long the bundle takes from its start to a painted window, with and without its files in
memory. For people to read: no test fails by it.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from devtools import screen
from devtools.say import Stopped

from installers import bundle

RUNS = 5
LIMIT_S = 30.0
TOKENS = json.loads((bundle.ROOT / "resources/theme/tokens.json").read_text(encoding="utf-8"))
# The colour of the product's mark as a virtual screen keeps it (blue, green, red). The mark is on
# the first screen, and nothing but the painted window has this colour.
ACCENTS = [bytes.fromhex(TOKENS["color"][theme]["accent"][1:])[::-1] for theme in ("dark", "light")]


def first_window() -> None:
    """Print the times, cold and warm."""
    for name, cold in (("cold", True), ("warm", False)):
        times = [_one_start(cold=cold) for _ in range(RUNS)]
        values = ", ".join(f"{value:.0f}" for value in times)
        print(f"first window, {name}: {statistics.median(times):.0f} ms ({values})")


def _one_start(*, cold: bool) -> float:
    """Milliseconds from the start of the program to its first painted window.

    Raises:
        Stopped: no window was seen.
    """
    with tempfile.TemporaryDirectory() as place, screen.virtual("-fbdir", place) as variables:
        if cold:
            forget(bundle.FOLDER)
        began = time.perf_counter()
        app = subprocess.Popen(
            [bundle.FOLDER / "morpheus-desktop", "--data-dir", f"{place}/data", "--api", ":0"],
            env={**os.environ, **variables},
        )
        try:
            while time.perf_counter() - began < LIMIT_S:
                pixels = Path(place, "Xvfb_screen0").read_bytes()
                if any(accent in pixels for accent in ACCENTS):
                    return (time.perf_counter() - began) * 1000
                time.sleep(0.002)
            raise Stopped("The program showed no window.")
        finally:
            app.terminate()
            app.wait()


def forget(folder: Path) -> None:
    """Have the system drop the files below a folder from its memory, as after a restart."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
