"""The Debian package: the bundle below /opt, and what a desktop needs to show it."""

import os
import shutil
import subprocess
import tempfile
from ctypes.util import find_library
from pathlib import Path

from devtools import system
from devtools.say import Stopped, say

from installers import bundle
from installers.contents import PYTHON_NEEDS
from router import __version__

NAME = "morpheus-desktop"
HOME = Path("opt", NAME)
LINUX = bundle.ROOT / "installers" / "linux"
ICONS = bundle.ROOT / "resources" / "app_icon"
# What no library is linked with: certificates, to download models from their hub.
ALSO_NEEDED = "ca-certificates"
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: Morpheus Desktop developers
Installed-Size: {size_kb}
Depends: {depends}
Recommends: xdg-utils
Section: net
Priority: optional
Description: chat with AI on your own computer
 A window, a node of the Morpheus marketplace and a free language model in one
 application. No wallet, account or network is needed to begin.
"""


def build(compression: str = "xz") -> Path:
    """Make the package of the bundle; the file.

    Raises:
        Stopped: a tool is missing or failed.
    """
    system.need(_missing(), "Making the Debian package")
    tree = bundle.WORK / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    _fill(tree)
    architecture = _output(["dpkg", "--print-architecture"]).strip()
    control = CONTROL.format(
        name=NAME,
        version=__version__,
        architecture=architecture,
        size_kb=round(bundle.size_mb(tree) * 1e6 / 1024),
        depends=f"{ALSO_NEEDED}, {needed_packages(tree / HOME)}",
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control)
    _set_modes(tree)
    file = bundle.ROOT / "dist" / f"{NAME}_{__version__}_{architecture}.deb"
    say("Packing …")
    command = [
        "dpkg-deb",
        "--root-owner-group",
        f"-Z{compression}",
        "--build",
        str(tree),
        str(file),
    ]
    _output(command, **bundle.reproducible())
    say(f"{file}: {file.stat().st_size / 1e6:.0f} MB")
    return file


def _missing() -> list[str]:
    """What this computer lacks: the tools, and libraries that Qt's plugins for Wayland use."""
    there = {
        "dpkg-dev": shutil.which("dpkg-shlibdeps"),
        "libwayland-cursor0": find_library("wayland-cursor"),
        "libwayland-egl1": find_library("wayland-egl"),
    }
    return [package for package, found in there.items() if not found]


def _fill(tree: Path) -> None:
    """Lay out the files as they will be below the root folder."""
    (tree / HOME.parent).mkdir(parents=True)
    shutil.copytree(bundle.FOLDER, tree / HOME, symlinks=True, copy_function=os.link)
    for library in PYTHON_NEEDS:  # Debian has the same ones, and keeps them safe
        for file in (tree / HOME / "_internal").glob(f"{library}.so*"):
            file.unlink()
    (tree / "usr/bin").mkdir(parents=True)
    for program in ("morpheus-desktop", "morpheus-router"):
        (tree / "usr/bin" / program).symlink_to(Path("/", HOME, program))
    share = tree / "usr/share"
    icons = share / "icons/hicolor"
    _copy(LINUX / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    _copy(LINUX / f"{NAME}.metainfo.xml", share / "metainfo" / f"{NAME}.metainfo.xml")
    _copy(ICONS / f"{NAME}.svg", icons / "scalable/apps" / f"{NAME}.svg")
    for picture in (ICONS / "png").iterdir():
        size = f"{picture.stem}x{picture.stem}"
        _copy(picture, icons / size / "apps" / f"{NAME}.png")
    _copy(bundle.ROOT / "LICENSE", share / "doc" / NAME / "copyright")


def needed_packages(folder: Path) -> str:
    """The packages of this system whose libraries the bundle uses, as a Depends line.

    The build has to run on the oldest system the package is for: the versions are this one's.
    """
    files = [str(f) for f in folder.rglob("*") if f.is_file() and _is_elf(f)]
    private = [f"-l{parent}" for parent in sorted({str(Path(f).parent) for f in files})]
    with tempfile.TemporaryDirectory() as place:  # the tool wants to stand in a source package
        (Path(place) / "debian").mkdir()
        (Path(place) / "debian/control").write_text(
            f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n"
        )
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", *private, *files]
        line = _output(command, cwd=place)
    return line.strip().removeprefix("shlibs:Depends=")


def _is_elf(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(4) == b"\x7fELF" and not file.is_symlink()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _set_modes(tree: Path) -> None:
    """Whatever the umask of the builder: everybody may read, and run what is a program."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _output(command: list[str], cwd: str | None = None, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stopped(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
