"""Sets up, runs, checks and tests the project: the one developer interface, on every platform.

Needs nothing but Python 3.11 to 3.13. `scripts/run` and `scripts/test` are thin wrappers over it.
"""

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from devtools import checks, environment, locks, screen, system
from devtools.say import Stopped, say


def main(argv: list[str]) -> int:
    """Run one command; 0 when it worked."""
    parser = argparse.ArgumentParser(prog="scripts/dev.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in {
        "setup": "make .venv with everything the app needs (--dev: and the tests)",
        "run": "set up and open the app; 'run router' is the node without a window",
        "test": "set up, check and pass the tests; further arguments go to pytest",
        "check": "format, lint, types, layers",
        "fmt": "format the code and fix what can be fixed",
        "lock": "renew the requirements files",
        "package": "build the application folder and the Debian package, and test them",
    }.items():
        commands.add_parser(name, help=words, add_help=name not in ("run", "test"))
    options, rest = parser.parse_known_args(argv)
    try:
        return COMMANDS[options.command](rest)
    except Stopped as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Interrupted. Nothing is broken: start the same command again.")
        return 130


def setup(rest: list[str]) -> int:
    """Make or complete .venv."""
    environment.prepare(dev="--dev" in rest)
    return 0


def run(rest: list[str]) -> int:
    """Open the app, or with `router` first serve without a window."""
    environment.prepare(dev=False)
    module = "morpheus_desktop"
    if rest[:1] == ["router"]:
        module, rest = "router", rest[1:]
    else:
        system.need_qt_libraries()
    return environment.hand_over("-m", module, *rest)


# All tests together are shared by this many processes, each with a screen of its own, file by file:
# what the tests of a file share is then made once.
PROCESSES = 2
SHARED = ["-n", str(PROCESSES), "--dist", "loadfile"]


def test(rest: list[str]) -> int:
    """Check and test everything, or with arguments only what they name."""
    environment.prepare(dev=True)
    system.need_qt_libraries()
    system.need_test_tools()
    system.install_evm_tools()
    if not rest:
        code = check([])
        if code:
            return code
    with contextlib.ExitStack() as ends:
        screens = [ends.enter_context(screen.virtual()) for _ in range(1 if rest else PROCESSES)]
        names = " ".join(each.get("DISPLAY", "") for each in screens)
        done = subprocess.run(
            [environment.PYTHON, "-m", "pytest", *(rest or SHARED)],
            cwd=environment.ROOT,
            env={**os.environ, **screens[0], "SCREENS": names},
            check=False,
        )
    return done.returncode


def check(_rest: list[str]) -> int:
    """All checks but the tests."""
    environment.prepare(dev=True)
    return checks.run(checks.CHECKS)


def fmt(_rest: list[str]) -> int:
    """Format, and fix what the linter can fix."""
    environment.prepare(dev=True)
    return checks.run(checks.FIXES)


def lock(_rest: list[str]) -> int:
    """Renew the requirements files from pyproject.toml."""
    locks.renew()
    return 0


def package(_rest: list[str]) -> int:
    """Build what people install, then test it."""
    build = [sys.executable, environment.ROOT / "installers" / "build.py", "deb"]
    return subprocess.run(build, check=False).returncode or test(["tests/packaged"])


COMMANDS = {
    "setup": setup,
    "run": run,
    "test": test,
    "check": check,
    "fmt": fmt,
    "lock": lock,
    "package": package,
}

if __name__ == "__main__":
    environment.need_python()
    sys.exit(main(sys.argv[1:]))
