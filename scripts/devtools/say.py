"""Plain lines about what goes on, and the one way to stop with a reason."""

import sys


class Stopped(Exception):
    """The command cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """A line for the person at the keyboard; stdout stays free for what the command prints."""
    print(text, file=sys.stderr, flush=True)
