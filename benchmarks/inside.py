"""The app as it is measured: started as a child process, told on stdin what to do.

`python -m benchmarks.inside DATA_DIR` starts as `python -m morpheus_desktop` does. It tells when
its first frame was on the screen, then carries out the commands of `benchmarks.deeds`.
"""

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.child import say
from router import options as command_line

if TYPE_CHECKING:  # start-up is measured here: the app decides when it imports what
    from morpheus_desktop.desk import Desk


def main(argv: list[str]) -> int:
    """Run the app with this data folder until stdin ends."""
    options = command_line.parser("benchmark", "The app, measured.").parse_args(
        ["--data-dir", *argv, "--api", "127.0.0.1:0"]
    )
    from morpheus_desktop.app import Hooks, run  # as in morpheus_desktop.__main__

    return run(options, Hooks(painted=_painted, started=_serve))


def _painted(_desk: "Desk") -> None:
    say({"painted": time.monotonic(), "web3": "web3" in sys.modules})


async def _serve(desk: "Desk") -> None:
    from benchmarks.deeds import DEEDS  # the app has started: now it may take time

    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        say(await DEEDS[command.pop("do")](desk, **command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
