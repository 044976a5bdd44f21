"""Dated copies of the database, and telling whether a copy can be restored."""

import contextlib
import os
import shutil
import sqlite3
import time
from pathlib import Path

from router.errors import StorageError
from router.store.schema import APPLICATION_ID
from router.store.sqlite import Damaged, check, header

WORK_PREFIX = ".salvage-"


def dated(folder: Path, stem: str, suffix: str) -> Path:
    """A path that does not exist yet, with the local date and time in its name."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    path = folder / f"{stem}-{stamp}{suffix}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{stamp}-{number}{suffix}"
    return path


def write_private(path: Path) -> None:
    """Make an empty file that only its owner can read; an existing one stays as it is."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database that is in use; `target` appears when it is complete.

    Raises:
        OSError, sqlite3.Error: nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_name(target.name + ".part")
    try:
        partial.unlink(missing_ok=True)
        write_private(partial)
        with contextlib.closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, nothing beside it
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def open_copy(path: Path, newest: int) -> sqlite3.Connection:
    """Open a copy for reading, after making sure that it is whole and ours.

    Raises:
        StorageError: it is not; says why. Nothing was changed.
    """
    try:
        found = header(path)
        if found is None or found[1] != APPLICATION_ID:
            raise Damaged("not a chat file")
        connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
        try:
            check(connection, limit_s=60.0)
        except BaseException:
            connection.close()
            raise
    except (Damaged, sqlite3.Error) as error:
        raise StorageError(
            f"{path.name} is not a whole copy of chats, so it cannot be restored.",
            safe="Nothing was changed.",
            hint="Choose another copy.",
        ) from error
    if found[0] > newest:
        connection.close()
        raise too_new(path)
    return connection


def too_new(path: Path) -> StorageError:
    """The error for a file that a later version of the app has written."""
    return StorageError(
        f"{path.name} was written by a newer version of the app.",
        safe="The file was not changed.",
        hint="Install the newest version of the app, then open it again.",
    )


def sweep(folder: Path) -> None:
    """Remove the work files of a rescue that was cut short."""
    for left in folder.glob(f"{WORK_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
