"""A node whose computer sleeps: the process is stopped, and hours later it goes on (F15)."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.devnet.accounts import USER
from router.devnet.rpc import RpcServer
from tests.support.fault_rpc import FaultRpc, fault_rpc
from tests.support.money_node import chain_for_node, node_of, set_node
from tests.support.sleeper import asleep, sleeper

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP"),
]

STRANGER = "0x" + "34" * 20
BODY = {"to": STRANGER, "amount": "5"}
HOURS_S = 8 * 3600
# Looking at a transaction takes about seven; one look for each second slept would be thousands.
MOST_ASKED = 100


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[RpcServer]:
    async with chain_for_node(tmp_path / "data") as made:
        yield made


@pytest.fixture
async def between(chain: RpcServer, tmp_path: Path) -> AsyncIterator[FaultRpc]:
    """Hears what the node asks the chain."""
    async with fault_rpc(f"http://127.0.0.1:{chain.port}") as made:
        set_node(tmp_path / "data", made.url)
        yield made


@pytest.mark.parametrize("meanwhile", ["mined", "forgotten"])
async def test_asleep_with_a_transaction_on_the_way(
    chain: RpcServer, between: FaultRpc, tmp_path: Path, meanwhile: str
) -> None:
    """On waking it is followed: not paid again, and given again only if nobody has it any more."""
    chain._evm.automine = False
    clock = tmp_path / "slept"
    with node_of(tmp_path, program=sleeper(clock, "router")) as client:
        await client.ready()
        await client.post("/wallet/privateKey", {"privateKey": USER.key})
        await client.connected()
        sent = await client.post("/blockchain/send/eth", BODY, key="once")
        await client.transaction({"pending"})
        with asleep(client.node.process, clock, HOURS_S):
            asked = len(between.asked)
            (waiting,) = chain._evm.pending
            if meanwhile == "mined":
                chain._evm.mine()
            else:
                chain._evm.pending.clear()
            loop, path = asyncio.get_running_loop(), "/blockchain/send/eth"
            again = [loop.run_in_executor(None, client.ask, path, BODY, "once") for _ in range(2)]
        assert await asyncio.gather(*again) == [sent, sent]
        if meanwhile == "forgotten":
            async with asyncio.timeout(60):
                while not chain._evm.pending:
                    await asyncio.sleep(0.05)
            assert [each.hash for each in chain._evm.pending] == [waiting.hash]
            chain._evm.mine()
        (found,) = await client.transaction({"included", "safe"})
        assert len(between.asked) - asked < MOST_ASKED
        assert found["hash"] == sent["tx"]
        assert between.asked.count("eth_sendRawTransaction") == 1 + (meanwhile == "forgotten")
        assert await client.get("/blockchain/latestBlock") == {"block": chain._evm.height}
        chain._evm.automine = True
        await client.post("/blockchain/send/eth", BODY, key="another")
        assert (await client.stop())[0] == 0
    assert chain._balance(STRANGER) == hex(10)
