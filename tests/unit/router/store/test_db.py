"""router.store.db: one file behind one thread, and what can happen to it."""

import asyncio
import logging
import sqlite3
import stat
import sys
import threading
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store.chats import ChatStore
from router.store.db import HURRIED_MS, Database, OpenReport
from router.store.records import NewMessage
from router.store.salvage import Salvaged
from router.store.schema import APPLICATION_ID, MIGRATIONS
from router.store.sqlite import BUSY_S
from tests.support.disk import read_only

FURTHER = (*MIGRATIONS, lambda connection: connection.execute("CREATE TABLE further (x)"))


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def parent_of(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


async def test_work_runs_on_the_store_thread_and_is_on_disk(
    database: Database, tmp_path: Path
) -> None:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("REPLACE INTO draft VALUES ('', 'kept')")
        return threading.current_thread().name

    assert (await database.run(work)).startswith("store")
    assert rows(tmp_path / "chats.db", "SELECT text FROM draft") == [("kept",)]


async def test_settings_that_keep_data_safe(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.run(work) == ["wal", 2, 1, 1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
async def test_file_is_private(database: Database, tmp_path: Path) -> None:
    await database.run(lambda connection: connection.execute("REPLACE INTO draft VALUES ('', 'x')"))
    for path in tmp_path.glob("chats.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_failed_work_leaves_nothing(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute("REPLACE INTO draft VALUES ('', 'half')")
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await database.run(work)
    assert await database.run(lambda c: c.execute("SELECT * FROM draft").fetchall()) == []


async def test_cancelled_caller_does_not_undo_what_was_begun(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait(5)
        connection.execute("REPLACE INTO draft VALUES ('', 'kept')")

    task = asyncio.create_task(database.run(work))  # noqa: TID251
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    go_on.set()
    assert await database.run(lambda c: c.execute("SELECT text FROM draft").fetchall())


async def test_open_and_close_twice(tmp_path: Path) -> None:
    database = Database(tmp_path / "chats.db")
    first = await database.open()
    assert first.created
    assert await database.open() is first
    await database.close()
    await database.close()
    with pytest.raises(StorageError, match="not open"):
        await database.run(lambda connection: None)
    assert not (await database.open()).created
    await database.close()
    assert parent_of(tmp_path / "chats.db") == ["chats.db", "chats.db.lock"]


async def test_newer_file_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    newer = Database(path, migrations=FURTHER)
    await newer.open()
    await newer.close()
    before = path.read_bytes()
    with pytest.raises(StorageError) as caught:
        await Database(path).open()
    assert "newer version" in caught.value.message
    assert caught.value.safe == "The file was not changed."
    assert path.read_bytes() == before
    assert parent_of(path) == ["chats.db", "chats.db.lock"]


@pytest.mark.parametrize("version", [0, 1])
async def test_file_of_another_program_is_refused_and_untouched(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "chats.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (x)")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="another program"):
        await Database(path).open()
    assert rows(path, "SELECT * FROM recipes") == []
    assert parent_of(path) == ["chats.db", "chats.db.lock"]


async def test_older_file_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    database = Database(path)
    await database.open()
    chat = await ChatStore(database).create()
    await database.close()
    newer = Database(path, backups=tmp_path / "backups", migrations=FURTHER)
    report = await newer.open()
    await newer.close()
    assert report.backup is not None
    assert report.backup.parent == tmp_path / "backups"
    assert report.backup.name.startswith("chats-format-1-2")
    assert rows(report.backup, "SELECT id FROM chat") == [(chat.id,)]
    assert rows(report.backup, "PRAGMA user_version") == [(1,)]
    assert rows(path, "PRAGMA user_version") == [(2,)]
    assert rows(path, "SELECT * FROM further") == []


async def test_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    database = Database(path)
    await database.open()
    await database.close()

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("no")

    with pytest.raises(sqlite3.OperationalError):
        await Database(path, migrations=(*MIGRATIONS, half)).open()
    assert rows(path, "PRAGMA user_version") == [(1,)]
    assert rows(path, "SELECT name FROM sqlite_schema WHERE name = 'half'") == []


async def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "chats.db").mkdir()
    with pytest.raises(StorageError) as caught:
        await Database(tmp_path / "chats.db").open()
    assert caught.value.safe == "Nothing that was saved is lost."
    with pytest.raises(StorageError):
        await Database(tmp_path / "missing" / "chats.db").open()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
async def test_read_only_folder(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    database = Database(path)
    await database.open()
    chat = await ChatStore(database).create()
    await database.close()
    for mode in (0o600, 0o400):  # of the file; 0400 is a folder that was copied from a CD
        path.chmod(mode)
        with read_only(tmp_path), pytest.raises(StorageError) as caught:
            await database.open()
        assert "cannot be" in caught.value.message
        assert caught.value.safe == "Nothing that was saved is lost."
        assert caught.value.hint
    path.chmod(0o600)
    await database.open()
    assert [found.id for found in await ChatStore(database).list()] == [chat.id]
    await database.close()


async def test_read_only_file_says_so_and_can_be_read(database: Database) -> None:
    await database.run(lambda connection: connection.execute("REPLACE INTO draft VALUES ('', 'x')"))
    await database.run(lambda connection: connection.execute("PRAGMA query_only = 1"))
    with pytest.raises(StorageError) as caught:
        await database.run(lambda connection: connection.execute("DELETE FROM draft"))
    assert "cannot be written" in caught.value.message
    assert await database.run(lambda c: c.execute("SELECT text FROM draft").fetchall()) == [("x",)]


async def test_full_disk_says_so_and_loses_nothing(database: Database, store: ChatStore) -> None:
    chat = await store.create()
    await database.run(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    with pytest.raises(StorageError) as caught:
        await store.add(chat.id, NewMessage("user", "x" * 100_000))
    assert "no space left" in caught.value.message
    assert "Free some space" in caught.value.hint
    assert await store.messages(chat.id) == ()
    await database.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
    await store.add(chat.id, NewMessage("user", "x" * 100_000))


async def test_other_program_that_holds_the_file(database: Database, tmp_path: Path) -> None:
    await database.run(lambda connection: connection.execute("PRAGMA busy_timeout = 1").fetchall())
    other = sqlite3.connect(tmp_path / "chats.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StorageError, match="Another program"):
            await database.run(lambda connection: connection.execute("DELETE FROM draft"))
    finally:
        other.close()


async def test_in_a_hurry_another_program_is_not_waited_for(database: Database) -> None:
    def patience(connection: sqlite3.Connection) -> int:
        (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
        return int(milliseconds)

    assert await database.run(patience) == BUSY_S * 1000
    database.hurry()
    assert await database.run(patience) == HURRIED_MS < BUSY_S * 1000
    await database.close()
    await database.open()
    assert await database.run(patience) == BUSY_S * 1000


async def test_damaged_search_index_is_made_anew(
    database: Database, store: ChatStore, caplog: pytest.LogCaptureFixture
) -> None:
    chat = await store.create()
    await store.add(chat.id, NewMessage("user", "zanzibar"))

    def damage(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM message_words_data WHERE id >= 10")

    await database.run(damage)
    await database.run(lambda connection: connection.execute("DELETE FROM draft"))
    (hit,) = await store.search("zanzibar")
    assert hit.chat_id == chat.id
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_backup_and_restore(database: Database, store: ChatStore, tmp_path: Path) -> None:
    chat = await store.create()
    await store.add(chat.id, NewMessage("user", "first"))
    copy = await store.backup()
    assert (copy.parent, copy.suffix) == (tmp_path / "backups", ".db")
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    await store.add(chat.id, NewMessage("assistant", "second"))
    changes: list[str] = []
    store.changed.subscribe(lambda event: changes.append(event.what))
    kept = await store.restore_backup(copy)
    assert changes == ["all"]
    assert [message.content for message in await store.messages(chat.id)] == ["first"]
    assert rows(kept, "SELECT content FROM message ORDER BY id") == [("first",), ("second",)]
    await store.add(chat.id, NewMessage("assistant", "third"))
    await store.restore_backup(kept)
    assert [message.content for message in await store.messages(chat.id)] == ["first", "second"]
    assert [hit.text for hit in await store.search("second")] == ["second"]
    chosen = tmp_path / "elsewhere" / "mine.db"
    assert await store.backup(chosen) == chosen
    assert rows(chosen, "SELECT count(*) FROM message") == [(2,)]


async def test_backup_of_an_older_format_is_brought_up_to_date(tmp_path: Path) -> None:
    database = Database(tmp_path / "chats.db")
    await database.open()
    copy = await database.backup()
    await database.close()
    newer = Database(tmp_path / "new" / "chats.db", migrations=FURTHER)
    (tmp_path / "new").mkdir()
    await newer.open()
    await newer.restore(copy)
    assert await newer.run(lambda c: c.execute("SELECT * FROM further").fetchall()) == []
    await newer.close()


async def test_what_cannot_be_restored_changes_nothing(
    database: Database, store: ChatStore, tmp_path: Path
) -> None:
    chat = await store.create()
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE recipes (x)")
    other.close()
    newer = Database(tmp_path / "newer.db", migrations=FURTHER)
    await newer.open()
    await newer.close()
    copy = await database.backup()
    half = tmp_path / "half.db"
    half.write_bytes(copy.read_bytes()[:20_000])
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to look like one " * 10)
    for wrong in ("other.db", "newer.db", "half.db", "text.db", "missing.db"):
        with pytest.raises(StorageError) as caught:
            await store.restore_backup(tmp_path / wrong)
        assert "not changed" in caught.value.safe or "Nothing was changed" in caught.value.safe
    assert [found.id for found in await store.list()] == [chat.id]


async def test_full_disk_during_a_backup(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "taken" / "copy.db"
    target.parent.write_text("a file where a folder should be")
    with pytest.raises(StorageError):
        await database.backup(target)
    assert parent_of(tmp_path / "chats.db")[0] == "chats.db"


async def test_memory_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(None)
    assert (await database.open()).created
    store = ChatStore(database)
    chat = await store.create()
    await store.add(chat.id, NewMessage("user", "x" * 5_000_000))
    assert list(tmp_path.iterdir()) == []
    await database.close()
    assert list(tmp_path.iterdir()) == []


def test_report_in_words() -> None:
    assert OpenReport().problem is None
    problem = OpenReport(salvaged=Salvaged(Path("/d/chats.damaged-1.db"), 1, 512, 2, 1)).problem
    assert problem is not None
    assert problem.message == (
        "The chat file was damaged. 1 chat with 512 messages were moved into a new file. "
        "2 records could not be read. 1 text cut short."
    )
    assert "chats.damaged-1.db" in problem.safe


def test_application_id_is_ours() -> None:
    assert APPLICATION_ID.to_bytes(4, "big") == b"MORC"
