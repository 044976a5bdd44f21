"""One SQLite file behind one thread: opened, checked, migrated, saved from damage, copied.

All work on the file is a function that is handed to `Database.run`. They run one after the
other on a thread named "store", each in a transaction of its own.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from router.errors import StorageError
from router.store import sqlite
from router.store.copies import copy_to, dated, open_copy, sweep, too_new, write_private
from router.store.lock import FileLock
from router.store.salvage import Salvaged, salvage
from router.store.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    SEARCH_TABLES,
    Migration,
    apply,
    rebuild_search,
    version_of,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

HURRIED_MS = 50
MERGED_PAGES = 500  # of the search index, between which other work gets its turn


@dataclass(frozen=True)
class OpenReport:
    """What opening the file took.

    Args:
        backup: the copy made before the format was changed.
        salvaged: what came out of a damaged file.
    """

    created: bool = False
    backup: Path | None = None
    salvaged: Salvaged | None = None

    @property
    def problem(self) -> StorageError | None:
        """What the user should be told, if anything."""
        if (saved := self.salvaged) is None:
            return None
        lost = f" {_count(saved.lost, 'record')} could not be read." if saved.lost else ""
        cut = f" {_count(saved.cut, 'text')} cut short." if saved.cut else ""
        return StorageError(
            f"The chat file was damaged. {_count(saved.chats, 'chat')} with "
            f"{_count(saved.messages, 'message')} were moved into a new file.{lost}{cut}",
            safe=f"The damaged file was kept as {saved.kept_as.name}.",
            hint="If something is missing, restore a backup in Settings, Storage.",
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Database:
    """One database. `path` None is one in memory that leaves nothing on disk.

    Args:
        backups: where dated copies go; needed for a file.
        migrations: the steps to the newest format.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        backups: Path | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self.path = path
        self.report = OpenReport()
        self._backups = backups if backups is not None or path is None else path.parent / "backups"
        self._migrations = migrations
        self._lock = None if path is None else FileLock(path)
        self._hurried = False
        self._executor: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether work can be done."""
        return self._executor is not None

    async def open(self) -> OpenReport:
        """Open the file, make it when there is none; opening it again does nothing.

        Raises:
            StorageError: it cannot be read or written, is from a newer version of the app, or
                open in another process.
        """
        if self._executor is None:
            executor = ThreadPoolExecutor(1, thread_name_prefix="store")
            try:
                self.report = await _on(executor, self._open)
            except BaseException:
                executor.shutdown()
                raise
            self._executor = executor
        return self.report

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in one transaction; when it returns, it is safely on disk.

        A caller that is cancelled does not stop work that has begun.

        Raises:
            StorageError: it could not be done; nothing of it was.
        """
        return await _on(self._thread(), lambda: self._transaction(work))

    async def close(self) -> None:
        """Finish what was begun, then close the file. Closing twice is fine."""
        executor, self._executor = self._executor, None
        if executor is not None:
            try:
                await _on(executor, self._close)
            finally:
                executor.shutdown()

    def hurry(self) -> None:
        """Wait no longer for another program that uses the file: the app is closing."""
        self._hurried = True

    async def backup(self, target: Path | None = None) -> Path:
        """Copy the database, by default to a dated file; returns where it is.

        Raises:
            StorageError: the copy could not be made.
        """
        return await _on(self._thread(), lambda: self._backup(target, "copy"))

    async def restore(self, source: Path) -> Path:
        """Replace everything by a copy; what was there before goes to a dated file first.

        Raises:
            StorageError: the copy is damaged, not ours or too new; nothing was changed then.
        """
        return await _on(self._thread(), lambda: self._restore(source))

    async def scrub(self) -> None:
        """Make sure that no byte of what was deleted is left in the files."""
        while not await self.run(_merge_search):
            pass
        await _on(self._thread(), self._checkpoint)

    def _thread(self) -> ThreadPoolExecutor:
        if self._executor is None:
            raise StorageError(
                "The chats are not open.",
                safe="Nothing was lost.",
                hint="Open Diagnostics to see why, and try again.",
            )
        return self._executor

    # All below runs on the store thread.

    def _open(self) -> OpenReport:
        self._hurried = False
        if self.path is None or self._lock is None:
            self._connection = sqlite.connect(None)
            apply(self._connection, self._migrations)
            return OpenReport(created=True)
        with sqlite.translated(self.path):
            self._lock.acquire()
            try:
                return self._open_or_salvage(self.path)
            except BaseException:
                self._lock.release()
                raise

    def _open_or_salvage(self, path: Path) -> OpenReport:
        sweep(path.parent)
        created = sqlite.size(path) == 0
        write_private(path)
        salvaged: Salvaged | None = None
        try:
            self._connection, backup = self._open_file(path)
        except sqlite.Damaged as damage:
            log.warning("the chat file is damaged: %s", damage)
            salvaged = salvage(path, self._migrations)
            log.warning(
                "saved %d chats, %d messages; %d records lost, %d texts cut short",
                salvaged.chats,
                salvaged.messages,
                salvaged.lost,
                salvaged.cut,
            )
            self._connection, backup = self._open_file(path)
        return OpenReport(created, backup, salvaged)

    def _open_file(self, path: Path) -> tuple[sqlite3.Connection, Path | None]:
        """Raises Damaged, or StorageError for a file that is not to be touched."""
        found = sqlite.header(path)
        if found is not None and found[0] > len(self._migrations):
            raise too_new(path)
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite.connect(path)
            self._refuse_foreign(connection, path)
            if not sqlite.check(connection):
                log.info("the check of the chat file was stopped after %.0f s", sqlite.CHECK_S)
            return connection, self._migrate(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error) and sqlite.is_damage(error):
                raise sqlite.Damaged(str(error)) from error
            raise

    def _refuse_foreign(self, connection: sqlite3.Connection, path: Path) -> None:
        version = version_of(connection)
        if version > len(self._migrations):
            raise too_new(path)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application != APPLICATION_ID and tables:
            raise StorageError(
                f"{path.name} is a database of another program.",
                safe="The file was not changed.",
                hint="Move it away, or start with --data-dir and another folder.",
            )

    def _migrate(self, connection: sqlite3.Connection) -> Path | None:
        version = version_of(connection)
        backup = None
        if 0 < version < len(self._migrations):
            backup = self._new_copy(f"format-{version}")
            copy_to(connection, backup)
        apply(connection, self._migrations)
        return backup

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with sqlite.translated(self.path):
            try:
                return self._once(work)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB:
                    raise
            log.warning("the search index is damaged and is made anew")
            self._once(rebuild_search)
            return self._once(work)

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._open_connection()
        if self._hurried:
            connection.execute(f"PRAGMA busy_timeout = {HURRIED_MS}").fetchall()
        connection.execute("BEGIN")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _open_connection(self) -> sqlite3.Connection:
        assert self._connection is not None
        return self._connection

    def _new_copy(self, label: str) -> Path:
        assert self._backups is not None
        return dated(self._backups, f"chats-{label}", ".db")

    def _backup(self, target: Path | None, label: str) -> Path:
        target = target or self._new_copy(label)
        with sqlite.translated(target):
            copy_to(self._open_connection(), target)
        return target

    def _restore(self, source: Path) -> Path:
        with sqlite.translated(self.path):
            copy = open_copy(source, len(self._migrations))
            try:
                kept = self._backup(None, "before-restore")
                copy.backup(self._open_connection())
            finally:
                copy.close()
            apply(self._open_connection(), self._migrations)
        return kept

    def _checkpoint(self) -> None:
        with sqlite.translated(self.path):
            self._open_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                with sqlite.translated(self.path):
                    connection.close()
        finally:
            if self._lock is not None:
                self._lock.release()


def _merge_search(connection: sqlite3.Connection) -> bool:
    """Rewrite a part of the search index without deleted words; whether all is done.

    SQLite counts one change for a merge that had nothing to do.
    """
    before = connection.total_changes
    for table in SEARCH_TABLES:
        connection.execute(
            f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)",  # noqa: S608 - own names
            (-MERGED_PAGES,),
        )
    return connection.total_changes - before <= len(SEARCH_TABLES)


async def _on(executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
