"""Contracts that are not what they were, permissions, the first layer's fee (F29, F33, F34)."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from router.chain.client import Chain
from router.chain.codec import NotOffered
from router.chain.fees import GAS_ORACLE
from router.chain.marketplace import DIAMOND
from router.chain.preparing import Intent
from router.chain.token import TOKEN
from router.errors import InsufficientFunds, TxFailed
from tests.support.sending import STRANGER, Sending, has_parts, sending
from tests.support.stake_model import MOR
from tests.support.world import World, needs_anvil, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def here(kind: str) -> AsyncIterator[World]:
    async with world(kind, "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


RETURNS_ZERO = "0x60206000f3"


@needs_anvil
@pytest.mark.parametrize("kind", ["anvil"])
async def test_contracts_that_changed(one: Sending) -> None:
    here, network = one.world, one.network
    await here.rpc("anvil_setCode", network.token, RETURNS_ZERO)
    with pytest.raises(TxFailed, match="refuses") as caught:
        await one.submit()
    assert has_parts(caught.value)
    await here.rpc("anvil_setCode", network.diamond, "0x")
    with pytest.raises(NotOffered, match="answered unexpectedly") as missing:
        await here.market.account(one.address)
    assert has_parts(missing.value)
    claim = Intent(network.diamond, data=DIAMOND["withdrawUserStakes"].encode(one.address, 20))
    with pytest.raises(NotOffered):  # no code answers with nothing, as this function does
        await one.submit(claim)
    await here.rpc("anvil_setCode", network.token, "0x")
    with pytest.raises(NotOffered) as gone:
        await one.submit()
    assert has_parts(gone.value)
    assert await one.all() == []
    assert await here.chain.balance(one.address) > 0, "reading goes on"


@needs_anvil
@pytest.mark.parametrize("kind", ["anvil"])
async def test_the_fee_of_the_first_layer_counts(here: World) -> None:
    fee = 10**15
    code = "0x7f" + fee.to_bytes(32, "big").hex() + "60005260206000f3"
    await here.rpc("anvil_setCode", GAS_ORACLE, code)
    network = dataclasses.replace(here.network, first_layer="op-oracle")
    async with sending(here, network=network) as one:
        prepared = await one.manager.prepare(Intent(STRANGER, value=1), one.address)
        assert prepared.first_layer_fee == fee * 5 // 4
        assert prepared.coin_max == 1 + 21_000 * prepared.fee.most + fee * 5 // 4
        await here.rpc("anvil_setBalance", one.address, hex(prepared.coin_max - 1))
        with pytest.raises(InsufficientFunds):
            await one.manager.prepare(Intent(STRANGER, value=1), one.address)
        await here.rpc("anvil_setBalance", one.address, hex(prepared.coin_max))
        await one.manager.prepare(Intent(STRANGER, value=1), one.address)
        whole = await one.manager.prepare_all(lambda wei: Intent(STRANGER, value=wei), one.address)
        assert (whole.intent.value, whole.coin_max) == (1, prepared.coin_max)
        await here.rpc("anvil_setBalance", one.address, hex(10**18))
        whole = await one.manager.prepare_all(lambda wei: Intent(STRANGER, value=wei), one.address)
        assert whole.intent.value == 10**18 - 21_000 * whole.fee.most - fee * 5 // 4


async def test_permission_is_replaced_and_not_added_to(one: Sending) -> None:
    """From one amount to another and to nothing; what a spender took meanwhile is seen."""
    here, network = one.world, one.network
    here.accounts["spender"] = here.account("owner")
    spender = here.account("spender").address

    async def allowed() -> int:
        chain = Chain(one.nodes)
        return int(await chain.read(network.token, TOKEN["allowance"], one.address, spender))

    for amount in (30, 20, 0, 40):
        data = TOKEN["approve"].encode(spender, amount)
        await one.submit(Intent(network.token, data=data))
        assert await allowed() == amount
    # The app itself never calls transferFrom; somebody else does.
    raw = here.account("spender").sign_transaction(
        {
            "chainId": network.chain_id, "nonce": await here.chain.nonce(spender),
            "to": network.token, "value": 0, "gas": 200_000, "type": 2,
            "data": TOKEN["transferFrom"].encode(one.address, STRANGER, 15),
            "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**6,
        }
    ).raw  # fmt: skip
    await here.chain.send_raw(raw)
    while await allowed() == 40:
        await asyncio.sleep(0.01)
    assert (await allowed(), await one.received()) == (25, 15)
