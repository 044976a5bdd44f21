"""The tables of the chat store, as a list of steps from each format to the next.

A step that was ever released is never changed: a new one is added at the end.

The search tables hold only words; their texts stay in `chat` and `message`. A message enters
the index when it is complete, so that saving a half-written answer every second costs nothing.
"""

import sqlite3
from collections.abc import Callable, Sequence

Migration = Callable[[sqlite3.Connection], None]

APPLICATION_ID = 0x4D4F5243  # "MORC" at byte 68 of the file: tells our files from other databases

_FIRST = """
CREATE TABLE chat (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    named INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    model TEXT NOT NULL,
    origin TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    sampling TEXT NOT NULL,
    head INTEGER,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    deleted_at REAL
) STRICT;

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    chat_id TEXT NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES message (id),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    state TEXT NOT NULL CHECK (state IN ('done', 'writing', 'stopped', 'cut_off', 'failed')),
    error TEXT NOT NULL,
    model TEXT NOT NULL,
    origin TEXT NOT NULL,
    stats TEXT,
    created_at REAL NOT NULL,
    content TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    CHECK (parent_id < id)
) STRICT;
CREATE INDEX message_chat ON message (chat_id, parent_id);
CREATE INDEX message_parent ON message (parent_id);
CREATE INDEX message_writing ON message (state) WHERE state = 'writing';

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_message ON attachment (message_id);

CREATE TABLE draft (chat_id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE VIRTUAL TABLE message_words USING fts5 (
    content, content = 'message', content_rowid = 'id', prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER message_added AFTER INSERT ON message WHEN new.state <> 'writing' BEGIN
    INSERT INTO message_words (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER message_unsaid AFTER UPDATE OF content, state ON message
WHEN old.state <> 'writing' BEGIN
    INSERT INTO message_words (message_words, rowid, content)
    VALUES ('delete', old.id, old.content);
END;
CREATE TRIGGER message_said AFTER UPDATE OF content, state ON message
WHEN new.state <> 'writing' BEGIN
    INSERT INTO message_words (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER message_removed AFTER DELETE ON message WHEN old.state <> 'writing' BEGIN
    INSERT INTO message_words (message_words, rowid, content)
    VALUES ('delete', old.id, old.content);
END;

CREATE VIRTUAL TABLE chat_words USING fts5 (
    title, content = 'chat', content_rowid = 'number', prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER chat_added AFTER INSERT ON chat BEGIN
    INSERT INTO chat_words (rowid, title) VALUES (new.number, new.title);
END;
CREATE TRIGGER chat_renamed AFTER UPDATE OF title ON chat BEGIN
    INSERT INTO chat_words (chat_words, rowid, title) VALUES ('delete', old.number, old.title);
    INSERT INTO chat_words (rowid, title) VALUES (new.number, new.title);
END;
CREATE TRIGGER chat_removed AFTER DELETE ON chat BEGIN
    INSERT INTO chat_words (chat_words, rowid, title) VALUES ('delete', old.number, old.title);
    DELETE FROM draft WHERE chat_id = old.id;
END;
"""

SEARCH_TABLES = ("message_words", "chat_words")


def _first(connection: sqlite3.Connection) -> None:
    for statement in statements(_FIRST):
        connection.execute(statement)


MIGRATIONS: Sequence[Migration] = (_first,)


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps this database has behind it."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def apply(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Take the steps that are still to be taken, each in a transaction of its own.

    Raises:
        sqlite3.Error: the step that failed left nothing behind.
    """
    for number in range(version_of(connection), len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            migrations[number](connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def rebuild_search(connection: sqlite3.Connection) -> None:
    """Make the search index anew from the texts."""
    connection.execute("INSERT INTO message_words (message_words) VALUES ('delete-all')")
    connection.execute(
        """INSERT INTO message_words (rowid, content)
           SELECT id, content FROM message WHERE state <> 'writing'"""
    )
    connection.execute("INSERT INTO chat_words (chat_words) VALUES ('rebuild')")


def statements(script: str) -> list[str]:
    """The statements of a script; `executescript` would end the transaction around it."""
    found, current = [], ""
    for part in script.strip().removesuffix(";").split(";"):
        current += part + ";"
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    return found
