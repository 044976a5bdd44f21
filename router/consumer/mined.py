"""Waiting for a transaction until it is in a block, or never will be; and what it brought."""

import asyncio
import time
from collections.abc import Callable

from router.chain.journal import FRESH_S, TxRecord
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.records import as_hex
from router.chain.tx import TxManager
from router.errors import TxFailed

RECEIPT_TRIES = 10
MINED = frozenset({"included", "safe"})
DEAD = frozenset({"failed", "cancelled", "replaced", "not_sent"})


async def until_mined(transactions: TxManager, tx_id: int) -> TxRecord:
    """Wait until a transaction was carried out.

    Raises:
        TxFailed: it was not, and says why.
    """
    record = await _until(
        transactions, tx_id, lambda now: now.state in MINED | DEAD or is_unsent(now)
    )
    if record.state in DEAD:
        raise as_failure(record)
    if is_unsent(record):
        raise TxFailed(
            "It was signed a while ago and never sent.",
            code="unsent",
            safe="Nothing was sent.",
            hint="Try again: it is signed anew then.",
        )
    return record


async def until_final(transactions: TxManager, tx_id: int) -> None:
    """Wait until a transaction that is dead cannot come back, or it came true after all."""
    await _until(transactions, tx_id, lambda now: now.settled or now.state in MINED)


async def _until(
    transactions: TxManager, tx_id: int, is_so: Callable[[TxRecord], bool]
) -> TxRecord:
    """The record of a transaction once it is so."""
    moved = asyncio.Event()

    def heard(record: TxRecord) -> None:
        if record.id == tx_id:
            moved.set()

    stop_listening = transactions.changed.subscribe(heard)
    try:
        while not is_so(record := await transactions.journal.get(tx_id)):
            await moved.wait()
            moved.clear()
        return record
    finally:
        stop_listening()


def is_unsent(record: TxRecord) -> bool:
    """Whether it was signed a while ago and never sent, so that it is not sent by itself."""
    return record.state == "signed" and not 0 <= time.time() - record.created_at <= FRESH_S


async def opened_session(market: Marketplace, record: TxRecord, pause_s: float) -> str:
    """The id of the session that a transaction opened, out of its logs.

    Args:
        pause_s: before a node that lags is asked again.

    Raises:
        TxFailed: no node tells of it yet.
        ChainUnavailable
    """
    tries = RECEIPT_TRIES
    while (receipt := await market.chain.receipt(record.hash)) is None and tries:
        tries -= 1  # another node than the one that has it
        await asyncio.sleep(pause_s)
    event = DIAMOND.events["SessionOpened"]
    diamond = market.network.diamond.lower()
    for entry in receipt.logs if receipt is not None else ():
        if entry.address.lower() == diamond and entry.topics[:1] == (event.topic,):
            return as_hex(bytes(event.decode(entry.topics, entry.data)["sessionId"]))
    raise TxFailed(
        "The transaction is in a block, but its session cannot be read yet.",
        tx_hash=record.hash,
        safe="The session is yours; it is found when the list of sessions is read.",
        hint="Try again in a moment.",
    )


def as_failure(record: TxRecord) -> TxFailed:
    """Why a transaction that is dead did nothing, as an error."""
    reason, safe = {
        "failed": (record.reason, "Only its network fee was spent."),
        "cancelled": ("You cancelled it.", "Only a network fee was spent."),
        "replaced": (record.reason, "This one moved nothing."),
        "not_sent": (f"It was not sent: {record.reason}", "Nothing was sent."),
    }[record.state]
    return TxFailed(reason, tx_hash=record.hash, safe=safe, hint="Try again.")
