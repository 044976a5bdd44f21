"""Putting the marketplace on a chain, and saying why it could not be."""

from collections.abc import AsyncIterator

import pytest
from eth_abi.abi import encode

from router.chain.token import TOKEN
from router.devnet.accounts import FUNDING, OWNER, USER
from router.devnet.deploy import (
    BID_FEE,
    FUNDS,
    HIGHEST_PRICE,
    LOWEST_PRICE,
    MODEL_STAKE,
    MOR,
    PROVIDER_STAKE,
    DeployError,
    deploy,
    encoded,
    fund,
)
from tests.support.fault_rpc import error, fault_rpc, raw
from tests.support.world import World, world


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        yield made


async def test_what_is_there_afterwards(here: World) -> None:
    terms = await here.market.terms()
    assert (terms.bid_fee, terms.lowest_price, terms.highest_price) == (
        BID_FEE, LOWEST_PRICE, HIGHEST_PRICE,
    )  # fmt: skip
    assert (terms.provider_stake, terms.model_stake) == (PROVIDER_STAKE, MODEL_STAKE)
    assert terms.longest_session_s == 7 * 86_400
    assert terms.funding_account == FUNDING.address.lower()
    assert await here.market.value("owner") == OWNER.address.lower()
    assert await here.market.value("getToken") == here.network.token.lower()
    assert await here.mor("funding") == FUNDS
    spender = here.network.diamond
    allowed = TOKEN["allowance"]
    assert await here.chain.read(here.network.token, allowed, FUNDING.address, spender) > 2**255


async def test_mor_for_accounts(here: World) -> None:
    await fund(here.url, here.deployment, OWNER.key, {USER.address: 3 * MOR})
    assert await here.mor("user") == 3 * MOR


async def test_a_node_that_is_not_there_or_refuses(here: World) -> None:
    with pytest.raises(DeployError, match="did not answer eth_chainId"):
        await deploy("http://127.0.0.1:9", OWNER.key, FUNDING.key)
    async with fault_rpc(here.url) as node:
        node.on("eth_sendRawTransaction", error(-32000, "nonce too low"))
        with pytest.raises(DeployError, match="nonce too low"):
            await deploy(node.url, OWNER.key, FUNDING.key)
        node.on("*", raw(b"<html>"))
        with pytest.raises(DeployError, match="did not answer"):
            await deploy(node.url, OWNER.key, FUNDING.key)


async def test_a_transaction_that_reverts_is_said(here: World) -> None:
    with pytest.raises(DeployError, match="reverted"):
        await fund(here.url, here.deployment, USER.key, {OWNER.address: MOR})


def test_signatures_with_tuples() -> None:
    call = encoded("f(address,(uint256,uint8[])[])", ["0x" + "12" * 20, [(7, [1, 2])]])
    assert call[4:] == encode(["address", "(uint256,uint8[])[]"], ["0x" + "12" * 20, [(7, [1, 2])]])
    assert encoded("g()", []) == encoded("g()", ())
    assert len(encoded("g()", [])) == 4
