"""Fees: from the last blocks, never absurd without a second look, always enough to replace."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.chain.client import Chain
from router.chain.fees import (
    DEAR,
    LEAST_TIP,
    Fee,
    Fees,
    bumped,
    compared_fees,
    current_fees,
    first_layer_fee,
    with_margin,
)
from router.chain.nodes import Nodes
from router.errors import ChainUnavailable
from router.networks import NETWORKS
from router.units import GWEI
from tests.support.fault_rpc import FaultRpc, fault_rpc, result

Json = Any
WEI = st.integers(0, 10**15)


class Blocks:
    """A chain of which only the last blocks are known."""

    def __init__(self, node: FaultRpc, nodes: Nodes) -> None:
        self.chain = Chain(nodes, node.url)
        self._node = node

    def were(self, bases: list[int], rewards: list[list[int]] | None) -> None:
        history: Json = {
            "oldestBlock": "0x1",
            "baseFeePerGas": [hex(fee) for fee in bases],
            "gasUsedRatio": [0.5] * (len(bases) - 1),
        }
        if rewards is not None:
            history["reward"] = [[hex(tip) for tip in row] for row in rewards]
        self.say(history)

    def say(self, history: Json) -> None:
        self._node.on("eth_chainId", result("0x539"))
        self._node.on("eth_blockNumber", result("0x5"))
        self._node.on("eth_feeHistory", result(history))


@pytest.fixture
async def blocks() -> AsyncIterator[Blocks]:
    async with fault_rpc("") as node:
        nodes = Nodes(1337, [node.url])
        yield Blocks(node, nodes)
        await nodes.close()


async def test_usual_blocks(blocks: Blocks) -> None:
    tip = 10 * LEAST_TIP
    blocks.were([GWEI, GWEI, 2 * GWEI], [[tip, 2 * tip, 3 * tip]] * 2)
    fees = await current_fees(blocks.chain)
    assert fees.base == 2 * GWEI, "the next block's"
    assert fees.slow == Fee(4 * GWEI + tip, tip)
    assert fees.of("normal") == fees.normal == Fee(4 * GWEI + 2 * tip, 2 * tip)
    assert fees.of("fast").tip == 3 * tip
    assert fees.median == GWEI + 2 * tip
    assert not any(fees.is_unusual(fee) for fee in (fees.slow, fees.normal))


@pytest.mark.parametrize(
    ("bases", "rewards"),
    [([GWEI], []), ([GWEI, GWEI], None), ([GWEI, GWEI], [[]]), ([0, 0], [[0, 0, 0]]), ([], [])],
)
async def test_blocks_without_tips(
    blocks: Blocks, bases: list[int], rewards: list[list[int]] | None
) -> None:
    blocks.were(bases, rewards)
    fees = await current_fees(blocks.chain)
    assert fees.normal.tip == LEAST_TIP
    assert fees.normal.most >= fees.normal.tip


@pytest.mark.parametrize(
    "history",
    [
        None, [], {}, "0x1", {"baseFeePerGas": None}, {"baseFeePerGas": ["much"]},
        {"baseFeePerGas": [None]}, {"baseFeePerGas": ["-0x5"]}, {"baseFeePerGas": [1e999]},
        {"baseFeePerGas": ["0x1" + "0" * 64]}, {"baseFeePerGas": [1.5]},
        {"baseFeePerGas": ["0x1"], "reward": [1]}, {"baseFeePerGas": ["0x1"], "reward": 7},
        {"baseFeePerGas": ["0x1"], "reward": [[None]]}, {"baseFeePerGas": ["0x1"], "reward": [["-0x1"]]},
    ],
)  # fmt: skip
async def test_a_history_that_makes_no_sense(blocks: Blocks, history: Json) -> None:
    """It is a fault of the node, and said so."""
    blocks.say(history)
    with pytest.raises(ChainUnavailable):
        await current_fees(blocks.chain)


async def test_one_block_that_was_dear_moves_little(blocks: Blocks) -> None:
    blocks.were([GWEI] * 21, [[LEAST_TIP] * 3] * 19 + [[500 * GWEI] * 3])
    assert (await current_fees(blocks.chain)).fast.tip == LEAST_TIP


def test_what_is_unusual() -> None:
    fees = Fees(Fee(0, 0), Fee(0, 0), Fee(0, 0), base=3 * GWEI, median=GWEI)
    assert not fees.is_unusual(Fee(3 * GWEI, 0))
    assert fees.is_unusual(Fee(10 * GWEI, 1))
    assert not fees.is_unusual(Fee(2 * GWEI, 2 * GWEI)), "no more than its most is paid"
    always = Fees(Fee(0, 0), Fee(0, 0), Fee(0, 0), base=DEAR, median=DEAR)
    assert always.is_unusual(Fee(2 * DEAR, 1)), "whatever a node says of the last blocks"


@pytest.mark.parametrize(("tip", "unusual"), [(0, False), (1, False), (2, True)])
def test_two_hundred_gwei_are_dear_whatever_was_paid(tip: int, unusual: bool) -> None:
    base = 200 * GWEI - 1
    fees = Fees(Fee(0, 0), Fee(0, 0), Fee(0, 0), base=base, median=10**6 * GWEI)
    assert fees.is_unusual(Fee(10**18, tip)) == unusual


@pytest.mark.parametrize(("tip", "unusual"), [(0, False), (1, True)])
def test_three_times_of_what_was_paid_is_usual(tip: int, unusual: bool) -> None:
    fees = Fees(Fee(0, 0), Fee(0, 0), Fee(0, 0), base=3 * GWEI, median=GWEI)
    assert fees.is_unusual(Fee(10**18, tip)) == unusual


async def test_the_lower_of_two_nodes_is_usual(blocks: Blocks) -> None:
    blocks.were([40 * GWEI, 40 * GWEI], [[LEAST_TIP] * 3])
    async with fault_rpc("") as node:
        nodes = Nodes(1337, [node.url])
        other = Blocks(node, nodes)
        other.were([GWEI, GWEI], [[LEAST_TIP] * 3])
        fees = await compared_fees(blocks.chain, other.chain)
        await nodes.close()
    assert fees.median == GWEI + LEAST_TIP
    assert fees.is_unusual(fees.normal)
    assert fees.base == 40 * GWEI


@given(WEI, WEI, WEI, WEI)
def test_a_replacement_is_an_eighth_up_and_at_the_market(
    most: int, tip: int, market: int, market_tip: int
) -> None:
    fee = bumped(Fee(most, tip), Fee(market, market_tip))
    assert fee.most * 1000 >= most * 1125
    assert fee.tip * 1000 >= tip * 1125
    assert fee.most >= market
    assert fee.tip >= market_tip
    assert fee.most <= max(market, most * 9 // 8 + 1), "and no more than that"


def test_margin() -> None:
    assert with_margin(100_000) == 125_000


async def test_no_first_layer_no_fee(blocks: Blocks) -> None:
    assert await first_layer_fee(blocks.chain, NETWORKS["arbitrum"], b"\1") == 0
