"""Waiting for a transaction ends when it is known what came of it."""

import asyncio
import time

import pytest

from router.chain.journal import FRESH_S, Attempt, Journal, TxRecord
from router.consumer.mined import until_final, until_mined
from router.errors import TxFailed
from router.events import Emitter

USER = "0x" + "22" * 20


class Sent:
    """The part of TxManager that is waited for."""

    def __init__(self) -> None:
        self.journal = Journal(None)
        self.changed: Emitter[TxRecord] = Emitter()

    async def add(self, state="pending", age=0.0):
        then = time.time() - age
        record = TxRecord(0, None, 1, USER, 0, USER, 0, b"", "Open", state, then, then)
        attempt = Attempt("0xaa", "original", b"", 1, 1, 1, then)
        return await self.journal.add(record, attempt)

    async def set(self, record, **values):
        self.changed.emit(await self.journal.update(record.id, **values))


@pytest.fixture
async def sent():
    made = Sent()
    await made.journal.open()
    yield made
    await made.journal.close()


async def test_it_waits_until_it_is_in_a_block(sent):
    record = await sent.add()

    async def mine():
        await sent.set(record, state="pending")
        await sent.set(record, state="included", mined_hash="0xaa")

    found, _ = await asyncio.gather(until_mined(sent, record.id), mine())
    assert found.state == "included"
    assert (await until_mined(sent, record.id)).state == "included"


@pytest.mark.parametrize("state", ["failed", "cancelled", "replaced", "not_sent"])
async def test_it_says_why_not(sent, state):
    record = await sent.add()
    await sent.set(record, state=state, reason="Somebody was first.")
    with pytest.raises(TxFailed) as caught:
        await until_mined(sent, record.id)
    problem = caught.value
    assert problem.message
    assert problem.safe
    assert problem.hint
    assert problem.tx_hash == "0xaa"


async def test_what_waits_for_the_user_is_not_waited_for(sent):
    record = await sent.add("signed", age=2 * FRESH_S)
    with pytest.raises(TxFailed, match="never sent"):
        await until_mined(sent, record.id)


@pytest.mark.parametrize("last", [{"settled": True}, {"state": "included"}])
async def test_what_is_dead_is_waited_for_until_it_cannot_come_back(sent, last):
    record = await sent.add("failed")
    seen = []

    async def go_on():
        for step in ({"state": "pending"}, {"state": "failed"}, last):
            seen.append(step)
            await sent.set(record, **step)

    await asyncio.gather(until_final(sent, record.id), go_on())
    assert seen[-1] == last
    assert (await sent.journal.get(record.id)).state == last.get("state", "failed")
