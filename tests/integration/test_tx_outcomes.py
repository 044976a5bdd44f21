"""What is said of a transaction that has left, whatever goes wrong afterwards.

It may be mined from then on, so nothing that fails later may be told as if nothing was sent.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest
from aiohttp import web

from router.chain.journal import Journal
from router.errors import StorageError, TxFailed
from router.tasks import Tasks
from tests.support.fault_rpc import Asked, Reply, cut, cut_after_forward, error, result
from tests.support.sending import Sending, sending
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]

T = TypeVar("T")
SEND, KNOWS = "eth_sendRawTransaction", "eth_getTransactionByHash"


class FullDisk(Journal):
    """In memory, and without any space from when a test says so."""

    is_full = False

    def __init__(self) -> None:
        super().__init__(None)
        self._run = self._run_unless_full

    async def _run_unless_full(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self.is_full:
            raise StorageError("There is no space left.", safe="Nothing saved is lost.")
        return await self._file.run(work)

    def fills_at(self, reply: Reply) -> Reply:
        """The same reply, after which there is no space."""

        async def filled(asked: Asked) -> web.StreamResponse:
            self.is_full = True
            return await reply(asked)

        return filled


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


@pytest.fixture
async def disk() -> AsyncIterator[FullDisk]:
    made = FullDisk()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def full(here: World, disk: FullDisk) -> AsyncIterator[Sending]:
    """A user whose journal can be filled."""
    async with sending(here, journal=disk) as made:
        yield made


@pytest.fixture
async def two(here: World) -> AsyncIterator[Sending]:
    async with sending(here, nodes=2) as made:
        yield made


async def passed_on(asked: Asked) -> web.StreamResponse:
    return web.json_response(await asked.forward())


async def another_hash(asked: Asked) -> web.StreamResponse:
    return web.json_response(await asked.forward() | {"result": "0x" + "ab" * 32})


# The journal fails after the sending


@pytest.mark.parametrize("reply", [passed_on, cut_after_forward, another_hash])
async def test_the_disk_is_full_once_it_is_sent(
    full: Sending, disk: FullDisk, reply: Reply
) -> None:
    """Told that it failed, people would send it a second time."""
    full.faults[0].on(SEND, disk.fills_at(reply))
    record = await full.submit()
    assert record.state == "sent"
    disk.is_full = False
    full.faults[0].well()
    full.forget()
    await full.look()
    assert (await full.record(record.id)).state in ("included", "safe")
    assert await full.received() == 5


async def test_the_disk_is_full_once_it_is_refused(full: Sending, disk: FullDisk) -> None:
    """What the journal calls sent is given to nodes again, so nobody is told that it was not."""
    full.faults[0].on(SEND, disk.fills_at(error(-32000, "no room")))
    record = await full.submit()
    assert record.state == "sent"
    disk.is_full = False
    full.faults[0].well()
    await full.look(2)
    assert await full.received() == 5


async def test_the_disk_is_full_before_it_is_sent(full: Sending, disk: FullDisk) -> None:
    """Nothing leaves that is not written down."""
    prepared = await full.manager.prepare(full.transfer(), full.address)
    full.faults[0].on("eth_chainId", disk.fills_at(passed_on))  # asked right before the signature
    with pytest.raises(StorageError):
        await full.manager.send(prepared)
    disk.is_full = False
    assert await full.all() == []
    assert await full.received() == 0


# Late answers


async def test_an_answer_that_is_later_than_the_receipt(one: Sending) -> None:
    """The follower saw it in a block meanwhile: it is not pending again."""

    async def late(asked: Asked) -> web.StreamResponse:
        answer = await asked.forward()
        await one.look()
        return web.json_response(answer)

    one.faults[0].on(SEND, late)
    record = await one.submit()
    assert record.state in ("included", "safe")
    assert await one.record(record.id) == record


async def test_a_refusal_that_is_later_than_the_receipt(one: Sending) -> None:
    """It sends, refuses, and does not know it: the follower's receipt counts."""

    async def late(asked: Asked) -> web.StreamResponse:
        await asked.forward()
        await one.look()
        return await error(-32000, "no room")(asked)

    one.faults[0].on(SEND, late)
    one.faults[0].on(KNOWS, result(None))
    record = await one.submit()
    assert record.state in ("included", "safe")
    assert await one.received() == 5


# Refusals


async def test_a_refusal_without_a_word_on_whether_it_is_there(two: Sending) -> None:
    """The first node says nothing more, so the second one is given it."""
    two.faults[0].on(SEND, error(-32000, "no room"))
    two.faults[0].on(KNOWS, error(-32000, "no index"))
    record = await two.submit()
    assert (record.state, await two.received()) == ("pending", 5)


async def test_no_node_says_whether_it_is_there(two: Sending) -> None:
    """It may be, so it counts as sent, and is given again."""
    for node in two.faults:
        node.on(SEND, error(-32000, "no room"))
        node.on(KNOWS, error(-32000, "no index"))
    record = await two.submit()
    assert (record.state, record.settled) == ("sent", False)
    for node in two.faults:
        node.well()
    await two.look(2)
    assert (await two.record(record.id)).state in ("included", "safe")
    assert await two.received() == 5


async def test_the_second_node_has_not_got_it_either(two: Sending) -> None:
    """What the first one does not say, the second one does."""
    for node in two.faults:
        node.on(SEND, error(-32000, "no room"))
    two.faults[0].on(KNOWS, error(-32000, "no index"))
    with pytest.raises(TxFailed, match="no room"):
        await two.submit()
    (record,) = await two.all()
    assert (record.state, record.settled) == ("not_sent", True)


async def test_the_second_node_does_not_answer(two: Sending) -> None:
    two.faults[0].on(SEND, error(-32000, "no room"))
    two.faults[1].on(SEND, cut_after_forward)
    record = await two.submit()
    assert record.state == "sent"
    two.forget()
    two.faults[1].well()
    await two.look()
    assert (await two.record(record.id)).state in ("included", "safe")
    assert await two.received() == 5


async def test_a_refused_replacement_is_not_what_is_on_the_way(one: Sending) -> None:
    """What it should have replaced is: shown, given again, outbid by the next one."""
    await one.world.rpc("evm_setAutomine", False)
    record = await one.submit()
    speed_up = await one.manager.prepare_speed_up(record.id)
    one.faults[0].on(SEND, error(-32000, "replacement transaction underpriced"))
    for _ in range(2):  # the same click again is no other one
        with pytest.raises(TxFailed, match="replacement"):
            await one.manager.send(speed_up)
    found = await one.record(record.id)
    assert (found.state, found.hash, found.last) == ("pending", record.hash, record.last)
    assert [attempt.refused for attempt in found.attempts] == [False, True]
    again = await one.manager.prepare_speed_up(record.id)
    assert again.fee == speed_up.fee
    given: list[str] = []

    async def noted(asked: Asked) -> web.StreamResponse:
        given.append(asked.body["params"][0])
        return await passed_on(asked)

    one.faults[0].on(SEND, noted)
    await one.look()
    assert given == [], "the node has it"
    one.faults[0].on(KNOWS, result(None))
    await one.look()
    assert given == ["0x" + record.last.raw.hex()]
    one.faults[0].well()
    sent = await one.manager.send(again)
    assert [attempt.refused for attempt in sent.attempts] == [False, False]
    assert sent.last.kind == "speed_up"
    await one.world.rpc("evm_mine")
    await one.look(2)
    assert (await one.record(record.id)).mined_hash == sent.last.hash
    assert await one.received() == 5


async def test_a_refused_replacement_that_is_mined_all_the_same(one: Sending) -> None:
    """A thief said that it refuses and sent it: the receipt of any attempt counts."""
    await one.world.rpc("evm_setAutomine", False)
    record = await one.submit()

    async def thief(asked: Asked) -> web.StreamResponse:
        await asked.forward()
        return await error(-32000, "no room")(asked)

    one.faults[0].on(SEND, thief)
    one.faults[0].on(KNOWS, result(None))
    with pytest.raises(TxFailed, match="replacement"):
        await one.manager.send(await one.manager.prepare_cancel(record.id))
    one.faults[0].well()
    await one.world.rpc("evm_mine")
    await one.look(2)
    assert (await one.record(record.id)).state == "cancelled"
    assert await one.received() == 0


# Following


async def test_the_follower_hears_again_after_it_failed(
    one: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started anew after a failure, and still looks as soon as something is sent."""
    looked = asyncio.Event()
    real = one.follower.look

    async def look() -> bool:
        looked.set()
        return await real()

    async def fail() -> bool:
        raise RuntimeError("a bug")

    monkeypatch.setattr(one.follower, "look", fail)
    with pytest.raises(RuntimeError):
        await one.follower.run()
    monkeypatch.setattr(one.follower, "look", look)
    monkeypatch.setattr("router.chain.follow.MOST_PAUSE_S", 3600.0)
    tasks = Tasks()
    tasks.spawn("follow", one.follower.run())
    try:
        async with asyncio.timeout(30):
            await looked.wait()
            looked.clear()
            await one.submit()
            await looked.wait()
    finally:
        await tasks.close()


async def test_why_it_failed_is_read_off_what_was_mined(one: Sending) -> None:
    """Its cancellation had less gas, but that one was never mined."""
    await one.world.rpc("evm_setAutomine", False)
    await one.submit(one.transfer(100 * MOR))
    second = await one.submit(one.transfer(100 * MOR - 1))
    cancel = await one.manager.prepare_cancel(second.id)
    one.faults[0].on(SEND, cut)
    await one.manager.send(cancel)
    one.faults[0].well()
    one.forget()
    await one.world.rpc("evm_mine")
    await one.look(2)
    failed = await one.record(second.id)
    assert (failed.state, failed.mined_hash) == ("failed", second.hash)
    assert "ran out of gas" not in failed.reason
    assert "fee was spent" in failed.reason
