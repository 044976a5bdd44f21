"""The journal of transactions: everything comes back as it went in, and no nonce is used twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.chain.journal import Attempt, Journal, TxRecord
from router.errors import Busy

SENDER, OTHER = "0x" + "Aa" * 20, "0x" + "Bb" * 20
HUGE = 2**256 - 1


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def journal(tmp_path: Path, clock: Clock) -> AsyncIterator[Journal]:
    made = Journal(tmp_path / "transactions.db", clock)
    await made.open()
    yield made
    await made.close()


def attempt(name: str = "a", **changes: Any) -> Attempt:
    return replace(Attempt(f"0x{name * 64}", "original", b"\0raw", 21_000, HUGE, 1, 5.0), **changes)


def record(nonce: int = 0, **changes: Any) -> TxRecord:
    made = TxRecord(0, None, 1337, SENDER, nonce, OTHER, HUGE, b"\0", "Send", "signed", 1.0, 1.0)
    return replace(made, **changes)


async def test_everything_comes_back(journal: Journal, tmp_path: Path) -> None:
    wanted = record(7, key="wish", label="rent", purpose="Send 1 MOR \u20bf")
    added = await journal.add(wanted, attempt())
    assert added == replace(wanted, id=added.id, attempts=(attempt(),))
    assert added.hash == attempt().hash
    await journal.update(
        added.id, state="safe", settled=True, block=5, block_hash="0xb", mined_hash="0xm", fee=HUGE
    )
    await journal.close()
    again = Journal(tmp_path / "transactions.db")
    await again.open()
    (found,) = await again.list(1337)
    assert (found.state, found.settled, found.block, found.fee) == ("safe", True, 5, HUGE)
    assert (found.hash, found.value, found.attempts) == ("0xm", HUGE, (attempt(),))
    assert not found.is_open
    assert await again.by_key("wish") == found
    assert await again.by_key("another") is None
    with pytest.raises(KeyError):
        await again.get(99)
    await again.close()


async def test_a_nonce_is_used_once(journal: Journal) -> None:
    assert await journal.next_nonce(1337, SENDER) == 0
    first = await journal.add(record(4), attempt())
    assert await journal.next_nonce(1337, SENDER) == 5
    assert await journal.next_nonce(1, SENDER) == 0, "another network"
    assert await journal.next_nonce(1337, OTHER) == 0, "another account"
    with pytest.raises(Busy) as caught:
        await journal.add(record(4), attempt("b"))
    assert caught.value.safe == "Nothing was sent."
    assert caught.value.hint
    await journal.update(first.id, state="not_sent", settled=True)
    assert await journal.next_nonce(1337, SENDER) == 0, "it is free again"
    again = await journal.add(record(4), attempt())
    assert again.id != first.id, "with the same bytes even"


async def test_a_key_is_used_once(journal: Journal) -> None:
    await journal.add(record(0, key="wish"), attempt())
    with pytest.raises(Busy):
        await journal.add(record(1, key="wish"), attempt("b"))
    await journal.add(record(1), attempt("b"))
    await journal.add(record(2), attempt("c"))  # any number without a key
    assert len(await journal.list(1337)) == 3


async def test_what_failed_left_nothing(journal: Journal) -> None:
    await journal.add(record(0), attempt())
    with pytest.raises(Busy):
        await journal.add(record(0, purpose="half"), attempt("b"))
    (found,) = await journal.list(1337)
    assert (found.purpose, len(found.attempts)) == ("Send", 1)


async def test_attempts_in_their_order(journal: Journal, clock: Clock) -> None:
    added = await journal.add(record(), attempt(signed_at=50.0))
    sped_up = attempt("b", kind="speed_up", signed_at=2.0)  # the clock was put back
    found = await journal.add_attempt(added.id, sped_up)
    assert [a.hash for a in found.attempts] == [attempt().hash, sped_up.hash]
    assert found.hash == sped_up.hash


async def test_sent_is_noted_before_and_once(journal: Journal, clock: Clock) -> None:
    added = await journal.add(record(), attempt())
    await journal.mark_sent(added.id, added.hash)
    found = await journal.get(added.id)
    assert (found.state, found.attempts[0].sent_at) == ("sent", 1000.0)
    await journal.update(added.id, state="pending")
    clock.now = 2000.0
    await journal.mark_sent(added.id, added.hash)
    found = await journal.get(added.id)
    assert (found.state, found.attempts[0].sent_at) == ("pending", 1000.0)


async def test_a_late_answer_changes_nothing_that_is_known(journal: Journal) -> None:
    added = await journal.add(record(), attempt())
    assert (await journal.mark_sent(added.id, added.hash)).state == "sent"
    assert (await journal.mark_taken(added.id)).state == "pending"
    await journal.update(added.id, state="included", mined_hash=added.hash)
    assert (await journal.mark_taken(added.id)).state == "included"
    late = await journal.mark_refused(added.id, added.hash, "no room")
    assert (late.state, late.settled, late.reason) == ("included", False, "")


async def test_what_no_node_took_frees_its_nonce(journal: Journal) -> None:
    added = await journal.add(record(4), attempt())
    await journal.mark_sent(added.id, added.hash)
    found = await journal.mark_refused(added.id, added.hash, "no room")
    assert (found.state, found.settled, found.reason) == ("not_sent", True, "no room")
    assert found.last == found.attempts[0], "it is all there is to show"
    assert await journal.next_nonce(1337, SENDER) == 0


async def test_a_replacement_that_no_node_took(journal: Journal) -> None:
    """What it should have replaced is the last one again, and it may be tried once more."""
    added = await journal.add(record(), attempt())
    await journal.mark_sent(added.id, added.hash)
    for name in ("b", "c"):
        await journal.add_attempt(added.id, attempt(name, kind="speed_up"))
        found = await journal.mark_refused(added.id, attempt(name).hash, "underpriced")
        assert (found.state, found.reason, found.last, found.hash) == (
            "sent", "", found.attempts[0], added.hash,
        )  # fmt: skip
    assert [a.refused for a in found.attempts] == [False, True, True]
    again = await journal.add_attempt(added.id, attempt("b", kind="speed_up"))
    assert [a.hash for a in again.attempts] == [attempt(n).hash for n in "acb"]
    assert again.last == attempt("b", kind="speed_up")
    with pytest.raises(sqlite3.IntegrityError):
        await journal.add_attempt(added.id, attempt("b", kind="speed_up"))


async def test_lists(journal: Journal) -> None:
    first = await journal.add(record(0), attempt("a"))
    second = await journal.add(record(1), attempt("b"))
    await journal.add(record(0, sender=OTHER), attempt("c"))
    await journal.add(record(0, chain_id=1), attempt("d"))
    assert [r.id for r in await journal.list(1337, SENDER)] == [second.id, first.id]
    assert len(await journal.list(1337)) == 3
    await journal.update(first.id, settled=True)
    assert [r.id for r in await journal.list(1337, SENDER, only_unsettled=True)] == [second.id]


async def test_the_newest_that_does_the_same(journal: Journal) -> None:
    """Of this account on this chain, while it may still be mined."""
    wanted = 1337, SENDER, OTHER, HUGE, b"\0"
    others = ({"to": SENDER}, {"value": 1}, {"data": b""}, {"sender": OTHER}, {"chain_id": 1})
    for nonce, changes in enumerate(others):
        await journal.add(record(nonce, **changes), attempt(str(nonce)))
    assert await journal.twin(*wanted) is None
    first = await journal.add(record(7), attempt("a"))
    second = await journal.add(record(8, state="pending"), attempt("b"))
    assert await journal.twin(*wanted) == second
    await journal.update(second.id, state="included")
    assert await journal.twin(*wanted) == first
    await journal.update(first.id, state="not_sent")
    assert await journal.twin(*wanted) is None


async def test_a_cancelled_caller_leaves_no_half(journal: Journal) -> None:
    task = asyncio.get_running_loop().create_task(journal.add(record(), attempt()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (found,) = await journal.list(1337)
    assert found.attempts == (attempt(),)


async def test_in_memory_it_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal(None)
    await journal.open()
    await journal.add(record(), attempt())
    assert len(await journal.list(1337)) == 1
    await journal.close()
    assert list(tmp_path.iterdir()) == []
