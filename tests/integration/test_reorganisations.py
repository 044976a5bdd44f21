"""Blocks that are undone, transactions that are dropped or stuck, on anvil (F26, F27, F31).

What the app believed of a block that is gone is taken back, and what was in it is sent again.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from router.chain.client import Chain
from router.chain.history import TokenHistory
from router.chain.journal import TxRecord
from router.chain.preparing import Intent
from tests.support.sending import STRANGER, Sending, sending
from tests.support.stake_model import MOR
from tests.support.world import needs_anvil, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("caplog"),  # the app warns when a block is gone
    needs_anvil,
]

GWEI = 10**9
SAFE_DEPTH = 40  # anvil calls a block safe when 32 are on top


@pytest.fixture
async def one() -> AsyncIterator[Sending]:
    """A user whose transactions wait until a test mines them."""
    async with world("anvil", "day-lock") as here:
        await here.give("user", 100 * MOR)
        await here.rpc("evm_setAutomine", False)
        async with sending(here) as made:
            yield made


async def mine(one: Sending, count: int = 1) -> None:
    await one.world.rpc("anvil_mine", hex(count))


async def undo(one: Sending, depth: int) -> None:
    """The newest blocks are replaced by others without transactions."""
    await one.world.rpc("anvil_reorg", depth, [])


async def foreign(one: Sending, nonce: int, value: int = 9) -> None:
    """The same account sends from elsewhere."""
    signed = one.account.sign_transaction(
        {
            "chainId": one.network.chain_id, "nonce": nonce, "to": STRANGER, "value": value,
            "gas": 21_000, "data": b"", "type": 2,
            "maxFeePerGas": 100 * GWEI, "maxPriorityFeePerGas": 10 * GWEI,
        }
    )  # fmt: skip
    await one.world.chain.send_raw(signed.raw)


async def included(one: Sending) -> TxRecord:
    record = await one.submit()
    await mine(one)
    await one.look()
    found = await one.record(record.id)
    assert (found.state, found.settled) == ("included", False)
    return found


@pytest.mark.parametrize("depth", [1, 3, 10])
async def test_its_block_is_gone(one: Sending, depth: int) -> None:
    """Back to pending, sent again as it was, mined once."""
    before = await one.sent()
    record = await included(one)
    await mine(one, depth - 1) if depth > 1 else None
    await undo(one, depth)
    assert await one.received() == 0
    await one.look()
    found = await one.record(record.id)
    assert (found.state, found.block, found.fee) == ("pending", None, None)
    await mine(one)
    await one.look()
    again = await one.record(record.id)
    assert (again.state, again.mined_hash) == ("included", record.mined_hash)
    assert (await one.sent() - before, await one.received()) == (1, 5)
    await mine(one, SAFE_DEPTH)
    await one.look()
    settled = await one.record(record.id)
    assert (settled.state, settled.settled) == ("safe", True)


async def test_it_lands_in_another_block(one: Sending) -> None:
    record = await included(one)
    assert record.block is not None
    raw = "0x" + record.attempts[0].raw.hex()
    await one.world.rpc("anvil_reorg", 1, [[raw, 0]])
    await one.look()
    found = await one.record(record.id)
    assert (found.state, found.mined_hash) == ("included", record.mined_hash)
    assert found.block_hash != record.block_hash
    assert await one.received() == 5


async def test_another_one_takes_its_place(one: Sending) -> None:
    """From the same account, sent elsewhere; and when that is undone, ours is on the way again."""
    record = await included(one)
    await undo(one, 1)
    await foreign(one, record.nonce)
    await mine(one)
    await one.look(3)
    found = await one.record(record.id)
    assert (found.state, found.settled) == ("replaced", False)
    assert "took its place" in found.reason
    assert await one.received() == 0
    await undo(one, 1)
    await one.look()
    assert (await one.record(record.id)).state == "pending"
    await mine(one)
    await one.look()
    assert (await one.record(record.id)).state == "included"
    assert await one.received() == 5


async def test_replaced_for_good(one: Sending) -> None:
    record = await one.submit()
    await foreign(one, record.nonce)
    await mine(one)
    await one.look(3)
    assert (await one.record(record.id)).state == "replaced"
    await mine(one, SAFE_DEPTH)
    await one.look()
    found = await one.record(record.id)
    assert (found.state, found.settled) == ("replaced", True)
    assert not await one.follower.look(), "it is still followed"


async def test_a_failure_is_undone(one: Sending) -> None:
    """It failed in a block that is gone, and works in the next: the state says so."""
    prepared = await one.manager.prepare(one.transfer(100 * MOR), one.address)
    # The token refuses everything from now on: what was tried before fails when it is mined.
    await one.world.rpc("anvil_setCode", one.network.token, "0x60006000fd")
    record = await one.manager.send(prepared)
    await mine(one)
    await one.look()
    failed = await one.record(record.id)
    assert (failed.state, failed.settled) == ("failed", False)
    await undo(one, 1)
    await one.look()
    assert (await one.record(record.id)).state == "pending"
    assert (await one.record(record.id)).reason == ""
    await one.world.rpc("anvil_setCode", one.network.token, "0x600160005260206000f3")
    await mine(one)
    await one.look()
    assert (await one.record(record.id)).state == "included"


async def test_the_middle_one_is_dropped(one: Sending) -> None:
    """The gap is filled with the same bytes, and those behind it go on."""
    records = [await one.submit(one.transfer(1)) for _ in range(3)]
    await one.world.rpc("anvil_dropTransaction", records[1].hash)
    assert not await Chain(one.nodes).knows(records[1].hash)
    await one.look()
    assert await Chain(one.nodes).knows(records[1].hash)
    await mine(one)
    await one.look()
    assert [(await one.record(r.id)).state for r in records] == ["included"] * 3
    assert [(await one.record(r.id)).hash for r in records] == [r.hash for r in records]
    assert await one.received() == 3


async def test_stuck_below_the_base_fee(one: Sending) -> None:
    """Five times the base fee: it waits and costs nothing more, until it is sped up."""
    record = await one.submit()
    base = (await one.world.chain.head()).base_fee
    await one.world.rpc("anvil_setNextBlockBaseFeePerGas", hex(base * 5))
    await mine(one)
    await one.look(2)
    assert (await one.record(record.id)).state == "pending"
    assert await one.received() == 0
    prepared = await one.manager.prepare_speed_up(record.id)
    assert prepared.fee.most > base * 5, "it was only raised by an eighth"
    await one.manager.send(prepared, accept_unusual_fee=True)
    await mine(one)
    await one.look()
    found = await one.record(record.id)
    assert (found.state, len(found.attempts)) == ("included", 2)
    assert found.mined_hash == found.attempts[1].hash
    assert await one.received() == 5


async def test_what_came_is_taken_back(one: Sending) -> None:
    """The list of what came and went forgets what was undone, and reads it where it lands."""
    history = TokenHistory(Chain(one.nodes), one.network, one.address)
    record = await included(one)
    await history.update()
    (gone, *_) = await history.transfers()
    assert (gone.tx_hash, gone.amount) == (record.mined_hash, 5)
    await undo(one, 1)
    await history.update()
    assert all(t.tx_hash != record.mined_hash for t in await history.transfers())
    await one.look()
    await mine(one, 3)
    await history.update()
    assert [t.amount for t in await history.transfers()].count(5) == 1


async def test_many_wait_and_all_arrive(one: Sending) -> None:
    await asyncio.gather(*[one.submit(Intent(STRANGER, value=1)) for _ in range(5)])
    await mine(one)
    await undo(one, 1)
    await one.look(2)
    await mine(one)
    await one.look()
    assert {r.state for r in await one.all()} == {"included"}
    assert await one.world.chain.balance(STRANGER) == 5
