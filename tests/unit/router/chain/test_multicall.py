"""Many reads in few requests, and answers of nodes that want to fill the memory."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from router.chain.client import Chain
from router.chain.codec import NotOffered
from router.chain.multicall import CALLS_A_REQUEST, Multicall, Read, _results
from router.chain.nodes import RpcError
from router.chain.token import TOKEN, balance_of
from router.devnet.accounts import FUNDING, OWNER, USER
from router.devnet.deploy import FUNDS
from tests.support.world import World, world

RESULTS = st.lists(st.tuples(st.booleans(), st.binary(max_size=100)), max_size=12)


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


class Counting(Chain):
    """Notes what is asked."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain.nodes, chain.url)
        self.asked_at: list[object] = []

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        self.asked_at.append(options["at"])
        return await super().call(to, data, **options)


async def test_order_failures_and_one_block(here: World) -> None:
    """Values come as they were asked for, in pieces of one block, with None for what failed."""
    token = here.network.token
    chain = Counting(here.chain)
    many = Multicall(chain, here.network.multicall)
    fails = Read(token, TOKEN["transfer"], (OWNER.address, 1))  # the contract has none
    nobody = Read("0x" + "12" * 20, TOKEN["balanceOf"], (USER.address,))  # no code: no answer
    reads = [balance_of(token, FUNDING.address), fails, nobody, many.eth_balance(USER.address)]
    answers = await many.read(reads * CALLS_A_REQUEST)
    assert len(answers.values) == 4 * CALLS_A_REQUEST
    assert answers.values[:4] == (FUNDS, None, None, USER.eth)
    assert answers.values[:4] * CALLS_A_REQUEST == answers.values
    head = await here.chain.head()
    assert (answers.block, answers.timestamp) == (head.number, head.timestamp)
    assert chain.asked_at == ["latest", *[head.number] * 3]


async def test_at_a_block_of_the_past(here: World) -> None:
    many = Multicall(here.chain, here.network.multicall)
    read = balance_of(here.network.token, here.account("stranger").address)
    before = (await here.chain.head()).number
    await here.token("funding", "transfer", here.account("stranger").address, 5)
    assert (await many.read([read])).values == (5,)
    answers = await many.read([read], at=before)
    assert (answers.values, answers.block) == ((0,), before)


async def test_what_an_account_would_get(here: World) -> None:
    """Calls in its name, one after the other, at another time; nothing of it stays."""
    many = Multicall(here.chain, here.network.multicall)
    token, stranger = here.network.token, here.account("stranger").address
    head = await here.chain.head()
    calls = [
        balance_of(token, stranger),
        Read(token, TOKEN["transfer"], (stranger, 7)),
        balance_of(token, stranger),
        Read(token, TOKEN["transfer"], (stranger, FUNDS)),  # no longer there
    ]
    answers = await many.imagined(FUNDING.address, calls, head.timestamp + 500)
    assert answers.values == (0, True, 7, None)
    assert answers.timestamp == head.timestamp + 500
    assert (await many.read(calls[:1])).values == (0,)


class Ahead(Chain):
    """Its blocks are of a time for which no calendar has a date."""

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        head = (await self.head()).timestamp
        answer = await super().call(to, data, **options)
        return answer.replace(head.to_bytes(32, "big"), (10**12).to_bytes(32, "big"))


async def test_a_time_that_is_none(here: World) -> None:
    chain = here.chain
    many = Multicall(Ahead(chain.nodes, chain.url), here.network.multicall)
    with pytest.raises(NotOffered):
        await many.read([many.eth_balance(USER.address)])


class Deaf(Chain):
    """A node that takes the wish for another time and does not follow it."""

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        return await super().call(to, data, **options | {"timestamp": None})


class Strict(Chain):
    """A node that takes a call and a block and nothing more."""

    async def call(self, to: str, data: bytes, **options: Any) -> bytes:
        if options["codes"]:
            raise RpcError(-32602, "too many arguments")
        return await super().call(to, data, **options)


@pytest.mark.parametrize("kind", [Deaf, Strict])
async def test_nodes_that_cannot_imagine(here: World, kind: type[Chain]) -> None:
    many = Multicall(kind(here.nodes), here.network.multicall)
    later = (await here.chain.head()).timestamp + 500
    with pytest.raises(NotOffered):
        await many.imagined(USER.address, [], later)


async def test_what_is_needed_is_named_when_it_is_missing(here: World) -> None:
    many = Multicall(here.chain, here.network.multicall)
    with pytest.raises(NotOffered, match="balanceOf"):
        await many.needed([balance_of("0x" + "12" * 20, USER.address)])
    assert (await many.needed([])).values == ()


async def test_no_multicall_at_the_address(here: World) -> None:
    for address in ("0x" + "12" * 20, here.network.token):
        with pytest.raises(NotOffered, match="aggregate3"):
            await Multicall(here.chain, address).read([])


@given(RESULTS)
def test_results_read_as_a_general_decoder_writes_them(results: list[tuple[bool, bytes]]) -> None:
    assert _results(encode(["(bool,bytes)[]"], [results]), len(results)) == results


@given(RESULTS, st.data())
def test_damaged_results_are_refused_or_not_larger(
    results: list[tuple[bool, bytes]], data: st.DataObject
) -> None:
    answer = bytearray(encode(["(bool,bytes)[]"], [results]))
    at = data.draw(st.integers(0, len(answer) // 32 - 1)) * 32
    answer[at : at + 32] = data.draw(st.integers(0, 2**256 - 1)).to_bytes(32, "big")
    try:
        found = _results(bytes(answer), len(results))
    except NotOffered:
        return
    assert sum(len(item) for _, item in found) <= len(answer)


def test_results_that_all_point_to_the_same_bytes() -> None:
    count, size = 400, 1 << 20
    offsets = (32 * count).to_bytes(32, "big") * count
    entry = (1).to_bytes(32, "big") + (64).to_bytes(32, "big") + size.to_bytes(32, "big")
    answer = b"".join(
        ((32).to_bytes(32, "big"), count.to_bytes(32, "big"), offsets, entry, b"x" * size)
    )
    with pytest.raises(NotOffered):
        _results(answer, count)
