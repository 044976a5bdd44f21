"""router.store.sqlite: what SQLite and the disk say, in plain words."""

import errno
import random
import sqlite3
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store import sqlite
from router.store.sqlite import Damaged, check, connect, header, is_damage, size, translated


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (sqlite3.SQLITE_FULL, "There is no space left in /d, so this was not saved.", "Free"),
        (sqlite3.SQLITE_READONLY, "The chats in /d cannot be written.", "writable"),
        (sqlite3.SQLITE_CANTOPEN, "The chats in /d cannot be written.", "--data-dir"),
        (sqlite3.SQLITE_BUSY, "Another program is using the file of the chats.", "Close"),
        (sqlite3.SQLITE_CORRUPT, "The file of the chats is damaged.", "Restart"),
        (sqlite3.SQLITE_NOTADB, "The file of the chats is damaged.", "Restart"),
        (sqlite3.SQLITE_IOERR_FSYNC, "The disk reported an error in /d: words of SQLite.", "disk"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "The chats in /d cannot be written.", "writable"),
    ],
)
def test_every_failure_is_explained(code: int, message: str, hint: str) -> None:
    with pytest.raises(StorageError) as caught, translated(Path("/d/chats.db")):
        raise failure(code)
    assert caught.value.message == message
    assert caught.value.safe
    assert hint in caught.value.hint


def test_bugs_pass_as_they_are() -> None:
    for error in (failure(sqlite3.SQLITE_ERROR), sqlite3.ProgrammingError("closed"), KeyError("x")):
        with pytest.raises(type(error)), translated(None):
            raise error


def test_words_of_the_system() -> None:
    with pytest.raises(StorageError, match="The chats in memory cannot be read or written: No sp"):
        with translated(None):
            raise OSError(errno.ENOSPC, "No space left on device")


def test_header(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert header(path) is None
    assert size(path) == 0
    path.touch()
    assert header(path) is None
    connection = connect(path)
    connection.execute("PRAGMA user_version = 3")
    connection.execute("PRAGMA application_id = 99")
    connection.close()
    assert header(path) == (3, 99)
    assert size(path) == path.stat().st_size
    for data in (b"x", b"SQLite format 3\0", b"y" * 200):
        path.write_bytes(data)
        with pytest.raises(Damaged):
            header(path)
    with pytest.raises(StorageError, match=f"The chats in {tmp_path.parent} cannot be read"):
        header(tmp_path)


def test_check_finds_damage_and_stops_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    connection = connect(path)
    connection.execute("CREATE TABLE a (x)")
    connection.executemany("INSERT INTO a VALUES (?)", [("x" * 3_000,)] * 100)
    assert check(connection)
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 1)
    assert not check(connection, limit_s=-1)
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (100,)
    connection.close()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(random.Random(0).randbytes(4096))
    connection = connect(path)
    with pytest.raises(Damaged):
        check(connection)
    connection.close()


def test_damage_is_told_apart() -> None:
    assert is_damage(failure(sqlite3.SQLITE_CORRUPT_INDEX))
    assert not is_damage(failure(sqlite3.SQLITE_FULL))
    assert not is_damage(sqlite3.ProgrammingError("no code"))


def test_failed_connection_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(sqlite3.DatabaseError):
        connect(path)
    path.unlink()  # Windows refuses this while it is open
