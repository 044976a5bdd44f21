"""Writes a file in one step: afterwards there is the old one or the new one, whole."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from router.errors import StorageError

log = logging.getLogger(__name__)

SUFFIX = ".new"
# On Windows a scanner may hold a file for a moment.
TRIES, PAUSE_S = 10, 0.2


def replace_private(path: Path, data: bytes, check: Callable[[bytes], None] | None = None) -> None:
    """Put `data` in place of a file that only its owner may read; on disk when this returns.

    Args:
        check: looks at what was written, read back from the disk, before it takes its place.

    Raises:
        StorageError: it could not be written; the old file is untouched.
        whatever `check` raises; the old file is untouched then too.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}{SUFFIX}")
    try:
        _write(partial, data)
        if check is not None:
            check(partial.read_bytes())
        _move(partial, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"{path.name} could not be written to {path.parent}: {error.strerror or error}.",
            safe="The file before it is unchanged.",
            hint="Check the free space and the rights of the folder.",
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove what an interrupted replacement of this file left behind."""
    for left in path.parent.glob(f"{path.name}.*{SUFFIX}"):
        with suppress(OSError):
            left.unlink()


def _write(path: Path, data: bytes) -> None:
    # Whatever has this name is not ours: a file of other rights, or a link to somewhere else.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _move(partial: Path, path: Path) -> None:
    for attempt in range(TRIES):
        try:
            partial.replace(path)
        except PermissionError:
            if os.name != "nt" or attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where folders can be synced.

    The new file is in its place already, so a folder that cannot be synced is no failure of it.
    """
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        log.warning("%s cannot be synced: %s", folder, error)
