"""The journal of transactions: what was signed is written down, and synced, before it is sent.

One row is one intent with one nonce; its attempts are all transactions that were signed for that
nonce (the first, speed-ups, a cancellation), of which at most one can ever be mined. A thread of
its own does all work on the file. The file can be lost without losing money: what is in it can
be found again on the chain.
"""

import dataclasses
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from router.chain.journal_file import ATTEMPT_COLUMNS, CONTENT, TX_COLUMNS
from router.errors import Busy, StorageError
from router.store.one_thread import OneThread

State = Literal[
    "signed", "sent", "pending", "included", "safe", "failed", "cancelled", "replaced", "not_sent"
]
Kind = Literal["original", "speed_up", "cancel"]

# Which may still be mined.
OPEN: frozenset[State] = frozenset({"signed", "sent", "pending"})
# A transaction that was signed but never given to a node is sent only while its quote is this
# fresh, in seconds.
FRESH_S = 120.0


@dataclass(frozen=True)
class Attempt:
    """One signed transaction; fees in wei for a unit of gas, times in seconds since 1970.

    `sent_at` is set before it is given to a node for the first time, `refused` when none took it.
    """

    hash: str
    kind: Kind
    raw: bytes
    gas: int
    max_fee: int
    tip: int
    signed_at: float
    sent_at: float | None = None
    refused: bool = False


@dataclass(frozen=True)
class TxRecord:
    """One intent and how it is.

    Args:
        key: names the intent; a second one with the same key is the same.
        mined_hash, block, block_hash, fee: of the attempt that was mined; wei.
        reason: why it failed, in words.
        label: what the user wrote beside it.
        settled: its state is final; until then a reorganisation can change it.
    """

    id: int
    key: str | None
    chain_id: int
    sender: str
    nonce: int
    to: str
    value: int
    data: bytes
    purpose: str
    state: State
    created_at: float
    updated_at: float
    block: int | None = None
    block_hash: str | None = None
    mined_hash: str | None = None
    fee: int | None = None
    reason: str = ""
    label: str = ""
    settled: bool = False
    attempts: tuple[Attempt, ...] = ()

    @property
    def hash(self) -> str:
        """The hash to show: of what was mined, else of what is on the way."""
        return self.mined_hash or self.last.hash

    @property
    def last(self) -> Attempt:
        """The newest attempt that was not refused: it outbids those before it."""
        return next((a for a in reversed(self.attempts) if not a.refused), self.attempts[-1])

    @property
    def is_open(self) -> bool:
        """Whether it can still be mined."""
        return self.state in OPEN


class Journal:
    """The file. `open` it first.

    Args:
        path: None keeps it in memory, for networks that are gone at the end.
        clock: seconds since 1970.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = OneThread(path, CONTENT, clock)
        self._run = self._file.run

    @property
    def problem(self) -> StorageError | None:
        """What the user should be told of the file, once it is open."""
        return self._file.problem

    async def open(self) -> None:
        """Open or make the file; a damaged one is set aside under a new name.

        Raises:
            StorageError: it cannot be read or written, or a newer version of the app made it.
        """
        await self._file.open()

    async def close(self) -> None:
        """Let go of the file and the thread."""
        await self._file.close()

    async def add(self, record: TxRecord, attempt: Attempt) -> TxRecord:
        """Write down an intent with its first signed transaction; it is on disk on return.

        Raises:
            Busy: the key or the nonce is used already.
            StorageError: it could not be written; it must not be sent then.
        """

        def work(connection: sqlite3.Connection) -> TxRecord:
            columns = TX_COLUMNS.removeprefix("id, ")
            places = ", ".join("?" * len(columns.split(", ")))
            try:
                row = connection.execute(
                    f"INSERT INTO tx ({columns}) VALUES ({places}) RETURNING id",  # noqa: S608 - own names
                    _row(record),
                ).fetchone()
            except sqlite3.IntegrityError as error:
                raise Busy(
                    "Another transaction took this place in the meantime.",
                    safe="Nothing was sent.",
                    hint="Look at it again and confirm once more.",
                ) from error
            _insert_attempt(connection, row[0], attempt)
            return _find(connection, row[0])

        return await self._run(work)

    async def add_attempt(self, tx_id: int, attempt: Attempt) -> TxRecord:
        """Write down another transaction for the same nonce; it is on disk on return.

        One that was refused and is signed again is the same, and the newest from then on.
        """

        def work(connection: sqlite3.Connection) -> TxRecord:
            connection.execute(
                "DELETE FROM attempt WHERE tx_id = ? AND hash = ? AND refused",
                (tx_id, attempt.hash),
            )
            _insert_attempt(connection, tx_id, attempt)
            return _find(connection, tx_id)

        return await self._run(work)

    async def mark_sent(self, tx_id: int, tx_hash: str) -> TxRecord:
        """Note that an attempt is about to be given to a node; on disk on return."""

        def work(connection: sqlite3.Connection) -> TxRecord:
            connection.execute(
                "UPDATE attempt SET sent_at = coalesce(sent_at, ?) WHERE tx_id = ? AND hash = ?",
                (self._clock(), tx_id, tx_hash),
            )
            connection.execute(
                "UPDATE tx SET state = 'sent', updated_at = ? WHERE state = 'signed' AND id = ?",
                (self._clock(), tx_id),
            )
            return _find(connection, tx_id)

        return await self._run(work)

    async def mark_taken(self, tx_id: int) -> TxRecord:
        """Note that a node has it; a late answer changes nothing of what came of it since."""

        def work(connection: sqlite3.Connection) -> TxRecord:
            connection.execute(
                """UPDATE tx SET state = 'pending', updated_at = ?
                   WHERE id = ? AND state IN ('signed', 'sent')""",
                (self._clock(), tx_id),
            )
            return _find(connection, tx_id)

        return await self._run(work)

    async def mark_refused(self, tx_id: int, tx_hash: str, reason: str) -> TxRecord:
        """Note that no node took an attempt; the nonce is free when there is no other one.

        What was found out in the meantime, as that it is in a block, stays.
        """

        def work(connection: sqlite3.Connection) -> TxRecord:
            connection.execute(
                "UPDATE attempt SET refused = 1 WHERE tx_id = ? AND hash = ?", (tx_id, tx_hash)
            )
            connection.execute(
                """UPDATE tx SET state = 'not_sent', settled = 1, reason = ?, updated_at = ?
                   WHERE id = ? AND state IN ('signed', 'sent') AND NOT EXISTS
                   (SELECT 1 FROM attempt WHERE tx_id = tx.id AND NOT refused)""",
                (reason, self._clock(), tx_id),
            )
            return _find(connection, tx_id)

        return await self._run(work)

    async def give_up(self, tx_id: int, reason: str) -> bool:
        """Free the nonce of what was never given to a node; False when it may have been."""

        def work(connection: sqlite3.Connection) -> bool:
            done = connection.execute(
                """UPDATE tx SET state = 'not_sent', settled = 1, reason = ?, updated_at = ?
                   WHERE id = ? AND state = 'signed'""",
                (reason, self._clock(), tx_id),
            )
            return done.rowcount > 0

        return await self._run(work)

    async def give_up_unsent(self, chain_id: int, sender: str, reason: str) -> list[TxRecord]:
        """Free the nonces of what was signed a while ago and never given to a node."""

        def work(connection: sqlite3.Connection) -> list[TxRecord]:
            now = self._clock()
            rows = connection.execute(
                """UPDATE tx SET state = 'not_sent', settled = 1, reason = ?, updated_at = ?
                   WHERE chain_id = ? AND sender = ? AND state = 'signed'
                   AND created_at NOT BETWEEN ? AND ? RETURNING id""",
                (reason, now, chain_id, sender, now - FRESH_S, now),
            ).fetchall()
            return [_find(connection, tx_id) for (tx_id,) in rows]

        return await self._run(work)

    async def update(self, tx_id: int, **values: Any) -> TxRecord:
        """Change fields of an intent by name; returns it as it is then."""

        def work(connection: sqlite3.Connection) -> TxRecord:
            changed = {k: _stored(v) for k, v in values.items()} | {"updated_at": self._clock()}
            setting = ", ".join(f"{name} = ?" for name in changed)
            connection.execute(
                f"UPDATE tx SET {setting} WHERE id = ?",  # noqa: S608 - own names
                (*changed.values(), tx_id),
            )
            return _find(connection, tx_id)

        return await self._run(work)

    async def get(self, tx_id: int) -> TxRecord:
        """One intent.

        Raises:
            KeyError: there is none.
        """
        return await self._run(lambda c: _find(c, tx_id))

    async def by_key(self, key: str) -> TxRecord | None:
        """The intent with this key."""

        def work(connection: sqlite3.Connection) -> TxRecord | None:
            row = connection.execute("SELECT id FROM tx WHERE key = ?", (key,)).fetchone()
            return None if row is None else _find(connection, row[0])

        return await self._run(work)

    async def list(
        self, chain_id: int, sender: str | None = None, *, only_unsettled: bool = False
    ) -> list[TxRecord]:
        """The intents of a network, newest first."""

        def work(connection: sqlite3.Connection) -> list[TxRecord]:
            rows = connection.execute(
                f"""SELECT {TX_COLUMNS} FROM tx
                    WHERE chain_id = ? AND sender = coalesce(?, sender) AND settled <= ?
                    ORDER BY id DESC""",  # noqa: S608 - own names
                (chain_id, sender, 0 if only_unsettled else 1),
            ).fetchall()
            return [_record(connection, row) for row in rows]

        return await self._run(work)

    async def twin(
        self, chain_id: int, sender: str, to: str, value: int, data: bytes
    ) -> TxRecord | None:
        """The newest intent that does exactly this and may still be mined."""

        def work(connection: sqlite3.Connection) -> TxRecord | None:
            states = ", ".join("?" * len(OPEN))
            row = connection.execute(
                f"""SELECT id FROM tx WHERE chain_id = ? AND sender = ? AND recipient = ?
                    AND value = ? AND data = ? AND state IN ({states})
                    ORDER BY id DESC LIMIT 1""",  # noqa: S608 - own names
                (chain_id, sender, to, str(value), data, *OPEN),
            ).fetchone()
            return None if row is None else _find(connection, row[0])

        return await self._run(work)

    async def next_nonce(self, chain_id: int, sender: str) -> int:
        """One more than the highest that was used here; 0 if none was."""

        def work(connection: sqlite3.Connection) -> int:
            (highest,) = connection.execute(
                """SELECT max(nonce) FROM tx
                   WHERE chain_id = ? AND sender = ? AND state != 'not_sent'""",
                (chain_id, sender),
            ).fetchone()
            return 0 if highest is None else int(highest) + 1

        return await self._run(work)


def _stored(value: Any) -> Any:
    """Amounts exceed what SQLite counts in 64 bits, so wei are stored as text."""
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _row(record: TxRecord) -> tuple[Any, ...]:
    values = dataclasses.asdict(record)
    values |= {"value": str(record.value), "recipient": record.to}
    values["fee"] = None if record.fee is None else str(record.fee)
    return tuple(values[name] for name in TX_COLUMNS.removeprefix("id, ").split(", "))


def _insert_attempt(connection: sqlite3.Connection, tx_id: int, attempt: Attempt) -> None:
    connection.execute(
        f"INSERT INTO attempt (tx_id, {ATTEMPT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            tx_id,
            attempt.hash,
            attempt.kind,
            attempt.raw,
            attempt.gas,
            str(attempt.max_fee),
            str(attempt.tip),
            attempt.signed_at,
            attempt.sent_at,
            attempt.refused,
        ),
    )


def _find(connection: sqlite3.Connection, tx_id: int) -> TxRecord:
    row = connection.execute(f"SELECT {TX_COLUMNS} FROM tx WHERE id = ?", (tx_id,)).fetchone()  # noqa: S608 - own names
    if row is None:
        raise KeyError(tx_id)
    return _record(connection, row)


def _record(connection: sqlite3.Connection, row: tuple[Any, ...]) -> TxRecord:
    values = dict(zip(TX_COLUMNS.split(", "), row, strict=True))
    values["to"] = values.pop("recipient")
    values["value"] = int(values["value"])
    values["data"] = bytes(values["data"])
    values["settled"] = bool(values["settled"])
    values["fee"] = None if values["fee"] is None else int(values["fee"])
    attempts = connection.execute(
        f"SELECT {ATTEMPT_COLUMNS} FROM attempt WHERE tx_id = ? ORDER BY rowid",  # noqa: S608 - own names
        (values["id"],),
    )
    return TxRecord(**values, attempts=tuple(_attempt(item) for item in attempts))


def _attempt(row: tuple[Any, ...]) -> Attempt:
    tx_hash, kind, raw, gas, max_fee, tip, signed_at, sent_at, refused = row
    fees = int(max_fee), int(tip)
    return Attempt(tx_hash, kind, bytes(raw), gas, *fees, signed_at, sent_at, bool(refused))
