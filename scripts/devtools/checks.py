"""The checks besides the tests, in the order in which they are quickest to fail."""

import subprocess
from pathlib import Path

from devtools import environment
from devtools.say import say

TOOLS = Path(environment.PYTHON).parent
CHECKS = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("lint-imports", "--no-cache"),
    ("mypy",),
)
FIXES = (("ruff", "check", "--fix", "."), ("ruff", "format", "."))


def run(steps: tuple[tuple[str, ...], ...]) -> int:
    """Run all steps; the code of the first that fails, or 0."""
    for step in steps:
        say(f"> {' '.join(step)}")
        program, *arguments = step
        done = subprocess.run([TOOLS / program, *arguments], cwd=environment.ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0
