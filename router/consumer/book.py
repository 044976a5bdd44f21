"""What the consumer side remembers between runs: openings, keys of providers, what users chose.

Nothing in it is money: sessions are found on the chain again, keys and endpoints are learned
again. Openings are the exception that is worth syncing: each step is here before it is done.
"""

import dataclasses
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.consumer.evidence import Call
from router.consumer.records import Opening, Quote
from router.consumer.written import error_text, quote_text, read_error, read_quote
from router.errors import Busy
from router.store.one_thread import Content, OneThread

log = logging.getLogger(__name__)

# Openings that are over, which lists still show.
MOST_OVER = 50
# Calls to providers that are remembered, of all of them together.
MOST_CALLS = 5_000

_SCHEMA = """
CREATE TABLE opening (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    chain_id INTEGER NOT NULL,
    user TEXT NOT NULL,
    quote TEXT NOT NULL,
    step TEXT NOT NULL,
    started_at REAL NOT NULL,
    wish TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    approval BLOB NOT NULL DEFAULT x'',
    signature BLOB NOT NULL DEFAULT x'',
    permission_tx INTEGER NOT NULL DEFAULT 0,
    open_tx INTEGER NOT NULL DEFAULT 0,
    session_id TEXT NOT NULL DEFAULT '',
    worse TEXT,
    error TEXT,
    failed_at TEXT,
    unasked INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX opening_wish ON opening (chain_id, user, wish) WHERE wish <> '';
CREATE TABLE peer (
    chain_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    public_key BLOB NOT NULL,
    endpoint TEXT NOT NULL,
    sealed INTEGER,
    seen_at REAL NOT NULL,
    PRIMARY KEY (chain_id, address)
);
CREATE TABLE note (
    chain_id INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    after_midnight INTEGER NOT NULL DEFAULT 0,
    warned INTEGER NOT NULL DEFAULT 0,
    closings INTEGER NOT NULL DEFAULT 0,
    answers INTEGER NOT NULL DEFAULT 0,
    tps_scaled_1000 INTEGER NOT NULL DEFAULT 0,
    ttft_ms INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (chain_id, session_id)
);
CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    model_id TEXT NOT NULL,
    at REAL NOT NULL,
    tokens INTEGER NOT NULL,
    first_token_ms INTEGER,
    writing_ms INTEGER NOT NULL,
    failure TEXT NOT NULL
);
CREATE TABLE rule (network TEXT PRIMARY KEY, rule TEXT NOT NULL, seen_at REAL NOT NULL);
"""
_OPENING = (
    "id, token, user, quote, step, started_at, attempt, approval, signature, permission_tx, open_tx, "
    "session_id, worse, error, failed_at, unasked"
)
_NOTE = (
    "after_midnight, warned, closings, answers, tps_scaled_1000, ttft_ms, input_tokens, "
    "output_tokens"
)
_BEGUN = ("token", "user", "attempt", "approval", "signature")
_CALL = "provider, model_id, at, tokens, first_token_ms, writing_ms, failure"
_PEER = "address, public_key, endpoint, sealed, seen_at"
CONTENT = Content(
    "sessions",
    (_SCHEMA,),
    (
        f"SELECT chain_id, wish, {_OPENING} FROM opening LIMIT 0",  # noqa: S608 - own names
        f"SELECT chain_id, session_id, {_NOTE} FROM note LIMIT 0",  # noqa: S608
        f"SELECT chain_id, {_PEER} FROM peer LIMIT 0",  # noqa: S608
        f"SELECT {_CALL} FROM call LIMIT 0",  # noqa: S608
    ),
)


@dataclass(frozen=True)
class Begun:
    """An opening with what is needed to go on with it.

    Args:
        token: part of the keys of its transactions; no other opening ever has it.
        user: whose session it will be.
        attempt: number of the present try to open; part of the transaction's key too.
        approval, signature: what the provider signed for this try; it may have been used.
    """

    opening: Opening
    token: str
    user: str
    attempt: int = 0
    approval: bytes = b""
    signature: bytes = b""


@dataclass(frozen=True)
class KnownPeer:
    """A provider as it was last met: key of 65 bytes, endpoint as on the chain.

    Args:
        sealed: whether requests to it can be sealed too; None when that was not asked.
    """

    address: str
    public_key: bytes
    endpoint: str
    seen_at: float
    sealed: bool | None = None


@dataclass(frozen=True)
class Note:
    """What is remembered of a session: choices, and sums over its answers for our own report.

    Args:
        closings: how many tries to close it were given up.
        tps_scaled_1000, ttft_ms: sums over `answers`.
    """

    after_midnight: bool = False
    warned: bool = False
    closings: int = 0
    answers: int = 0
    tps_scaled_1000: int = 0
    ttft_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Book:
    """The book of one network. `open` it first.

    Args:
        path: None keeps it in memory, for networks that are gone at the end.
        clock: seconds since 1970.
    """

    def __init__(
        self, path: Path | None, chain_id: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = OneThread(path, CONTENT, clock)
        self._chain_id = chain_id
        self._clock = clock

    async def open(self) -> None:
        """Open or make the file; a damaged one is set aside under a new name.

        Raises:
            StorageError
        """
        await self._file.open()

    async def close(self) -> None:
        """Let go of the file."""
        await self._file.close()

    # Openings

    async def begin(
        self, user: str, quote: Quote, wish: str = "", *, unasked: bool = False
    ) -> Begun:
        """Write down that a session is to be opened; on disk on return.

        Args:
            wish: names it to whoever asks for it; the account has no other of this name.

        Raises:
            Busy: there is an opening of this name.
            StorageError: it could not be written; nothing must be done then.
        """

        values = (
            secrets.token_hex(8),
            self._chain_id,
            user,
            quote_text(quote),
            wish,
            self._clock(),
        )

        def work(connection: sqlite3.Connection) -> Begun:
            try:
                (row_id,) = connection.execute(
                    """INSERT INTO opening (token, chain_id, user, quote, step, wish, started_at,
                                            unasked)
                       VALUES (?, ?, ?, ?, 'provider', ?, ?, ?) RETURNING id""",
                    (*values, unasked),
                ).fetchone()
            except sqlite3.IntegrityError as error:
                raise Busy(
                    "This session is being opened already.", safe="No second one was begun."
                ) from error
            return _begun(_row(connection, row_id))

        return await self._file.run(work)

    async def keep(self, begun: Begun) -> Begun:
        """Write down where an opening is now; on disk on return.

        Raises:
            StorageError
        """
        opening = begun.opening
        values = {
            "quote": quote_text(opening.quote),
            "step": opening.step,
            "attempt": begun.attempt,
            "approval": begun.approval,
            "signature": begun.signature,
            "permission_tx": opening.permission_tx,
            "open_tx": opening.open_tx,
            "session_id": opening.session_id,
            "worse": None if opening.worse is None else quote_text(opening.worse),
            "error": None if opening.error is None else error_text(opening.error),
            "failed_at": opening.failed_at,
        }
        setting = ", ".join(f"{name} = ?" for name in values)
        await self._file.run(
            lambda connection: connection.execute(
                f"UPDATE opening SET {setting} WHERE id = ?",  # noqa: S608 - own names
                (*values.values(), opening.id),
            )
        )
        return begun

    async def wished(self, user: str, wish: str) -> Begun | None:
        """The opening of a name, however long it is over."""

        def work(connection: sqlite3.Connection) -> Begun | None:
            row = connection.execute(
                f"""SELECT {_OPENING} FROM opening
                    WHERE chain_id = ? AND user = ? AND wish = ? AND wish <> ''""",  # noqa: S608
                (self._chain_id, user, wish),
            ).fetchone()
            return None if row is None else _readable(row)

        return await self._file.run(work)

    async def begun(self, user: str) -> list[Begun]:
        """The openings of an account, newest first: all that are not over, and the last others.

        One that an other version of the app wrote in words of its own is passed over: what it
        opened is on the chain.
        Those that opened unasked are all there: together they are held to a limit.
        """

        def work(connection: sqlite3.Connection) -> list[Begun]:
            rows = connection.execute(
                f"""SELECT {_OPENING} FROM opening WHERE chain_id = ? AND user = ?
                    AND (step NOT IN ('done', 'given_up') OR (unasked AND step = 'done') OR id IN (
                        SELECT id FROM opening WHERE chain_id = ? AND user = ?
                        AND step IN ('done', 'given_up') ORDER BY id DESC LIMIT {MOST_OVER}))
                    ORDER BY id DESC""",  # noqa: S608 - own names
                (self._chain_id, user, self._chain_id, user),
            ).fetchall()
            return [begun for row in rows if (begun := _readable(row)) is not None]

        return await self._file.run(work)

    # Providers

    async def keep_peer(self, peer: KnownPeer) -> None:
        """Remember a provider as it was met last; that it opens sealed requests stays known."""
        values = (self._chain_id, *(getattr(peer, name) for name in _PEER.split(", ")))
        await self._file.run(
            lambda connection: connection.execute(
                f"""INSERT INTO peer (chain_id, {_PEER}) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET public_key = excluded.public_key,
                    endpoint = excluded.endpoint, seen_at = excluded.seen_at,
                    sealed = CASE sealed WHEN 1 THEN 1 ELSE excluded.sealed END""",  # noqa: S608
                values,
            )
        )

    async def seals(self, address: str) -> bool:
        """Whether a provider is known to open sealed requests."""
        peer = (await self.peers()).get(address)
        return peer is not None and bool(peer.sealed)

    async def peers(self) -> dict[str, KnownPeer]:
        """All that were met, by address."""

        def work(connection: sqlite3.Connection) -> dict[str, KnownPeer]:
            rows = connection.execute(
                f"SELECT {_PEER} FROM peer WHERE chain_id = ?",  # noqa: S608 - own names
                (self._chain_id,),
            )
            return {row[0]: _peer(row) for row in rows}

        return await self._file.run(work)

    async def add_call(self, call: Call) -> None:
        """Keep a call that is over; the oldest make room."""

        def work(connection: sqlite3.Connection) -> None:
            values = dataclasses.astuple(call)
            connection.execute(
                f"INSERT INTO call ({_CALL}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - own names
                values,
            )
            connection.execute(
                "DELETE FROM call WHERE id <= (SELECT max(id) FROM call) - ?", (MOST_CALLS,)
            )

        await self._file.run(work)

    async def calls(self) -> list[Call]:
        """All calls that are kept, of any network, oldest first."""

        def work(connection: sqlite3.Connection) -> list[Call]:
            rows = connection.execute(f"SELECT {_CALL} FROM call ORDER BY id")  # noqa: S608
            return [Call(*row) for row in rows]

        return await self._file.run(work)

    # Sessions

    async def notes(self) -> dict[str, Note]:
        """What is remembered of sessions, by id."""

        def work(connection: sqlite3.Connection) -> dict[str, Note]:
            rows = connection.execute(
                f"SELECT session_id, {_NOTE} FROM note WHERE chain_id = ?",  # noqa: S608
                (self._chain_id,),
            )
            return {row[0]: _note(row[1:]) for row in rows}

        return await self._file.run(work)

    async def note(self, session_id: str) -> Note:
        """What is remembered of one session."""

        def work(connection: sqlite3.Connection) -> Note:
            row = connection.execute(
                f"SELECT {_NOTE} FROM note WHERE chain_id = ? AND session_id = ?",  # noqa: S608
                (self._chain_id, session_id),
            ).fetchone()
            return Note() if row is None else _note(row)

        return await self._file.run(work)

    async def change_note(self, session_id: str, **values: Any) -> Note:
        """Change what is remembered of a session by name; returns it as it is then."""
        return await self._set_note(session_id, {f"{name} = ?": v for name, v in values.items()})

    async def add_answer(
        self,
        session_id: str,
        *,
        tps_scaled_1000: int,
        ttft_ms: int,
        input_tokens: int,
        output_tokens: int,
    ) -> Note:
        """Count an answer of a session, for our own report when the provider gives none."""
        sums = {
            "answers": 1,
            "tps_scaled_1000": tps_scaled_1000,
            "ttft_ms": ttft_ms,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
        }
        return await self._set_note(
            session_id, {f"{name} = {name} + ?": value for name, value in sums.items()}
        )

    async def _set_note(self, session_id: str, changes: dict[str, Any]) -> Note:
        def work(connection: sqlite3.Connection) -> Note:
            key = (self._chain_id, session_id)
            connection.execute(
                "INSERT OR IGNORE INTO note (chain_id, session_id) VALUES (?, ?)", key
            )
            row = connection.execute(
                f"""UPDATE note SET {", ".join(changes)} WHERE chain_id = ? AND session_id = ?
                    RETURNING {_NOTE}""",  # noqa: S608 - own names
                (*changes.values(), *key),
            ).fetchone()
            return _note(row)

        return await self._file.run(work)

    # How networks pay

    async def closing_rule(self, network: str) -> str:
        """What was kept of a network's closing rule, by its name; empty when nothing was."""

        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT rule FROM rule WHERE network = ?", (network,)
            ).fetchone()
            return "" if row is None else str(row[0])

        return await self._file.run(work)

    async def keep_closing_rule(self, network: str, text: str) -> None:
        """Remember how a network closes sessions."""
        await self._file.run(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO rule VALUES (?, ?, ?)", (network, text, self._clock())
            )
        )


def _row(connection: sqlite3.Connection, row_id: int) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.execute(
        f"SELECT {_OPENING} FROM opening WHERE id = ?",  # noqa: S608 - own names
        (row_id,),
    ).fetchone()
    return row


def _begun(row: tuple[Any, ...]) -> Begun:
    values = dict(zip(_OPENING.split(", "), row, strict=True))
    own = {name: values.pop(name) for name in _BEGUN}
    values["quote"] = read_quote(values["quote"])
    values["worse"] = None if values["worse"] is None else read_quote(values["worse"])
    values["unasked"] = bool(values["unasked"])
    values["error"] = None if values["error"] is None else read_error(values["error"])
    return Begun(Opening(**values), **own)


def _readable(row: tuple[Any, ...]) -> Begun | None:
    try:
        return _begun(row)
    except (ValueError, KeyError, TypeError) as error:
        log.warning("the opening %d in the book cannot be read: %r", row[0], error)
        return None


def _note(row: tuple[Any, ...]) -> Note:
    values = dict(zip((field.name for field in dataclasses.fields(Note)), row, strict=True))
    values |= {name: bool(values[name]) for name in ("after_midnight", "warned")}
    return Note(**values)


def _peer(row: tuple[Any, ...]) -> KnownPeer:
    address, public_key, endpoint, sealed, seen_at = row
    return KnownPeer(
        address, public_key, endpoint, seen_at, None if sealed is None else bool(sealed)
    )
