"""The application folder, made by PyInstaller in an environment of its own."""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from devtools import environment, model
from devtools.say import Stopped, say

ROOT = environment.ROOT
WORK = ROOT / "build"
PYTHON = WORK / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FOLDER = ROOT / "dist" / "morpheus-desktop"
STAMP = ROOT / "dist" / "bundle-source.sha256"
LOCK = environment.LOCKS / "build.lock"
# All that a bundle is made of, and nothing else.
SOURCES = ("router", "morpheus_desktop", "resources", "installers", "requirements/build.lock")
LARGEST_MB = 350


def build() -> None:
    """Make the folder anew.

    Raises:
        Stopped: a step failed, or the result is too large.
    """
    before = fingerprint()
    _prepare()
    say("Collecting the bundle …")
    command = [str(PYTHON), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(FOLDER.parent), "--workpath", str(WORK / "pyinstaller")]
    _run([*command, str(ROOT / "installers" / "morpheus.spec")], **reproducible())
    STAMP.write_text(before)
    whole, models = (size_mb(folder) for folder in (FOLDER, FOLDER / "_internal/resources/models"))
    say(f"{FOLDER}: {whole - models:.0f} MB and {models:.0f} MB of model")
    if whole - models > LARGEST_MB:
        raise Stopped(f"That is more than {LARGEST_MB} MB. Look for what came in.")


def is_current() -> bool:
    """Whether there is a bundle, made of the source as it is now."""
    return STAMP.is_file() and STAMP.read_text() == fingerprint()


def fingerprint() -> str:
    """The source that a bundle is made of, as a hash."""
    digest = hashlib.sha256()
    for file in sorted(_sources()):
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0{file.stat().st_size}\0".encode())
        if file.suffix != ".gguf":  # checked when it was fetched
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        for file in path.rglob("*") if path.is_dir() else (path,):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def size_mb(folder: Path) -> float:
    """What a folder takes on the disk; a link counts nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files) / 1e6


def reproducible() -> dict[str, str]:
    """Variables that make two builds of one commit alike: its date, and an order of sets."""
    date = os.environ.get("SOURCE_DATE_EPOCH")
    if date is None:
        command = ["git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        date = done.stdout.strip() or "315532800"  # no git here: 1980, where zip files begin
    return {"SOURCE_DATE_EPOCH": date, "PYTHONHASHSEED": "0"}


def _prepare() -> None:
    """Fill build/venv from the lock, unless that was done; fetch the model.

    It is not .venv: what is installed for tests must not find its way into the bundle.
    """
    stamp = PYTHON.parents[1] / "stamp"
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        say("Making the build environment in build/venv …")
        venv.EnvBuilder(clear=True, with_pip=True).create(PYTHON.parents[1])
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(
            [*command, "--require-hashes", "-r", str(LOCK)],
            **environment.build_variables(),
        )
        stamp.write_text(wanted)
    model.fetch(str(PYTHON))


def _run(command: list[str], **variables: str) -> None:
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False)
    if done.returncode:
        raise Stopped(f"{Path(command[2]).name} failed; the lines above say why.")
