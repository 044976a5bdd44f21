"""What the system must have: Qt's libraries, a compiler, and tools for tests with a screen."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools.say import Stopped, say

# Library that must load: the Debian package that has it.
QT_LIBRARIES = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "X11-xcb": "libx11-xcb1",
    "dbus-1": "libdbus-1-3",
    "fontconfig": "libfontconfig1",
    "glib-2.0": "libglib2.0-0",
    "xkbcommon": "libxkbcommon0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-randr": "libxcb-randr0",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-shape": "libxcb-shape0",
    "xcb-xkb": "libxcb-xkb1",
}
# Program that must be found: the Debian package that has it.
TEST_TOOLS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "dbus-run-session": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "desktop-file-validate": "desktop-file-utils",
}
# A compiler of contracts and a second EVM, only for tests.
EVM_TOOLS = Path(__file__).parents[2] / "tools" / "evm"
COMPILER_HINT = {
    "linux": "On Debian or Ubuntu: sudo apt-get install g++ make cmake. On Fedora: sudo dnf install gcc-c++ make cmake.",
    "darwin": "Run: xcode-select --install.",
}.get(sys.platform, "Install the C++ build tools of Visual Studio.")


def has_compiler() -> bool:
    """Whether C++ can be compiled here."""
    names = ("c++", "g++", "clang++", "cl")
    if any(shutil.which(name) for name in (os.environ.get("CXX", ""), *names) if name):
        return True
    installer = os.path.expandvars(
        r"%ProgramFiles(x86)%\Microsoft Visual Studio\Installer\vswhere.exe"
    )
    return os.name == "nt" and Path(installer).exists()


def need_qt_libraries() -> None:
    """Install the libraries that Qt loads, or say how to.

    Raises:
        Stopped: some are missing and this user may not install them.
    """
    if sys.platform == "linux":
        missing = [p for name, p in QT_LIBRARIES.items() if ctypes.util.find_library(name) is None]
        need(missing, "Qt, which draws the window,")


def need_test_tools() -> None:
    """Install what tests with a screen use, or say how to."""
    if sys.platform == "linux":
        need([p for name, p in TEST_TOOLS.items() if shutil.which(name) is None], "The tests")


def install_evm_tools(folder: Path = EVM_TOOLS) -> None:
    """Install what the tests of the demo contracts use; without it they are skipped, and say so."""
    wanted, installed = folder / "package-lock.json", folder / "node_modules/.package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime:
        return
    if shutil.which("npm") is None and shutil.which("apt-get") and os.geteuid() == 0:
        need(["nodejs", "npm"], "The tests of the demo contracts")
    npm = shutil.which("npm")
    if npm is None:
        say("Tests with a second EVM are left out: Node.js with npm is not installed.")
        return
    say("Installing the tools for contracts …")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    if subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode:
        say(f"Tests with a second EVM are left out: npm could not install what is in {folder}.")
    else:
        installed.touch()


def need(packages: list[str], who: str) -> None:
    """Install system packages, or say how to.

    Raises:
        Stopped: they cannot be installed from here.
    """
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        raise Stopped(
            f"{who} needs libraries that are missing: {', '.join(packages)} (their names on Debian)."
        )
    if os.geteuid() != 0:
        raise Stopped(
            f"{who} needs system packages. Install them with:\n  sudo {' '.join(command)}"
        )
    say(f"Installing system packages: {' '.join(packages)} …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-qq"], [*command, "-qq"]):
        if subprocess.run(step, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            raise Stopped(f"System packages could not be installed. Try: {' '.join(command)}")
