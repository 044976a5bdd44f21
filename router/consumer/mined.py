"""Waiting for a transaction until it is in a block, or never will be."""

import asyncio
import time

from router.chain.journal import FRESH_S, TxRecord
from router.chain.tx import TxManager
from router.errors import TxFailed

MINED = frozenset({"included", "safe"})
DEAD = frozenset({"failed", "cancelled", "replaced", "not_sent"})


async def until_mined(transactions: TxManager, tx_id: int) -> TxRecord:
    """Wait until a transaction was carried out.

    Raises:
        TxFailed: it was not, and says why.
    """
    moved = asyncio.Event()

    def heard(record: TxRecord) -> None:
        if record.id == tx_id:
            moved.set()

    stop_listening = transactions.changed.subscribe(heard)
    try:
        while True:
            record = await transactions.journal.get(tx_id)
            if record.state in MINED:
                return record
            if record.state in DEAD:
                raise as_failure(record)
            if is_unsent(record):
                raise TxFailed(
                    "It was signed a while ago and never sent.",
                    code="unsent",
                    safe="Nothing was sent.",
                    hint="Try again: it is signed anew then.",
                )
            await moved.wait()
            moved.clear()
    finally:
        stop_listening()


def is_unsent(record: TxRecord) -> bool:
    """Whether it was signed a while ago and never sent, so that it is not sent by itself."""
    return record.state == "signed" and not 0 <= time.time() - record.created_at <= FRESH_S


def as_failure(record: TxRecord) -> TxFailed:
    """Why a transaction that is dead did nothing, as an error."""
    reason, safe = {
        "failed": (record.reason, "Only its network fee was spent."),
        "cancelled": ("You cancelled it.", "Only a network fee was spent."),
        "replaced": (record.reason, "This one moved nothing."),
        "not_sent": (f"It was not sent: {record.reason}", "Nothing was sent."),
    }[record.state]
    return TxFailed(reason, tx_hash=record.hash, safe=safe, hint="Try again.")
