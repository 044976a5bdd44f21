"""Which screen a test process has when several share the tests (`-n 2`).

One keyboard and one focus cannot serve two tests at once, so `scripts/test` starts a screen for each
process and names them all in $SCREENS.
"""

import os


def pytest_configure() -> None:
    """Take the screen of this process, before anything opens a window."""
    screens = os.environ.get("SCREENS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, …
    if screens and worker:
        # One that takes the place of a worker that crashed has the next number.
        os.environ["DISPLAY"] = screens[int(worker.removeprefix("gw")) % len(screens)]
