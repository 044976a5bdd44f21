"""The file of the journal of transactions: its tables, and what is said of a damaged one."""

from router.errors import StorageError
from router.store.one_thread import Content

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
_STEPS = (_SCHEMA, "ALTER TABLE attempt ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;")
TX_COLUMNS = (
    "id, key, chain_id, sender, nonce, recipient, value, data, purpose, state, block, block_hash, "
    "mined_hash, fee, reason, label, settled, created_at, updated_at"
)
ATTEMPT_COLUMNS = "hash, kind, raw, gas, max_fee, tip, signed_at, sent_at, refused"


def _lost(aside: str) -> StorageError:
    return StorageError(
        "The list of what was sent from here was damaged, so a new one was begun.",
        safe=f"No money was lost by that. The damaged file was kept as {aside}.",
        hint="What was on the way is not followed any more: before you pay it again, see whether "
        "it has arrived.",
    )


CONTENT = Content(
    "transactions",
    _STEPS,
    (
        f"SELECT {TX_COLUMNS} FROM tx LIMIT 0",  # noqa: S608 - own names
        f"SELECT tx_id, {ATTEMPT_COLUMNS} FROM attempt LIMIT 0",  # noqa: S608
    ),
    _lost,
)
