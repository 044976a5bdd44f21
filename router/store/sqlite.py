"""Opening SQLite files, and saying in plain words what went wrong with them."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from router.errors import StorageError

BUSY_S = 1.0
CHECK_S = 5.0
_MAGIC = b"SQLite format 3\x00"
_STEPS_BETWEEN_LOOKS = 100_000


class Damaged(Exception):
    """The file is not a readable database; the message is SQLite's own."""


def connect(path: Path | None) -> sqlite3.Connection:
    """Open a database for reading and writing; None is one in memory that leaves no bytes.

    Raises:
        sqlite3.Error: it cannot be opened or is damaged.
    """
    connection = sqlite3.connect(
        ":memory:" if path is None else path, timeout=BUSY_S, isolation_level=None
    )
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # what was reported as saved survives a power cut
            "foreign_keys = ON",
            "secure_delete = ON",  # what is deleted is overwritten
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def size(path: Path) -> int:
    """Bytes of a file, 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def header(path: Path) -> tuple[int, int] | None:
    """(user version, application id) from the first bytes of a file, without opening it.

    None when the file is empty or missing.

    Raises:
        Damaged: these are not the first bytes of a database.
        StorageError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(100)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    if not start:
        return None
    if len(start) < 100 or not start.startswith(_MAGIC):
        raise Damaged("file is not a database")
    return int.from_bytes(start[60:64], "big"), int.from_bytes(start[68:72], "big")


def check(connection: sqlite3.Connection, limit_s: float = CHECK_S) -> bool:
    """Look through all pages for damage, for at most `limit_s`; whether it got to the end.

    Raises:
        Damaged: says where.
    """
    end = time.monotonic() + limit_s
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if code(error) == sqlite3.SQLITE_INTERRUPT:
            return False
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        raise Damaged(str(found))
    return True


def code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 when the error is not SQLite's own."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken."""
    return code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextlib.contextmanager
def translated(path: Path | None, what: str = "chats") -> Iterator[None]:
    """Turn what SQLite and the disk can do to us into StorageError; bugs pass as they are.

    Args:
        what: the file holds, in words.
    """
    try:
        yield
    except sqlite3.Error as error:
        problem = _explain(error, path, what)
        if problem is None:
            raise
        raise problem from error
    except OSError as error:
        raise unreadable(path, error, what) from error


def unreadable(path: Path | None, error: OSError, what: str = "chats") -> StorageError:
    """The StorageError for what the operating system said."""
    return StorageError(
        f"The {what} in {_folder(path)} cannot be read or written: {error.strerror or error}.",
        safe="Nothing that was saved is lost.",
        hint="Check the folder and its permissions, then try again.",
    )


def _folder(path: Path | None) -> str:
    return "memory" if path is None else str(path.parent)


def _explain(error: sqlite3.Error, path: Path | None, what: str) -> StorageError | None:
    match code(error):
        case sqlite3.SQLITE_FULL:
            return StorageError(
                f"There is no space left in {_folder(path)}, so this was not saved.",
                safe="Nothing that was saved before is lost.",
                hint="Free some space and try again.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StorageError(
                f"The {what} in {_folder(path)} cannot be written.",
                safe="Nothing that was saved is lost.",
                hint="Make the folder writable, or start with --data-dir and another folder.",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageError(
                f"Another program is using the file of the {what}.",
                safe="Nothing that was saved is lost.",
                hint="Close the other program and try again.",
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StorageError(
                f"The file of the {what} is damaged.",
                safe="What can still be read stays where it is.",
                hint="Restart the app: it keeps this file, and goes on with a new one.",
            )
        case sqlite3.SQLITE_IOERR:
            return StorageError(
                f"The disk reported an error in {_folder(path)}: {error}.",
                safe="Nothing that was saved is lost.",
                hint="Check the disk and its free space, then try again.",
            )
    return None
