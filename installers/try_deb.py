"""Tries the Debian package as a new user does: on a minimal Debian of its own, without network.

    python installers/try_deb.py dist/morpheus-desktop_VERSION_amd64.deb PICTURES

Makes the Debian with debootstrap below /tmp, installs the package with apt, chats as an ordinary
user on a virtual screen, leaves pictures of it in the folder PICTURES, removes the package and
fails when anything is left outside the user's data. Needs root and Debian's debootstrap, iproute2,
xvfb, openbox, xdotool and imagemagick.
"""

import contextlib
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from installers.debian import NAME  # isort: skip - it makes devtools known
from devtools import screen
from devtools.say import Stopped, say

SUITE = "bookworm"
USER = "visitor"
QUESTION = "What is two plus two?"  # the small model seldom ends in a loop on it
HANG_S = 300.0  # when to give up, not how long it may take
MOUNTED = "mounted"
T = TypeVar("T")
# What changes on any Debian by itself, and what is mounted.
NOT_COMPARED = ("dev", "proc", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "home")


def main(argv: list[str]) -> int:
    """Try one package; 0 when all went as it should.

    It goes on in a mount namespace of its own: whatever happens, no mount is left over that
    deleting the tree could reach through.
    """
    if argv[:1] != [MOUNTED]:
        package, pictures = (str(Path(argument).resolve()) for argument in argv)
        root = tempfile.mkdtemp(prefix="try-deb-", dir="/tmp")
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, __file__]
        try:
            return subprocess.run(
                [*command, MOUNTED, root, package, pictures], check=False
            ).returncode
        finally:
            _remove(root)
    try:
        _try(*map(Path, argv[1:]))
    except Stopped as problem:
        say(str(problem))
        return 1
    return 0


def _remove(root: str) -> None:
    if root in Path("/proc/mounts").read_text():
        say(f"{root} is kept: something is still mounted in it.")
        return
    shutil.rmtree(root)


def _try(root: Path, package: Path, pictures: Path) -> None:
    pictures.mkdir(parents=True, exist_ok=True)
    say("Making a minimal Debian …")
    _run("debootstrap", "--variant=minbase", SUITE, str(root), *_mirror())
    root.chmod(0o755)  # an ordinary user shall see it
    _mount(root)
    shutil.copy(package, root / "tmp/morpheus.deb")
    _in(root, "useradd", "--create-home", USER)
    # Installed and removed once, so that what its dependencies leave is there before and after.
    _install(root)
    _purge(root)
    before = _files(root)
    _install(root)
    _run_app(root, pictures)
    _purge(root)
    _compare(before, _files(root))
    kept = sorted(
        str(p.relative_to(root)) for p in (root / "home" / USER).rglob("*") if p.is_file()
    )
    say("Kept, as the user's own:\n  " + "\n  ".join(kept))


def _mirror() -> list[str]:
    """Where this computer gets its Debian from; debootstrap knows a place of its own otherwise."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    command += ["Created-By: Packages", f"Codename: {SUITE}", "Component: main"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[:1]


def _mount(root: Path) -> None:
    _run("mount", "-t", "proc", "proc", str(root / "proc"))
    _run("mount", "--bind", "/dev", str(root / "dev"))
    sockets = root / "tmp/.X11-unix"
    sockets.mkdir(mode=0o1777)
    _run("mount", "--bind", "/tmp/.X11-unix", str(sockets))


def _install(root: Path) -> None:
    say("Installing the package with apt …")
    _in(root, "apt-get", "install", "--yes", "--no-install-recommends", "/tmp/morpheus.deb")


def _purge(root: Path) -> None:
    say("Removing it …")
    _in(root, "apt-get", "purge", "--yes", NAME)


def _run_app(root: Path, pictures: Path) -> None:
    """First start, a question, its answer, the end; as a user, with a loopback as only network."""
    entry = (root / f"usr/share/applications/{NAME}.desktop").read_text().splitlines()
    program = next(line.removeprefix("Exec=") for line in entry if line.startswith("Exec="))
    with screen.virtual("-ac") as variables, _app(root, program, variables["DISPLAY"]) as app:
        display = _Display(variables["DISPLAY"], pictures)
        try:
            _chat(root, app, display)
        except Stopped:
            display.picture("failed")
            raise
    log = (_data(root) / "logs/morpheus.log").read_text().splitlines()
    if bad := [line for line in log if " WARNING " in line or " ERROR " in line]:
        raise Stopped("Its log says:\n" + "\n".join(bad))


def _chat(root: Path, app: "subprocess.Popen[bytes]", display: "_Display") -> None:
    window = _wait(app, "the window", display.window)
    display.do("windowactivate", "--sync", window)
    _wait(app, "its parts to start", (_data(root) / ".cookie").exists)
    display.picture("1-first-start")
    display.do("key", "Return")  # the first way in: chat free on this computer
    display.do("type", "--delay", "20", QUESTION)
    display.picture("2-question")
    display.do("key", "Return")
    answer = _wait(app, "an answer", lambda: _answer(root))
    say(f"It answered: {answer}")
    display.picture("3-answer")
    display.do("key", "alt+F4")
    code = app.wait(HANG_S)
    if code or _processes(root):
        raise Stopped(f"It ended with {code} and left the processes {_processes(root)}.")


@contextlib.contextmanager
def _app(root: Path, program: str, display: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The program of the menu entry, started by the user in a network namespace of its own."""
    variables = {"HOME": f"/home/{USER}", "DISPLAY": display, "LANG": "C.UTF-8", "PATH": "/usr/bin"}
    inside = ["chroot", f"--userspec={USER}:{USER}", str(root), "/usr/bin/env", "-i"]
    inside += [f"{name}={value}" for name, value in variables.items()]
    inside += ["sh", "-c", f"cd && exec {program}"]
    command = ["unshare", "--net", "sh", "-c", f"ip link set lo up && exec {shlex.join(inside)}"]
    app = subprocess.Popen(command)
    try:
        yield app
    finally:
        for process in _processes(root):
            os.kill(process, signal.SIGKILL)
        app.wait()


class _Display:
    """A screen, worked with keys and photographed."""

    def __init__(self, name: str, pictures: Path) -> None:
        self._variables = {**os.environ, "DISPLAY": name}
        self._pictures = pictures

    def do(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def window(self) -> str:
        return self.do("search", "--onlyvisible", "--name", "Morpheus Desktop")

    def picture(self, name: str) -> None:
        time.sleep(1)  # a picture is for people; what moves comes to rest
        command = ["import", "-window", "root", str(self._pictures / f"{name}.png")]
        subprocess.run(command, env=self._variables, check=True)


def _data(root: Path) -> Path:
    return root / "home" / USER / ".local/share" / NAME


def _answer(root: Path) -> str:
    """The finished answer in the user's chats, or empty."""
    file = _data(root) / "chats.db"
    if not file.exists():
        return ""
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        query = "SELECT content FROM message WHERE role = 'assistant' AND state = 'done'"
        rows = database.execute(query).fetchall()
    return rows[0][0] if rows else ""


def _processes(root: Path) -> list[int]:
    """What runs inside the tree."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "root").readlink() == root:
                found.append(int(process.name))
    return found


def _files(root: Path) -> set[str]:
    """The names of all files and folders of the tree itself, not of what is mounted in it."""
    command = ["find", str(root), "-xdev", "-printf", r"%P\n"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name for name in names if not name.startswith(NOT_COMPARED)}


def _compare(before: set[str], after: set[str]) -> None:
    if before != after:
        raise Stopped(f"Left: {sorted(after - before)}\nMissing: {sorted(before - after)}")
    say(f"Nothing is left: the same {len(after)} files and folders as before.")


def _wait(app: "subprocess.Popen[bytes]", what: str, condition: Callable[[], T]) -> T:
    end = time.monotonic() + HANG_S
    while app.poll() is None and time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.1)
    raise Stopped(f"Waited in vain for {what}.")


def _in(root: Path, *command: str) -> None:
    _run("chroot", str(root), "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", *command)


def _run(*command: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stopped(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
