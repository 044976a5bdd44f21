"""What is looked at once more right before a signature, and before a transaction is settled."""

import dataclasses
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from router.chain.fees import Fee, bumped
from router.chain.preparing import fields_of
from router.errors import Busy
from tests.support.fault_rpc import Asked, Json, Reply, changed, error, result
from tests.support.sending import Sending, has_parts, sending
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]

SEND, KNOWS = "eth_sendRawTransaction", "eth_getTransactionByHash"
RECEIPT = "eth_getTransactionReceipt"
SAFE_DEPTH = 40  # so many blocks on top are enough for any network


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


@pytest.fixture
async def two(here: World) -> AsyncIterator[Sending]:
    async with sending(here, nodes=2) as made:
        yield made


async def test_the_account_sent_from_elsewhere_in_between(one: Sending) -> None:
    """The nonce that was shown is used, so nothing is signed, and no node sees anything."""
    prepared = await one.manager.prepare(one.transfer(), one.address)
    other = await one.manager.prepare(one.transfer(7), one.address)
    signed = one.account.sign_transaction(fields_of(other))
    await one.world.chain.send_raw(signed.raw)
    with pytest.raises(Busy, match="sent in the meantime") as caught:
        await one.manager.send(prepared)
    assert has_parts(caught.value)
    assert await one.all() == []
    assert SEND not in one.faults[0].asked
    await one.manager.send(await one.manager.prepare(one.transfer(), one.address))
    assert await one.received() == 7 + 5


async def test_the_second_node_has_it_already(two: Sending) -> None:
    """It refuses what it has in words of its own, and tells when it is asked."""

    async def has(asked: Asked) -> web.StreamResponse:
        await asked.forward()
        return await error(-32000, "no thank you")(asked)

    two.faults[0].on(SEND, error(-32000, "no room"))
    two.faults[0].on(KNOWS, result(None))
    two.faults[1].on(SEND, has)
    record = await two.submit()
    assert (record.state, record.settled) == ("pending", False)
    assert await two.received() == 5


async def test_the_second_node_is_given_the_same(two: Sending) -> None:
    """Byte for byte, once, and only when the first one refuses."""
    given: list[list[str]] = [[], []]

    def noted(number: int, reply: Reply) -> Reply:
        async def note(asked: Asked) -> web.StreamResponse:
            given[number].append(asked.body["params"][0])
            return await reply(asked)

        return note

    async def passed_on(asked: Asked) -> web.StreamResponse:
        return web.json_response(await asked.forward())

    for number, node in enumerate(two.faults):
        node.on(SEND, noted(number, passed_on))
    first = await two.submit()
    assert given == [["0x" + first.last.raw.hex()], []]
    two.faults[0].on(SEND, noted(0, error(-32000, "no room")))
    second = await two.submit()
    raw = "0x" + second.last.raw.hex()
    assert (given[0][1:], given[1]) == ([raw], [raw])


async def waiting(one: Sending) -> int:
    """A transaction that was sped up once; its id."""
    await one.world.rpc("evm_setAutomine", False)
    record = await one.submit()
    await one.manager.send(await one.manager.prepare_speed_up(record.id))
    return record.id


@pytest.mark.parametrize(("most", "tip"), [(-1, 0), (0, -1), (-1, 10**9), (10**12, -1)])
async def test_a_replacement_that_outbids_too_little(one: Sending, most: int, tip: int) -> None:
    """Each part must be an eighth above the last attempt, or nodes do not take it."""
    tx_id = await waiting(one)
    last = (await one.record(tx_id)).last
    least = bumped(Fee(last.max_fee, last.tip), Fee(0, 0))
    prepared = await one.manager.prepare_speed_up(tx_id)
    fee = Fee(least.most + most, least.tip + tip)
    with pytest.raises(Busy, match="replaced in the meantime") as caught:
        await one.manager.send(dataclasses.replace(prepared, fee=fee), accept_unusual_fee=True)
    assert has_parts(caught.value)
    assert (await one.record(tx_id)).last == last


async def test_a_replacement_that_outbids_just_enough(one: Sending) -> None:
    tx_id = await waiting(one)
    last = (await one.record(tx_id)).last
    prepared = await one.manager.prepare_cancel(tx_id)
    least = bumped(Fee(last.max_fee, last.tip), Fee(0, 0))
    sent = await one.manager.send(dataclasses.replace(prepared, fee=least), accept_unusual_fee=True)
    assert (sent.last.kind, sent.last.max_fee, sent.last.tip) == ("cancel", least.most, least.tip)


async def test_a_replacement_of_what_was_mined(one: Sending) -> None:
    """It is settled, so nothing is signed that could only take the next one's place."""
    tx_id = await waiting(one)
    prepared = await one.manager.prepare_cancel(tx_id)
    await one.world.rpc("evm_mine")
    await one.look(2)
    before = await one.record(tx_id)
    with pytest.raises(Busy, match="settled already") as caught:
        await one.manager.send(prepared)
    assert caught.value.safe
    assert await one.record(tx_id) == before


def otherwise(**values: Json) -> Reply:
    """A receipt that says something else."""
    return changed(lambda found: found and found | values)


@pytest.mark.parametrize(
    "says", [result(None), otherwise(blockHash="0x" + "ab" * 32), otherwise(status="0x0")]
)
@pytest.mark.parametrize("liar", [0, 1])
async def test_nothing_is_settled_that_two_nodes_tell_differently(
    two: Sending, says: Reply, liar: int
) -> None:
    """In a block, and followed further, however deep it is by now."""
    record = await two.submit()
    for _ in range(SAFE_DEPTH):
        await two.world.rpc("evm_mine")
    two.faults[liar].on(RECEIPT, says)
    await two.look(3)
    found = await two.record(record.id)
    assert found.state in ("sent", "pending", "included")
    assert not found.settled
    two.faults[liar].well()
    await two.look()
    found = await two.record(record.id)
    assert (found.state, found.settled) == ("safe", True)


async def test_a_failure_that_one_node_alone_tells_of_is_not_told(two: Sending) -> None:
    """Not even as what may still change: who reads it sends again."""

    async def no_safe_block(asked: Asked) -> web.StreamResponse:
        if asked.body["params"][0] == "safe":
            return await error(-32000, "no such block")(asked)
        return web.json_response(await asked.forward())

    record = await two.submit()
    two.faults[0].on("eth_getBlockByNumber", no_safe_block)
    two.faults[0].on(RECEIPT, otherwise(status="0x0"))
    await two.look(3)
    assert (await two.record(record.id)).state == "pending"


async def test_one_node_alone_is_believed(one: Sending) -> None:
    record = await one.submit()
    for _ in range(SAFE_DEPTH):
        await one.world.rpc("evm_mine")
    await one.look()
    found = await one.record(record.id)
    assert (found.state, found.settled) == ("safe", True)


async def test_a_failure_that_a_second_node_confirms(two: Sending) -> None:
    prepared = await two.manager.prepare(two.transfer(), two.address)
    record = await two.manager.send(dataclasses.replace(prepared, gas=25_000))
    for _ in range(SAFE_DEPTH):
        await two.world.rpc("evm_mine")
    await two.look()
    found = await two.record(record.id)
    assert (found.state, found.settled) == ("failed", True)
