"""router.store.schema: each step is whole or not at all, and the search index follows the texts."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import NewMessage
from router.store.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    Migration,
    apply,
    rebuild_search,
    statements,
    version_of,
)

LATER: tuple[Migration, ...] = (
    *MIGRATIONS,
    lambda connection: connection.execute("ALTER TABLE chat ADD COLUMN colour TEXT"),
    lambda connection: connection.execute("UPDATE chat SET colour = 'green'"),
)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def test_steps_are_taken_once(connection: sqlite3.Connection) -> None:
    taken: list[int] = []
    steps = [lambda _c, n=n: taken.append(n) for n in range(3)]
    apply(connection, steps[:2])
    assert (taken, version_of(connection)) == ([0, 1], 2)
    apply(connection, steps)
    apply(connection, steps)
    assert (taken, version_of(connection)) == ([0, 1, 2], 3)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_failed_step_leaves_the_one_before(connection: sqlite3.Connection) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("no")

    with pytest.raises(sqlite3.OperationalError):
        apply(connection, (*MIGRATIONS, fails))
    assert version_of(connection) == len(MIGRATIONS)
    assert not connection.in_transaction
    assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchall()


@pytest.mark.parametrize("version", range(1, len(LATER)))
async def test_every_earlier_format_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    """The chats come along, and a dated copy of the old format is kept."""
    path = tmp_path / "chats.db"
    old = Database(path, migrations=LATER[:version])
    await old.open()
    chat = await ChatStore(old).create()
    await ChatStore(old).add(chat.id, NewMessage("user", "zanzibar"))
    await old.close()
    new = Database(path, migrations=LATER)
    report = await new.open()
    store = ChatStore(new)
    assert [m.content for m in await store.messages(chat.id)] == ["zanzibar"]
    assert [hit.chat_id for hit in await store.search("zanzibar")] == [chat.id]
    assert await new.run(version_of) == len(LATER)
    colours = await new.run(lambda c: c.execute("SELECT colour FROM chat").fetchall())
    assert colours == [("green",)]
    await new.close()
    assert report.backup is not None
    assert report.backup.name.startswith(f"chats-format-{version}-20")
    with contextlib.closing(sqlite3.connect(report.backup)) as copy:
        assert version_of(copy) == version
        assert copy.execute("SELECT content FROM message").fetchall() == [("zanzibar",)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE message SET content = 'new words' WHERE id = 1",
        "UPDATE message SET state = 'writing' WHERE id = 1",
        "UPDATE message SET state = 'done', content = 'more' WHERE id = 2",
        "UPDATE message SET content = 'half more' WHERE id = 2",
        "UPDATE chat SET title = 'renamed'",
        "DELETE FROM message WHERE id = 2",
        "DELETE FROM chat",
    ],
)
def test_search_index_follows_every_change(connection: sqlite3.Connection, change: str) -> None:
    """FTS5 compares its index with the texts: only complete messages may be in it."""
    apply(connection, MIGRATIONS)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(
        """INSERT INTO chat (id, title, named, pinned, model, origin, system_prompt, sampling,
                             created_at, updated_at)
           VALUES ('0x1', 'old title', 0, 0, '', 'local', '', '{}', 0, 0)"""
    )
    for key, state in ((1, "done"), (2, "writing")):
        connection.execute(
            f"""INSERT INTO message VALUES
                ({key}, '0x1', NULL, 'user', '{state}', '', '', 'local', NULL, 0, 'text', '')"""
        )
    connection.execute(change)
    found = _indexed(connection)
    rebuild_search(connection)
    assert found == _indexed(connection)
    connection.execute("INSERT INTO chat_words (chat_words, rank) VALUES ('integrity-check', 1)")


def _indexed(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Each word with where it stands."""
    rows: list[tuple[object, ...]] = []
    for table in ("message_words", "chat_words"):
        connection.execute(f"CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, {table}, instance)")
        rows += connection.execute("SELECT term, doc, offset FROM temp.v ORDER BY 1, 2, 3")
        connection.execute("DROP TABLE temp.v")
    return rows


def test_statements_of_a_script() -> None:
    script = "CREATE TABLE a (x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;\n"
    assert [part.split()[1] for part in statements(script)] == ["TABLE", "TRIGGER"]
