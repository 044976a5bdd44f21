"""A small SQLite file with a thread of its own: made, checked, set aside when it is damaged."""

import asyncio
import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from router.errors import StorageError
from router.store import sqlite
from router.store.schema import statements, version_of

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Content:
    """What a file holds.

    Args:
        what: in words, in the plural: "transactions".
        steps: SQL from each version of the file to the next, the first from an empty one; a step
            that was released is never changed. A file with more steps behind it is refused.
        looks: statements that fail when the tables are not ours; pages of another database can
            be in a file that is sound by itself.
        lost: what to tell the user of a damaged file, by the name under which it was kept; None
            where nothing is missed.
    """

    what: str
    steps: tuple[str, ...]
    looks: tuple[str, ...]
    lost: Callable[[str], StorageError] | None = None

    @property
    def version(self) -> int:
        """Of a file that is up to date."""
        return len(self.steps)


class OneThread:
    """The file. `open` it first; all work on it is done by its thread, one piece at a time.

    Args:
        path: None keeps it in memory, for what is gone at the end.
        is_synced: whether what `run` did survives a power cut; else a crash of the app only.

    Attributes:
        problem: what the user should be told of the file, once it is open.
    """

    def __init__(
        self,
        path: Path | None,
        content: Content,
        clock: Callable[[], float] = time.time,
        *,
        is_synced: bool = True,
    ) -> None:
        self.problem: StorageError | None = None
        self._path = path
        self._content = content
        self._clock = clock
        self._is_synced = is_synced
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open or make the file; a damaged one is set aside under a new name.

        Raises:
            StorageError: it cannot be read or written, or a newer version of the app made it.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, self._content.what)
            await self.run(lambda _: None)

    async def close(self) -> None:
        """Let go of the file and the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(thread, self._disconnect)
            await loop.run_in_executor(None, thread.shutdown)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work in one transaction; it is written on return, or not at all.

        Raises:
            StorageError: it could not be read or written, or was closed in the meantime.
        """
        if self._thread is None:
            raise StorageError(
                f"The file of the {self._content.what} is closed.", safe="Nothing was written."
            )
        loop = asyncio.get_running_loop()
        # A cancelled caller must not leave a half: the thread goes on to the end.
        return await asyncio.shield(loop.run_in_executor(self._thread, self._work, work))

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with sqlite.translated(self._path, self._content.what):
            if self._connection is None:
                self._connection = self._connect()
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return result

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except (sqlite.Damaged, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not sqlite.is_damage(error):
                raise
            assert self._path is not None, "memory does not get damaged"
            aside = self._path.with_name(f"{self._path.name}.damaged-{int(self._clock())}")
            log.warning(
                "the file of the %s is damaged and was kept as %s", self._content.what, aside.name
            )
            for part in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self._path.with_name(self._path.name + part).replace(f"{aside}{part}")
            connection = self._opened()
            self.problem = self._content.lost(aside.name) if self._content.lost else None
            return connection

    def _opened(self) -> sqlite3.Connection:
        if self._path is not None:
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite.connect(self._path)
        try:
            if not self._is_synced:
                connection.execute("PRAGMA synchronous = NORMAL")
            sqlite.check(connection)
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Bring the tables to this version, and see that they are ours.

        Raises:
            StorageError: a newer version of the app made them.
            Damaged: they are not ours.
            sqlite3.Error: the disk is full, say, or somebody else is writing.
        """
        if version_of(connection) > self._content.version:
            raise StorageError(
                f"The file of the {self._content.what} was made by a newer version of the app.",
                safe="It was left as it is.",
                hint="Update the app.",
            )
        try:
            if version_of(connection) < self._content.version:
                self._take_steps(connection)
            for look in self._content.looks:
                connection.execute(look)
        except sqlite3.OperationalError as error:
            if sqlite.code(error) != sqlite3.SQLITE_ERROR:
                raise
            raise sqlite.Damaged(str(error)) from error

    def _take_steps(self, connection: sqlite3.Connection) -> None:
        """All in one transaction, which ends with the connection when one fails."""
        connection.execute("BEGIN IMMEDIATE")
        version = version_of(connection)
        if version or not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            for step in self._content.steps[version:]:
                for statement in statements(step):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self._content.version}")
        connection.execute("COMMIT")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
