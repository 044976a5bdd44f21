"""The provider's memory: who may ask, what was served, and which requests came already.

SQLite in `provider.db`. It survives a crash of the app; after a power cut the last second may be
missing. Every figure is added in the database, so that answers given at the same time all count.
"""

import dataclasses
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from router.provider.usage import Tokens
from router.store.one_thread import Content, OneThread

KEPT_S = 30 * 86400
# Users without a session are kept while they are among so many who asked last; asking is free.
MOST_STRANGERS = 50_000
IDLE_S = 15 * 60

_SCHEMA = """
CREATE TABLE user (address TEXT PRIMARY KEY, public_key BLOB NOT NULL, seen_at REAL NOT NULL);
CREATE TABLE session (
    chain_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    user TEXT NOT NULL,
    bid_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    answers INTEGER NOT NULL DEFAULT 0,
    tps_sum INTEGER NOT NULL DEFAULT 0,
    ttft_sum INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    active_at REAL NOT NULL DEFAULT 0,
    -- Contracts on two networks can give the same id.
    PRIMARY KEY (chain_id, id)
);
CREATE INDEX sessions_of_model ON session (chain_id, model_id, ends_at);
CREATE TABLE request (digest BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX request_until ON request (until);
"""
_FACTS = "id, user, bid_id, model_id, opened_at, ends_at, closed_at"
_FIGURES = "answers, tps_sum, ttft_sum, input_tokens, output_tokens"
CONTENT = Content(
    "sessions served",
    (_SCHEMA,),
    (
        f"SELECT chain_id, {_FACTS}, {_FIGURES}, active_at FROM session LIMIT 0",  # noqa: S608 - own names
        "SELECT address, public_key, seen_at FROM user LIMIT 0",
        "SELECT digest, until FROM request LIMIT 0",
    ),
)


@dataclass(frozen=True)
class ServedSession:
    """A session with us as the chain had it when it was looked at last."""

    id: str
    user: str
    bid_id: str
    model_id: str
    opened_at: int
    ends_at: int
    closed_at: int

    def is_open(self, now_s: float) -> bool:
        """Whether it may be prompted."""
        return self.closed_at == 0 and now_s < self.ends_at


@dataclass(frozen=True)
class Served:
    """What was served, of one session or of all.

    Args:
        tps_scaled_1000, ttft_ms: means over the answers.
    """

    answers: int = 0
    tps_scaled_1000: int = 0
    ttft_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Ledger:
    """The file. `open` it first; every method raises StorageError when it cannot be used.

    Args:
        path: None keeps it in memory.
        chain_id: of the network whose sessions are meant.
        clock: seconds since 1970.
    """

    def __init__(
        self, path: Path | None, chain_id: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._chain_id = chain_id
        self._clock = clock
        self._file = OneThread(path, CONTENT, clock, is_synced=False)
        self._run = self._file.run

    async def open(self) -> None:
        """Open or make the file; what is too old is forgotten."""
        await self._file.open()
        await self.tidy()

    async def tidy(self) -> None:
        """Forget what is too old, and users without a session when there are too many."""
        await self._run(self._forget)

    async def close(self) -> None:
        """Let go of the file."""
        await self._file.close()

    async def set_key(self, user: str, public_key: bytes) -> None:
        """Keep the key with which a user signs."""
        row = (user.lower(), public_key, self._clock())
        await self._run(lambda c: c.execute("INSERT OR REPLACE INTO user VALUES (?, ?, ?)", row))

    async def key_of(self, user: str) -> bytes | None:
        """The key with which a user signs, if it was told."""

        def work(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT public_key FROM user WHERE address = ?", (user.lower(),)
            ).fetchone()
            return None if row is None else bytes(row[0])

        return await self._run(work)

    async def is_new(self, digest: bytes, until_s: float) -> bool:
        """Remember a request; False when it came before.

        Args:
            until_s: when it would be refused for its age anyway.
        """

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM request WHERE until < ?", (self._clock(),))
            added = connection.execute(
                "INSERT OR IGNORE INTO request VALUES (?, ?)", (digest, until_s)
            )
            return added.rowcount == 1

        return await self._run(work)

    async def keep(self, sessions: Sequence[ServedSession]) -> None:
        """Write down sessions as the chain has them; figures stay."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                f"""INSERT INTO session (chain_id, {_FACTS}, active_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (chain_id, id) DO UPDATE
                    SET ends_at = excluded.ends_at, closed_at = excluded.closed_at""",  # noqa: S608 - own names
                [
                    (self._chain_id, *dataclasses.astuple(session), session.opened_at)
                    for session in sessions
                ],
            )

        await self._run(work)

    async def session(self, session_id: str) -> ServedSession | None:
        """A session that was written down."""

        def work(connection: sqlite3.Connection) -> ServedSession | None:
            row = connection.execute(
                f"SELECT {_FACTS} FROM session WHERE chain_id = ? AND id = ?",  # noqa: S608 - own names
                (self._chain_id, session_id),
            ).fetchone()
            return None if row is None else ServedSession(*row)

        return await self._run(work)

    async def open_sessions(self, now_s: float, user: str | None = None) -> list[ServedSession]:
        """All that are not over, or those of one user, oldest first."""

        def work(connection: sqlite3.Connection) -> list[ServedSession]:
            rows = connection.execute(
                f"""SELECT {_FACTS} FROM session
                    WHERE chain_id = ? AND closed_at = 0 AND ends_at > ?
                    AND lower(user) = coalesce(lower(?), lower(user))
                    ORDER BY opened_at, id""",  # noqa: S608 - own names
                (self._chain_id, now_s, user),
            )
            return [ServedSession(*row) for row in rows]

        return await self._run(work)

    async def count_open(self, model_id: str, now_s: float, *, active_since: float = 0.0) -> int:
        """How many sessions of a model are open, and were opened or asked something since a time."""

        def work(connection: sqlite3.Connection) -> int:
            (count,) = connection.execute(
                """SELECT count(*) FROM session
                   WHERE chain_id = ? AND model_id = ? AND ends_at > ? AND closed_at = 0
                   AND active_at >= ?""",
                (self._chain_id, model_id, now_s, active_since),
            ).fetchone()
            return int(count)

        return await self._run(work)

    async def note_activity(self, session_id: str) -> None:
        """A session was asked something now."""
        row = (self._clock(), self._chain_id, session_id)
        await self._run(
            lambda c: c.execute(
                "UPDATE session SET active_at = ? WHERE chain_id = ? AND id = ?", row
            )
        )

    async def add_answer(
        self, session_id: str, tokens: Tokens, *, total_s: float, first_ms: int
    ) -> None:
        """Count an answer, which took `total_s`, with the first piece after `first_ms`."""
        tps = tokens.answer * 1000 // max(1, int(total_s))
        row = (
            tps,
            first_ms,
            tokens.prompt,
            tokens.answer,
            self._clock(),
            self._chain_id,
            session_id,
        )
        await self._run(
            lambda c: c.execute(
                """UPDATE session SET answers = answers + 1, tps_sum = tps_sum + ?,
                   ttft_sum = ttft_sum + ?, input_tokens = input_tokens + ?,
                   output_tokens = output_tokens + ?, active_at = ?
                   WHERE chain_id = ? AND id = ?""",
                row,
            )
        )

    async def served(self, session_id: str | None = None) -> Served:
        """What was served to one session, or to all."""

        def work(connection: sqlite3.Connection) -> Served:
            figures = ", ".join(f"coalesce(sum({name}), 0)" for name in _FIGURES.split(", "))
            answers, tps, ttft, read, written = connection.execute(
                f"SELECT {figures} FROM session WHERE chain_id = ? AND id = coalesce(?, id)",  # noqa: S608 - own names
                (self._chain_id, session_id),
            ).fetchone()
            among = max(1, answers)
            return Served(answers, tps // among, ttft // among, read, written)

        return await self._run(work)

    def _forget(self, connection: sqlite3.Connection) -> None:
        now = self._clock()
        connection.execute("DELETE FROM request WHERE until < ?", (now,))
        connection.execute("DELETE FROM session WHERE max(ends_at, active_at) < ?", (now - KEPT_S,))
        connection.execute(
            """DELETE FROM user WHERE address NOT IN (SELECT lower(user) FROM session) AND (
                   seen_at < ?
                   OR address NOT IN (SELECT address FROM user ORDER BY seen_at DESC LIMIT ?))""",
            (now - KEPT_S, MOST_STRANGERS),
        )
