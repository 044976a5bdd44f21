"""router.chain.nodes: addresses whose keys come from elsewhere; faults are in tests/integration."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from router.chain.nodes import KEYLESS, Nodes, RpcError
from router.errors import ChainUnavailable
from router.node_urls import host_of
from tests.support.fault_rpc import FaultRpc, error, fault_rpc, result, status

NAME = "0123456789ab"


@pytest.fixture
async def rpc() -> AsyncIterator[FaultRpc]:
    async with fault_rpc("") as made:
        made.on("eth_chainId", result("0x7"))
        made.on("eth_blockNumber", result("0x8"))
        yield made


def kept(rpc: FaultRpc) -> str:
    return f"{rpc.url}/{{key:{NAME}}}"


async def test_the_real_address_is_asked_and_not_told(rpc, caplog) -> None:
    async def real(url: str) -> str:
        assert url == kept(rpc)
        return f"{rpc.url}/?key=0123456789abcdef"

    rpc.on("eth_call", error(3, "0123456789abcdef does not like this"))
    caplog.set_level("DEBUG")
    nodes = Nodes(7, [kept(rpc)], address_of=real)
    assert await nodes.ask("eth_blockNumber") == "0x8"
    assert nodes.in_use == nodes.states[0].url == kept(rpc)
    with pytest.raises(RpcError) as caught:
        await nodes.ask("eth_call")
    assert caught.value.message == "… does not like this"
    await nodes.close()
    assert "0123456789abcdef" not in caplog.text


async def no_key(url: str) -> str | None:
    return None if "{key:" in url else url


async def no_answer(url: str) -> str | None:
    return await asyncio.Event().wait() and None if "{key:" in url else url


@pytest.mark.parametrize("address_of", [no_key, no_answer])
async def test_a_node_without_its_key_is_skipped_with_a_reason(rpc, address_of) -> None:
    nodes = Nodes(7, [kept(rpc), rpc.url], address_of=address_of, try_s=0.2)
    assert await nodes.ask("eth_blockNumber") == "0x8"
    assert nodes.in_use == rpc.url
    first = nodes.states[0]
    assert (first.phase, first.problem) == ("no key", KEYLESS)
    assert nodes.others(rpc.url) == []
    with pytest.raises(ChainUnavailable) as caught:
        await nodes.ask_at(kept(rpc), "eth_blockNumber")
    assert f"{host_of(rpc.url)}: {KEYLESS}" in caught.value.message
    await nodes.close()


async def test_a_key_that_is_there_again_is_used_at_the_next_look(rpc) -> None:
    there: list[str] = []

    async def real(_url: str) -> str | None:
        return there[0] if there else None

    nodes = Nodes(7, [kept(rpc)], address_of=real)
    assert (await nodes.check(kept(rpc))).phase == "no key"
    there.append(rpc.url)
    assert (await nodes.check(kept(rpc))).phase == "ready"
    await nodes.close()


async def test_no_node_is_believed_before_its_chain_was_seen(rpc) -> None:
    """Also one that could not be asked for it at first."""
    rpc.on("eth_chainId", status(503))
    rpc.on("eth_getBalance", result("0x1"))
    nodes = Nodes(1, [rpc.url])
    for reply, why in (
        (status(503), "it answered with status 503"),
        (result("0x7"), "this is chain 7"),
    ):
        rpc.on("eth_chainId", reply)
        with pytest.raises(ChainUnavailable, match=why):
            await nodes.ask("eth_getBalance", ("0x", "latest"))
    await nodes.close()
