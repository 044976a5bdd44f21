"""Real limits of a disk: no right to write, even for root, and no space left."""

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import resource

_CAPABILITY_VERSION = 0x20080522
_OVERRIDING = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextlib.contextmanager
def ordinary_rights() -> Iterator[None]:
    """Permissions of files count in this block, for root too.

    On Linux a thread of root gives up what lets it pass them; threads that it starts
    meanwhile, like the store's, inherit that.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_CAPABILITY_VERSION, 0), (_Sets * 2)()
    assert libc.capget(ctypes.byref(header), sets) == 0, "root of this system is unknown"
    before = sets[0].effective
    sets[0].effective &= ~_OVERRIDING
    assert libc.capset(ctypes.byref(header), sets) == 0
    try:
        yield
    finally:
        sets[0].effective = before
        assert libc.capset(ctypes.byref(header), sets) == 0


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing can be made, changed or removed in a folder."""
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        with ordinary_rights():
            yield
    finally:
        folder.chmod(mode)


@dataclass(frozen=True)
class SmallDisk:
    """A disk with little space.

    Args:
        words: how people are told that it is full.
        grow: makes it as large as so many bytes.
    """

    words: str
    grow: Callable[[int], object]


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """A folder on a disk of so many bytes.

    Where no disk can be mounted, no file of this process can grow beyond that size.
    """

    if sys.platform == "linux" and os.geteuid() == 0 and _mount(folder, f"size={size}"):
        try:
            yield SmallDisk(
                "There is no space left in", lambda larger: _mount(folder, f"remount,size={larger}")
            )
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        before, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
        _limit_files(size)
        try:
            yield SmallDisk("The disk reported an error in", _limit_files)
        finally:
            _limit_files(before)


def _mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
