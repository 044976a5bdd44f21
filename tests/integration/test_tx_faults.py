"""Transactions over nodes that lose, lie, stall and switch (F18, F19, F23 to F30, F32).

Each test asks the chain itself where the money is, past the app's faulty nodes.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from router.chain.preparing import Intent
from router.errors import (
    BadRequest,
    Busy,
    ChainUnavailable,
    InsufficientFunds,
    StillOnTheWay,
    TxFailed,
)
from tests.support.fault_rpc import Asked, changed, cut, cut_after_forward, error, hang, result
from tests.support.sending import (
    HASTY_S,
    NO_TIME_S,
    STRANGER,
    TRY_S,
    Sending,
    has_parts,
    sending,
)
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]

NODES_SEND = "eth_sendRawTransaction"
ROUNDS = {"embedded": 3, "anvil": 100}


@pytest.fixture
async def here(kind: str) -> AsyncIterator[World]:
    async with world(kind, "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


@pytest.fixture
async def two(here: World) -> AsyncIterator[Sending]:
    async with sending(here, nodes=2) as made:
        yield made


async def hold_blocks(here: World) -> None:
    """From now on blocks come only when asked for."""
    await here.rpc("evm_setAutomine", False)


# Lost answers (F18, F19)


async def test_the_answer_is_lost_after_it_was_taken(one: Sending) -> None:
    before = await one.sent()
    one.faults[0].on(NODES_SEND, cut_after_forward)
    record = await one.submit()
    assert record.state == "sent"
    one.faults[0].well()
    one.forget()
    await one.look()
    assert (await one.record(record.id)).state in ("included", "safe")
    assert (await one.sent() - before, await one.received()) == (1, 5)


@pytest.mark.parametrize("fault", [cut, hang], ids=["cut", "hang"])
async def test_the_question_is_lost(two: Sending, fault: object) -> None:
    """It goes out again byte for byte, over the other node."""
    before = await two.sent()
    two.faults[0].on(NODES_SEND, fault)  # type: ignore[arg-type]
    two.nodes._try_s = HASTY_S
    record = await two.submit()
    assert (record.state, await two.received()) == ("sent", 0)
    await two.look(2)
    found = await two.record(record.id)
    assert (found.state in ("included", "safe"), found.hash) == (True, record.hash)
    assert len(found.attempts) == 1
    assert (await two.sent() - before, await two.received()) == (1, 5)


async def test_nothing_answers_for_a_while(one: Sending) -> None:
    """What is on the way stays on the way, and a second one like it is known as its twin."""
    await hold_blocks(one.world)
    record = await one.submit()
    one.faults[0].on("*", hang)
    one.nodes._try_s = NO_TIME_S
    one.clock.ahead += 600
    await one.look(3)
    assert (await one.record(record.id)).state == "pending"
    one.faults[0].well()
    one.nodes._try_s = TRY_S
    one.forget()
    prepared = await one.manager.prepare(one.transfer(), one.address)
    assert (prepared.twin, prepared.nonce) == (record.hash, record.nonce + 1)
    for act in (one.manager.send(prepared), one.manager.submit(one.transfer(), one.address)):
        with pytest.raises(StillOnTheWay, match="One is still on the way") as caught:
            await act
        assert has_parts(caught.value)
    assert len(await one.all()) == 1
    assert not (await one.manager.prepare(one.transfer(6), one.address)).twin
    await one.world.rpc("evm_mine")
    await one.look(2)
    assert (await one.record(record.id)).state in ("included", "safe")
    assert not (await one.manager.prepare(one.transfer(), one.address)).twin


async def test_a_node_that_has_it_already(one: Sending) -> None:
    await hold_blocks(one.world)
    one.faults[0].on(NODES_SEND, cut_after_forward)
    record = await one.submit()
    one.faults[0].well()
    one.faults[0].on("eth_getTransactionByHash", result(None))
    one.faults[0].on(NODES_SEND, error(-32000, "already known"))
    one.forget()
    await one.look()
    assert (await one.record(record.id)).state == "pending"


async def test_refused_at_first(one: Sending) -> None:
    """Nothing was sent: the nonce is free, and the next one takes it."""
    one.faults[0].on(NODES_SEND, error(-32000, "transaction underpriced"))
    with pytest.raises(TxFailed, match="underpriced") as caught:
        await one.submit()
    assert has_parts(caught.value)
    (refused,) = await one.all()
    assert (refused.state, refused.settled) == ("not_sent", True)
    one.faults[0].well()
    record = await one.submit()
    assert record.nonce == refused.nonce
    assert await one.received() == 5


async def test_refused_later_it_may_still_be_mined(two: Sending) -> None:
    """One node took it; that another will not says nothing, and its nonce stays taken."""
    await hold_blocks(two.world)
    two.faults[0].on(NODES_SEND, cut_after_forward)
    record = await two.submit()
    two.faults[0].on("*", cut)
    two.faults[1].on("eth_getTransactionByHash", result(None))
    two.faults[1].on(NODES_SEND, error(-32000, "insufficient funds for gas"))
    await two.look(3)
    assert (await two.record(record.id)).state == "sent"
    two.faults[1].well()
    await two.world.rpc("evm_mine")
    await two.look()
    assert (await two.record(record.id)).state in ("included", "safe")
    assert await two.received() == 5


# Lies (F23, F24, F28, F32)


async def test_a_lie_about_the_balance_sends_nothing(one: Sending) -> None:
    one.faults[0].on("eth_getBalance", result(hex(10**30)))
    before = await one.sent()
    with pytest.raises((InsufficientFunds, TxFailed)) as caught:
        await one.submit(Intent(STRANGER, value=10**24))
    assert has_parts(caught.value)
    assert await one.sent() == before
    one.faults[0].on("eth_getBalance", result("0x0"))
    with pytest.raises(InsufficientFunds) as funds:
        await one.submit()
    assert (funds.value.has, funds.value.token) == (0, "ETH")
    assert has_parts(funds.value)


@pytest.mark.parametrize("lie", [-1, 1, 1000])
async def test_two_nodes_must_agree_on_the_nonce(two: Sending, lie: int) -> None:
    await two.submit(Intent(STRANGER, value=1))
    (first,) = await two.all()
    two.faults[0].on("eth_getTransactionCount", changed(lambda n: hex(int(n, 16) + lie)))
    if lie < 0:  # what was sent from here counts more than what any node says
        assert (await two.submit()).nonce == first.nonce + 1
        return
    with pytest.raises(ChainUnavailable, match="do not agree") as caught:
        await two.submit()
    assert has_parts(caught.value)
    assert [record.id for record in await two.all()] == [first.id]


async def test_a_second_node_that_breaks_stops_nothing(two: Sending) -> None:
    two.faults[1].on("eth_getTransactionCount", cut)
    two.faults[1].on("eth_feeHistory", error(-32000, "no history here"))
    assert (await two.submit()).state in ("pending", "included", "safe")
    await two.look()
    assert await two.received() == 5


async def test_an_absurd_price_needs_a_second_look(one: Sending) -> None:
    """Even though the only node says that it was always so."""

    def dear(history: dict[str, list[object]]) -> object:
        return history | {"baseFeePerGas": [hex(10**12) for _ in history["baseFeePerGas"]]}

    one.faults[0].on("eth_feeHistory", changed(dear))
    before = await one.sent()
    for act in (one.submit(), _send(one)):
        with pytest.raises(BadRequest) as caught:
            await act
        assert caught.value.code == "unusual_fee"
        assert has_parts(caught.value)
    assert (await one.sent(), await one.all()) == (before, [])


async def _send(one: Sending) -> object:
    return await one.manager.send(await one.manager.prepare(one.transfer(), one.address))


async def test_a_price_forty_times_what_another_node_says(two: Sending) -> None:
    def dear(history: dict[str, list[object]]) -> object:
        bases = [hex(int(str(fee), 16) * 40) for fee in history["baseFeePerGas"]]
        return history | {"baseFeePerGas": bases}

    two.faults[0].on("eth_feeHistory", changed(dear))
    prepared = await two.manager.prepare(two.transfer(), two.address)
    assert [each.unusual_fee for each in prepared.speeds.values()] == [True] * 3
    two.faults[0].well()
    assert not (await two.manager.prepare(two.transfer(), two.address)).unusual_fee


async def test_never_more_than_was_shown(one: Sending) -> None:
    prepared = await one.manager.prepare(Intent(STRANGER, value=777), one.address)
    before = await one.world.chain.balance(one.address)
    await one.manager.send(prepared)
    await one.look(2)
    (record,) = await one.all()
    paid = before - await one.world.chain.balance(one.address)
    assert record.fee is not None
    assert paid == 777 + record.fee <= prepared.coin_max
    assert prepared.coin_max == 777 + 21_000 * prepared.fee.most


async def test_a_hash_that_is_not_ours(one: Sending) -> None:
    one.faults[0].on(NODES_SEND, changed(lambda _: "0x" + "ab" * 32))
    record = await one.submit()
    assert record.state == "sent"
    await one.look()
    assert (await one.record(record.id)).state in ("included", "safe")
    assert (await one.record(record.id)).hash == record.hash


async def test_a_receipt_that_lies_settles_nothing(two: Sending) -> None:
    """Said to have failed by one node of two: nobody is told to send again."""
    record = await two.submit()
    two.faults[0].on(
        "eth_getTransactionReceipt", changed(lambda found: found and found | {"status": "0x0"})
    )
    await two.look(3)
    assert (await two.record(record.id)).state == "pending"
    two.faults[0].well()
    await two.look()
    assert (await two.record(record.id)).state in ("included", "safe")


async def test_a_passed_nonce_that_is_a_lie(two: Sending) -> None:
    await hold_blocks(two.world)
    record = await two.submit()
    two.faults[0].on("eth_getTransactionCount", changed(lambda n: hex(int(n, 16) + 5)))
    await two.look(4)
    assert (await two.record(record.id)).state == "pending"


async def test_the_chain_changes_before_signing(one: Sending) -> None:
    prepared = await one.manager.prepare(one.transfer(), one.address)
    one.faults[0].on("eth_chainId", result("0x1"))
    with pytest.raises(ChainUnavailable, match="this is chain 1, not 1337") as caught:
        await one.manager.send(prepared)
    assert has_parts(caught.value)
    assert await one.all() == []


async def test_the_chain_changes_while_it_is_prepared(one: Sending) -> None:
    """Its id is asked for once more, right before the signature."""

    def switch(gas: str) -> str:
        one.faults[0].on("eth_chainId", result("0x1"))
        return gas

    one.faults[0].on("eth_estimateGas", changed(switch))
    with pytest.raises(ChainUnavailable, match="this is chain 1, not 1337"):
        await one.submit()
    assert await one.all() == []


# Many at once (F25)


@pytest.mark.timeout(300)
async def test_twenty_at_once_share_and_skip_no_nonce(here: World, kind: str) -> None:
    """A hundred times where that is quick."""
    rounds = ROUNDS[kind]
    async with sending(here, nodes=0) as straight:
        before = await straight.sent()
        for _ in range(rounds):
            await asyncio.gather(*[straight.submit(straight.transfer(1)) for _ in range(20)])
        records = await straight.all()
        assert sorted(r.nonce for r in records) == list(range(before, before + 20 * rounds))
        while await straight.sent() < before + 20 * rounds:
            await asyncio.sleep(0.01)
        assert await straight.received() == 20 * rounds


async def test_one_key_is_one_payment(one: Sending) -> None:
    wish = one.transfer(key="once")
    found = await asyncio.gather(*[one.submit(wish) for _ in range(20)])
    assert len({record.id for record in found}) == 1
    with pytest.raises(BadRequest, match="another transaction"):
        await one.submit(one.transfer(6, key="once"))
    await one.look()
    assert await one.received() == 5


async def test_a_double_click_on_send(one: Sending) -> None:
    """One of two confirmations of one review is carried out, the other is told so."""
    prepared = await one.manager.prepare(one.transfer(), one.address)
    sent = await asyncio.gather(
        one.manager.send(prepared), one.manager.send(prepared), return_exceptions=True
    )
    (refused,) = [item for item in sent if isinstance(item, BaseException)]
    assert isinstance(refused, Busy)
    assert has_parts(refused)
    await one.look()
    assert await one.received() == 5


# Too little, and what fails (F29, F30)


async def test_to_the_wei_of_what_is_there(one: Sending) -> None:
    """One wei more than there is cannot be sent, says how much is missing; that much can."""
    has = await one.world.chain.balance(one.address)
    probe = await one.manager.prepare(Intent(STRANGER, value=1), one.address)
    most = has - probe.fee_max
    with pytest.raises(InsufficientFunds) as caught:
        await one.manager.prepare(Intent(STRANGER, value=most + 1), one.address)
    assert (caught.value.needed - caught.value.has, caught.value.token) == (1, "ETH")
    assert has_parts(caught.value)
    prepared = await one.manager.prepare(Intent(STRANGER, value=most), one.address)
    assert prepared.coin_max == has
    await one.manager.send(prepared)
    await one.look(2)
    assert await one.world.chain.balance(STRANGER) == most
    assert await one.world.chain.balance(one.address) >= 0


# Anvil tries with what waits in mind, so the second would not be sent there.
@pytest.mark.parametrize("kind", ["embedded"])
async def test_it_fails_only_when_it_is_mined(one: Sending) -> None:
    """Both would work alone; the second has nothing left, and says so with what it cost."""
    await hold_blocks(one.world)
    first = await one.submit(one.transfer(100 * MOR))
    second = await one.submit(one.transfer(100 * MOR - 1))
    await one.world.rpc("evm_mine")
    await one.look(3)
    assert (await one.record(first.id)).state in ("included", "safe")
    failed = await one.record(second.id)
    assert (failed.state, bool(failed.fee)) == ("failed", True)
    assert "fee was spent" in failed.reason
    assert await one.received() == 100 * MOR


async def test_all_there_is_to_the_wei(one: Sending) -> None:
    has = await one.chain.balance(one.address)
    prepared = await one.manager.prepare_all(lambda wei: Intent(STRANGER, value=wei), one.address)
    assert prepared.coin_max == has
    assert prepared.decoded.effects[0].amount == has - prepared.fee_max
    record = await one.manager.send(prepared)
    await one.look(2)
    assert (await one.record(record.id)).state in ("included", "safe")
    assert await one.world.chain.balance(STRANGER) == prepared.intent.value
    with pytest.raises(InsufficientFunds):
        await one.manager.prepare_all(lambda wei: Intent(STRANGER, value=10**24 * wei), one.address)


async def test_all_there_is_is_tried_as_it_will_be_sent(one: Sending) -> None:
    """Somebody may take one wei, and not all of it."""
    replies = iter([result(hex(21_000)), error(3, "execution reverted")])

    async def in_turn(asked: Asked) -> web.StreamResponse:
        return await next(replies)(asked)

    one.faults[0].on("eth_estimateGas", in_turn)
    with pytest.raises(TxFailed):
        await one.manager.prepare_all(lambda wei: Intent(STRANGER, value=wei), one.address)


async def test_the_fee_of_the_first_layer_was_spent_too(one: Sending) -> None:
    one.faults[0].on(
        "eth_getTransactionReceipt", changed(lambda found: found and found | {"l1Fee": hex(777)})
    )
    record = await one.submit()
    await one.look(2)
    receipt = await one.world.chain.receipt(record.hash)
    assert receipt is not None
    assert (await one.record(record.id)).fee == receipt.fee + 777


async def test_it_runs_out_of_gas(one: Sending) -> None:
    prepared = await one.manager.prepare(one.transfer(), one.address)
    record = await one.manager.send(dataclasses.replace(prepared, gas=25_000))
    await one.look(2)
    failed = await one.record(record.id)
    assert (failed.state, failed.reason[:17]) == ("failed", "It ran out of gas")
    assert await one.received() == 0


async def test_an_impossible_estimate(one: Sending) -> None:
    one.faults[0].on("eth_estimateGas", result("0x0"))
    with pytest.raises(ChainUnavailable, match="impossible") as caught:
        await one.submit()
    assert has_parts(caught.value)
    one.faults[0].on("eth_estimateGas", error(-32000, "out of gas"))
    with pytest.raises(TxFailed) as failed:
        await one.submit()
    assert has_parts(failed.value)
    assert await one.all() == []


# Replacing (F27)


@pytest.mark.parametrize("kind", ["speed_up", "cancel"])
async def test_a_replacement_is_mined(one: Sending, kind: str) -> None:
    await hold_blocks(one.world)
    record = await one.submit()
    prepare = one.manager.prepare_speed_up if kind == "speed_up" else one.manager.prepare_cancel
    prepared = await prepare(record.id)
    (first,) = record.attempts
    assert prepared.nonce == record.nonce
    assert prepared.fee.most * 8 >= first.max_fee * 9
    assert prepared.fee.tip * 8 >= first.tip * 9
    assert prepared.gas == (first.gas if kind == "speed_up" else 21_000)
    replaced = await one.manager.send(prepared)
    assert [attempt.kind for attempt in replaced.attempts] == ["original", kind]
    with pytest.raises(Busy):  # the same click again
        await one.manager.send(prepared)
    await one.world.rpc("evm_mine")
    await one.look(2)
    found = await one.record(record.id)
    assert found.mined_hash == replaced.attempts[1].hash
    if kind == "cancel":
        assert (found.state, await one.received()) == ("cancelled", 0)
    else:
        assert found.state in ("included", "safe")
        assert await one.received() == 5
    with pytest.raises(Busy):
        await one.manager.prepare_speed_up(record.id)


@pytest.mark.parametrize("kind", ["speed_up", "cancel"])
async def test_the_first_one_is_mined_after_all(one: Sending, kind: str) -> None:
    """The replacement reached nobody who mines."""
    await hold_blocks(one.world)
    record = await one.submit()
    prepare = one.manager.prepare_speed_up if kind == "speed_up" else one.manager.prepare_cancel
    one.faults[0].on(NODES_SEND, cut)
    await one.manager.send(await prepare(record.id))
    await one.world.rpc("evm_mine")
    one.forget()
    await one.look(2)
    found = await one.record(record.id)
    assert found.state in ("included", "safe")
    assert found.mined_hash == record.attempts[0].hash
    assert await one.received() == 5


async def test_a_replacement_the_node_refuses(one: Sending) -> None:
    await hold_blocks(one.world)
    record = await one.submit()
    prepared = await one.manager.prepare_speed_up(record.id)
    one.faults[0].on(NODES_SEND, error(-32000, "replacement transaction underpriced"))
    with pytest.raises(TxFailed, match="replacement") as caught:
        await one.manager.send(prepared)
    assert has_parts(caught.value)
    assert (await one.record(record.id)).state == "pending"
    await one.world.rpc("evm_mine")
    await one.look(2)
    assert (await one.record(record.id)).mined_hash == record.attempts[0].hash
