"""router.store.one_thread: nothing is half done, and a damaged file is set aside, not lost."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store import sqlite
from router.store.one_thread import Content, OneThread

STEPS = (
    "CREATE TABLE thing (name TEXT);",
    "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 1;",
    "CREATE TABLE more (name TEXT);",
)
CONTENT = Content(
    "things",
    STEPS,
    ("SELECT name, size FROM thing", "SELECT name FROM more"),
    lambda aside: StorageError("It was damaged.", safe=f"Kept as {aside}."),
)


def insert(connection: sqlite3.Connection, name: str = "a") -> None:
    connection.execute("INSERT INTO thing (name) VALUES (?)", (name,))


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM thing")]


async def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    for expected in ([], ["a"]):
        file = OneThread(tmp_path / "things.db", CONTENT)
        await file.open()
        await file.open()
        assert await file.run(names) == expected
        await file.run(insert)
        await file.close()
        await file.close()
    assert (tmp_path / "things.db").stat().st_mode & 0o077 == 0


async def test_a_failure_undoes_all_of_it(tmp_path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        insert(connection)
        raise KeyError("the rest")

    file = OneThread(None, CONTENT)
    await file.open()
    with pytest.raises(KeyError):
        await file.run(half)
    assert await file.run(names) == []
    await file.close()


async def test_a_cancelled_caller_leaves_no_half() -> None:
    file = OneThread(None, CONTENT)
    await file.open()
    task = asyncio.get_running_loop().create_task(file.run(insert))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await file.run(names) == ["a"]
    await file.close()


async def test_what_was_closed_meanwhile_is_said() -> None:
    file = OneThread(None, CONTENT)
    await file.open()
    await file.close()
    with pytest.raises(StorageError, match="is closed"):
        await file.run(names)


@pytest.mark.parametrize("damage", ["no database", "other tables"])
async def test_a_damaged_file_is_set_aside(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "things.db"
    if damage == "no database":
        path.write_bytes(b"nothing that anybody could read" * 100)
    else:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE other (name TEXT)")
        connection.execute("PRAGMA user_version = 3")
        connection.close()
    before = path.read_bytes()
    file = OneThread(path, CONTENT, lambda: 77.0)
    await file.open()
    assert await file.run(names) == []
    await file.close()
    aside = tmp_path / "things.db.damaged-77"
    assert len(aside.read_bytes()) == len(before)
    assert aside.name in caplog.text
    assert file.problem is not None
    assert aside.name in file.problem.safe


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "things.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA user_version = 4")
    connection.close()
    before = path.read_bytes()
    file = OneThread(path, CONTENT)
    with pytest.raises(StorageError, match="newer version"):
        await file.open()
    await file.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize(("is_synced", "level"), [(True, 2), (False, 1)])
async def test_what_need_not_survive_a_power_cut_is_not_synced(is_synced: bool, level: int) -> None:
    file = OneThread(None, CONTENT, is_synced=is_synced)
    await file.open()
    found = await file.run(lambda c: c.execute("PRAGMA synchronous").fetchone())
    assert found == (level,)
    await file.close()


async def test_an_older_file_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "things.db"
    old = OneThread(path, replace(CONTENT, steps=STEPS[:1], looks=("SELECT name FROM thing",)))
    await old.open()
    await old.run(insert)
    await old.close()
    file = OneThread(path, CONTENT)
    await file.open()
    assert await file.run(lambda c: c.execute("SELECT name, size FROM thing").fetchone()) == (
        "a",
        1,
    )
    assert file.problem is None
    await file.close()


@pytest.mark.parametrize("version", [0, 1, 3])
def test_tables_of_another_database_are_damage(version: int) -> None:
    connection = sqlite.connect(None)
    connection.execute("CREATE TABLE thing (id INTEGER)")
    connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(sqlite.Damaged):
        OneThread(None, CONTENT)._prepare(connection)
    connection.close()


@pytest.mark.parametrize("steps", [1, 3])
def test_what_passes_is_no_damage(steps: int) -> None:
    """A file that cannot be read at the moment must not be set aside."""
    connection = sqlite.connect(None)
    for step in STEPS[:steps]:
        connection.execute(step)
    connection.execute(f"PRAGMA user_version = {steps}")
    connection.set_progress_handler(lambda: 1, 1)  # as if somebody were in the way
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        OneThread(None, CONTENT)._prepare(connection)
    connection.close()
