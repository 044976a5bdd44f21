"""The clock of the blocks: one node tells the time, two say that a moment is over."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.chain.client import Chain
from router.chain.nodes import Nodes
from router.consumer.block_clock import BlockClock
from tests.support.fault_rpc import FaultRpc, changed, fault_rpc
from tests.support.world import World, world

HOUR = 3_600


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


@pytest.fixture
async def node(here: World) -> AsyncIterator[FaultRpc]:
    async with fault_rpc(here.url) as made:
        yield made


def an_hour_ahead(block: Any) -> Any:
    return {**block, "timestamp": hex(int(block["timestamp"], 16) + HOUR)}


async def test_a_moment_is_over_when_two_nodes_say_so(here: World, node: FaultRpc) -> None:
    nodes = Nodes(here.network.chain_id, [node.url, here.url])
    clock, now = BlockClock(Chain(nodes)), (await here.chain.head()).timestamp
    assert await clock.now() == now
    assert [await clock.is_past(moment) for moment in (now, now + 1)] == [True, False]
    node.on("eth_getBlockByNumber", changed(an_hour_ahead))
    assert await clock.now() == now + HOUR
    assert [await clock.is_past(moment) for moment in (now, now + 1)] == [True, False]
    await nodes.close()


async def test_the_only_node_is_believed(here: World, node: FaultRpc) -> None:
    nodes = Nodes(here.network.chain_id, [node.url])
    clock, now = BlockClock(Chain(nodes)), (await here.chain.head()).timestamp
    node.on("eth_getBlockByNumber", changed(an_hour_ahead))
    assert [await clock.is_past(now + late) for late in (HOUR, HOUR + 1)] == [True, False]
    await nodes.close()
