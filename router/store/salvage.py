"""Saves the readable chats of a damaged file, row by row, into a new one.

The damaged file is kept under a dated name. The new one takes its place in one step, after it
is complete: whenever the app is killed, there is either the damaged file or the salvaged one.
"""

import contextlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from router.store.copies import WORK_PREFIX, dated, write_private
from router.store.schema import APPLICATION_ID, Migration, apply
from router.store.sqlite import connect

_PAGE = 4096
_KEYS = {"chat": "number", "message": "id", "attachment": "id", "draft": "rowid"}
_ORDERS = (
    "SELECT {key} FROM {table} ORDER BY {key}",
    "SELECT {key} FROM {table} ORDER BY {key} DESC",
)
_BY_INDEX = {
    "message": (
        "SELECT id FROM message INDEXED BY message_chat ORDER BY chat_id",
        "SELECT id FROM message INDEXED BY message_chat ORDER BY chat_id DESC",
        "SELECT id FROM message INDEXED BY message_parent ORDER BY parent_id",
    ),
    "attachment": ("SELECT id FROM attachment INDEXED BY attachment_message ORDER BY message_id",),
}


@dataclass(frozen=True)
class Salvaged:
    """What came out of a damaged file.

    Args:
        lost: rows that were there and could not be read.
        cut: texts that end where the damage begins.
    """

    kept_as: Path
    chats: int
    messages: int
    lost: int
    cut: int


def salvage(path: Path, migrations: Sequence[Migration]) -> Salvaged:
    """Replace a damaged database by a new one with everything that can still be read.

    Raises:
        OSError, sqlite3.Error: the disk does not let us; the damaged file is as it was.
    """
    kept_as = dated(path.parent, f"{path.stem}.damaged", path.suffix)
    for suffix in ("", "-wal"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copy2(part, kept_as.with_name(kept_as.name + suffix))
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=path.parent) as folder:
        source = _best_source(path, Path(folder), migrations)
        new = Path(folder) / "new.db"
        write_private(new)
        with contextlib.closing(connect(new)) as target:
            found = _rescue(source, target, migrations)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        new.replace(path)
    return Salvaged(kept_as, *found)


def _best_source(path: Path, folder: Path, migrations: Sequence[Migration]) -> Path | None:
    """The copy of the damaged file that shows most messages, of three ways to read it."""
    wal = path.with_name(path.name + "-wal")
    whole = folder / "whole.db"
    alone = folder / "alone.db"
    mended = folder / "mended.db"
    for copy in (whole, alone, mended):
        shutil.copy(path, copy)
    if wal.exists():
        shutil.copy(wal, folder / "whole.db-wal")
    _mend_header(mended, folder / "header.db", migrations)
    found = {copy: _count(copy) for copy in (whole, alone, mended)}
    best = max(found, key=lambda copy: found[copy])
    return best if found[best] >= 0 else None


def _mend_header(damaged: Path, fresh: Path, migrations: Sequence[Migration]) -> None:
    """Give a file the first page of a new database, whose tables start at the same pages."""
    with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        apply(connection, migrations)
    page = bytearray(fresh.read_bytes()[:_PAGE])
    pages = damaged.stat().st_size // _PAGE
    page[28:32] = pages.to_bytes(4, "big")
    with damaged.open("r+b") as file:
        file.write(page)


def _count(path: Path) -> int:
    """How many messages can be listed, -1 when not even the tables are known."""
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as source:
            source.execute("SELECT id FROM chat LIMIT 0")
            return len(_ids(source, "message"))
    except sqlite3.Error:
        return -1


class _Texts:
    """Reads a text up to where something else was written over it; `cut` counts those."""

    def __init__(self) -> None:
        self.cut = 0

    def __call__(self, data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.cut += 1
            return data[: error.start].decode("utf-8")


def _rescue(
    path: Path | None, target: sqlite3.Connection, migrations: Sequence[Migration]
) -> tuple[int, int, int, int]:
    """Copy readable rows; returns the numbers of `Salvaged`."""
    lost = 0
    texts = _Texts()
    if path is not None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as source:
            source.text_factory = texts
            version = _version(source, len(migrations))
            apply(target, migrations[:version])
            target.execute("PRAGMA foreign_keys = OFF")
            target.execute("BEGIN")
            for table in _KEYS:
                lost += _copy_table(source, target, table)
            _mend_links(target)
            target.execute("COMMIT")
            target.execute("PRAGMA foreign_keys = ON")
    apply(target, migrations)
    (chats,) = target.execute("SELECT count(*) FROM chat").fetchone()
    (messages,) = target.execute("SELECT count(*) FROM message").fetchone()
    return chats, messages, lost, texts.cut


def _version(source: sqlite3.Connection, newest: int) -> int:
    (version,) = source.execute("PRAGMA user_version").fetchone()
    (application,) = source.execute("PRAGMA application_id").fetchone()
    return version if application == APPLICATION_ID and 0 < version <= newest else newest


def _ids(source: sqlite3.Connection, table: str) -> list[int]:
    """All row ids that some way through the file still shows; each may break off early."""
    found: set[int] = set()
    ways = [order.format(key=_KEYS[table], table=table) for order in _ORDERS]
    for way in (*ways, *_BY_INDEX.get(table, ())):
        with contextlib.suppress(sqlite3.Error):
            for (key,) in source.execute(way):
                if isinstance(key, int):
                    found.add(key)
    return sorted(found)


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    """Copy one table; returns how many known rows could not be read."""
    columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    read = f"SELECT {names} FROM {table} WHERE {_KEYS[table]} = ?"  # noqa: S608 - own names
    write = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 - own names
    lost = 0
    for key in _ids(source, table):
        try:
            row = source.execute(read, (key,)).fetchone()
        except sqlite3.Error:
            row = None
        if row is None or not _insert(target, write, row):
            lost += 1
    return lost


def _insert(target: sqlite3.Connection, statement: str, row: Sequence[object]) -> bool:
    try:
        target.execute(statement, row)
    except (sqlite3.IntegrityError, OverflowError):  # what was read is not what was written
        return False
    return True


def _mend_links(target: sqlite3.Connection) -> None:
    """Give every message a chat and a parent again, and every chat an end of its branch."""
    target.execute(
        """INSERT INTO chat (id, title, named, pinned, model, origin, system_prompt, sampling,
                             created_at, updated_at)
           SELECT chat_id, 'Recovered chat', 0, 0, '', 'local', '', '{}',
                  coalesce(min(created_at), :now), coalesce(max(created_at), :now)
           FROM message WHERE chat_id NOT IN (SELECT id FROM chat) GROUP BY chat_id""",
        {"now": time.time()},
    )
    target.execute(
        """UPDATE message SET parent_id = (
               SELECT max(earlier.id) FROM message AS earlier
               WHERE earlier.chat_id = message.chat_id AND earlier.id < message.id)
           WHERE parent_id IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM message AS parent
               WHERE parent.id = message.parent_id AND parent.chat_id = message.chat_id)"""
    )
    target.execute(
        """UPDATE chat SET head = (SELECT max(id) FROM message WHERE chat_id = chat.id)
           WHERE NOT EXISTS (
               SELECT 1 FROM message WHERE message.id = chat.head AND chat_id = chat.id)"""
    )
    target.execute("DELETE FROM attachment WHERE message_id NOT IN (SELECT id FROM message)")
