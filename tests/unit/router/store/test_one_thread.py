"""router.store.one_thread: nothing is half done, and a damaged file is set aside, not lost."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store.one_thread import Content, OneThread

CONTENT = Content("things", 3, "CREATE TABLE thing (name TEXT);", ("SELECT name FROM thing",))


def insert(connection: sqlite3.Connection, name: str = "a") -> None:
    connection.execute("INSERT INTO thing VALUES (?)", (name,))


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
