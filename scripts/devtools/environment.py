"""The private environment in .venv: made once, completed after changes, skipped when it is right."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from devtools import model, system
from devtools.say import Stopped, say

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
LOCKS = ROOT / "requirements"
WITHOUT_RUNTIME = "without-runtime"
OLDEST, NEWEST = (3, 11), (3, 13)


def need_python() -> None:
    """Go on with a Python that fits, if this one does not and there is another.

    Exits with a sentence when there is none.
    """
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            sys.exit(subprocess.run([found, *sys.argv], check=False).returncode)
    say(
        f"This is Python {platform.python_version()}; Morpheus Desktop needs 3.11, 3.12 or 3.13. "
        "Install one of them and start this command with it."
    )
    sys.exit(1)


def prepare(*, dev: bool) -> None:
    """Install what is missing. Nothing is done when the last set-up still fits.

    Raises:
        Stopped: a step failed; what was installed stays and the next try goes on from there.
    """
    stamp = VENV / ("stamp-dev" if dev else "stamp-app")
    wanted = _fingerprint(dev=dev)
    compiler_came = (VENV / WITHOUT_RUNTIME).exists() and system.has_compiler()
    if _read(stamp) == wanted and model.is_there() and not compiler_came:
        return
    if _read(VENV / "stamp-python") != _python():
        say("Making .venv …")
        venv.EnvBuilder(clear=True, with_pip=True).create(VENV)
        (VENV / "stamp-python").write_text(_python())
    say("Installing the libraries of the app …")
    _install("app.lock")
    _install_local_runtime()
    if dev:
        if (VENV / WITHOUT_RUNTIME).exists():
            raise Stopped(f"The tests need a C++ compiler. {system.COMPILER_HINT}")
        say("Installing the tools for checks and tests …")
        _install("dev.lock", **build_variables())
    model.fetch(PYTHON)
    stamp.write_text(wanted)
    (VENV / "stamp-app").write_text(_fingerprint(dev=False))
    say("Set up.")


def _install_local_runtime() -> None:
    """Build the bindings of llama.cpp, or say why they will be missing."""
    (VENV / WITHOUT_RUNTIME).unlink(missing_ok=True)
    there = _has_module("llama_cpp")
    if system.has_compiler():
        if not there:
            say("Building the runtime for local models (two to four minutes, once) …")
        _install("local.lock", **build_variables())
    elif not there:
        (VENV / WITHOUT_RUNTIME).touch()
        say(
            "No C++ compiler was found, so chat with local models will not work yet; everything "
            f"else will. {system.COMPILER_HINT} Then start this command again."
        )


def build_variables() -> dict[str, str]:
    """What makes the build of llama.cpp small: no tools, no image projector, portable code."""
    trim = ROOT / "scripts" / "llama-trim.cmake"
    return {
        "CMAKE_ARGS": "-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF "
        f"-DCMAKE_PROJECT_TOP_LEVEL_INCLUDES={trim.as_posix()}"
    }


def _install(lock: str, **variables: str) -> None:
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", str(LOCKS / lock)],
        env={**os.environ, **variables},
        check=False,
    )
    if done.returncode:
        raise Stopped(
            f"Installing requirements/{lock} failed; the lines above say why. Nothing of yours was "
            "changed. Check the connection and the free space, then start this command again."
        )


def hand_over(*arguments: str) -> int:
    """Let the environment's Python go on from the project's folder."""
    command = [PYTHON, *arguments]
    if os.name != "nt":
        os.chdir(ROOT)
        os.execv(PYTHON, command)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _has_module(name: str) -> bool:
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({name!r}) is None)"
    return subprocess.run([PYTHON, "-c", check], check=False).returncode == 0


def _fingerprint(*, dev: bool) -> str:
    digest = hashlib.sha256(_python().encode())
    for name in ("app.lock", "local.lock", *(("dev.lock",) if dev else ())):
        digest.update((LOCKS / name).read_bytes())
    return digest.hexdigest()


def _python() -> str:
    """What an environment depends on; not the kernel, which changes with every update."""
    system_of = (sys.platform, platform.machine(), *platform.libc_ver())
    return " ".join((platform.python_version(), *system_of, str(ROOT)))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
