"""What both programs of a bundle start: the program's name says which of the two it is.

What starts a child process goes to the app's entry under either name: the node without a window
starts its model's process and the demo network from its own program file.
"""

import os
import sys
from pathlib import Path

CHILDREN = ("--inference-worker", "--demo-chain")


def main() -> int:
    """Run the app or the node without a window; the exit code."""
    give_back_library_path()
    is_child = sys.argv[1:2] and sys.argv[1] in CHILDREN
    if Path(sys.executable).stem == "morpheus-router" and not is_child:
        from router.__main__ import main as run  # start-up: Qt is for the other program
    else:
        from morpheus_desktop.__main__ import main as run
    return run()


def give_back_library_path() -> None:
    """Let programs that the app opens, a browser for one, use the system's libraries.

    The bundle's start program points LD_LIBRARY_PATH at the bundle and keeps what it was.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before


if __name__ == "__main__":
    sys.exit(main())
