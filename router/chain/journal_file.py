"""The file of the journal of transactions: its tables, and what comes of a damaged one."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from router.errors import StorageError
from router.store import sqlite
from router.store.schema import statements, version_of

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE tx (
    id INTEGER PRIMARY KEY,
    key TEXT UNIQUE,
    chain_id INTEGER NOT NULL,
    sender TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    value TEXT NOT NULL,
    data BLOB NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    block INTEGER,
    block_hash TEXT,
    mined_hash TEXT,
    fee TEXT,
    reason TEXT NOT NULL DEFAULT '',
    label TEXT NOT NULL DEFAULT '',
    settled INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
);
CREATE UNIQUE INDEX one_intent_a_nonce ON tx (chain_id, sender, nonce) WHERE state != 'not_sent';
CREATE TABLE attempt (
    hash TEXT NOT NULL,
    tx_id INTEGER NOT NULL REFERENCES tx (id),
    kind TEXT NOT NULL,
    raw BLOB NOT NULL,
    gas INTEGER NOT NULL,
    max_fee TEXT NOT NULL,
    tip TEXT NOT NULL,
    signed_at REAL NOT NULL,
    sent_at REAL,
    -- What was refused and is wanted again has the same hash under another intent.
    PRIMARY KEY (tx_id, hash)
);
"""
# From each version of the file to the next; a step that was released is never changed.
_STEPS = (_SCHEMA, "ALTER TABLE attempt ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;")
VERSION = len(_STEPS)
TX_COLUMNS = (
    "id, key, chain_id, sender, nonce, recipient, value, data, purpose, state, block, block_hash, "
    "mined_hash, fee, reason, label, settled, created_at, updated_at"
)
ATTEMPT_COLUMNS = "hash, kind, raw, gas, max_fee, tip, signed_at, sent_at, refused"


@dataclass(frozen=True)
class Opened:
    """An open file, and what the user should be told of it, if anything."""

    connection: sqlite3.Connection
    problem: StorageError | None = None


def opened(path: Path | None, clock: Callable[[], float]) -> Opened:
    """Open or make the file; a damaged one is kept under a new name. None is in memory.

    Raises:
        StorageError: a newer version of the app made it.
        sqlite3.Error, OSError: it cannot be read or written.
    """
    try:
        return Opened(_connected(path))
    except (sqlite.Damaged, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.DatabaseError) and not sqlite.is_damage(error):
            raise
        assert path is not None, "memory does not get damaged"
        aside = path.with_name(f"{path.name}.damaged-{int(clock())}")
        log.warning("the journal of transactions is damaged and was kept as %s", aside.name)
        for part in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + part).replace(f"{aside}{part}")
        return Opened(_connected(path), _problem(aside))


def _problem(aside: Path) -> StorageError:
    return StorageError(
        "The list of what was sent from here was damaged, so a new one was begun.",
        safe=f"No money was lost by that. The damaged file was kept as {aside.name}.",
        hint="What was on the way is not followed any more: before you pay it again, see whether "
        "it has arrived.",
    )


def _connected(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite.connect(path)
    try:
        sqlite.check(connection)
        if version_of(connection) > VERSION:
            raise StorageError(
                "The journal of transactions was made by a newer version of the app.",
                safe="It was left as it is.",
                hint="Update the app.",
            )
        _bring_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up(connection: sqlite3.Connection) -> None:
    """Bring the tables to this version, and see that they are ours.

    Raises:
        Damaged: they are not: pages of another database can be in the file.
        sqlite3.Error: the disk is full, say, or somebody else is writing.
    """
    try:
        if version_of(connection) < VERSION:
            _take_steps(connection)
        connection.execute(f"SELECT {TX_COLUMNS} FROM tx LIMIT 0")  # noqa: S608 - own names
        connection.execute(f"SELECT tx_id, {ATTEMPT_COLUMNS} FROM attempt LIMIT 0")  # noqa: S608
    except sqlite3.OperationalError as error:
        if sqlite.code(error) != sqlite3.SQLITE_ERROR:
            raise
        raise sqlite.Damaged(str(error)) from error


def _take_steps(connection: sqlite3.Connection) -> None:
    """All in one transaction, which ends with the connection when one fails."""
    connection.execute("BEGIN IMMEDIATE")
    version = version_of(connection)
    if version or not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        for step in _STEPS[version:]:
            for statement in statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
