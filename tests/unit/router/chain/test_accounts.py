"""Balances of many accounts in one request."""

from dataclasses import replace

import pytest

from router.chain.accounts import Balance, balances
from router.chain.client import Chain
from router.chain.codec import NotOffered
from tests.support.world import world


class Counting(Chain):
    """Counts its requests."""

    requests = 0

    async def call(self, *arguments, **more):
        self.requests += 1
        return await super().call(*arguments, **more)


async def test_twenty_accounts_in_one_request():
    async with world("embedded", "day-lock") as here:
        chain = Counting(here.nodes)
        user = here.account("user").address
        others = [f"0x{number:040x}" for number in range(0x1000, 0x1000 + 19)]
        found = await balances(chain, here.network, [user, *others])
        assert found[0] == Balance(await here.mor("user"), await here.chain.balance(user))
        assert found[0].eth > 0
        assert set(found[1:]) == {Balance(0, 0)}
        assert chain.requests == 1


async def test_what_cannot_be_read_is_unknown_and_not_0():
    async with world("embedded", "day-lock") as here:
        network = replace(here.network, token=here.network.multicall)
        (found,) = await balances(here.chain, network, [here.account("user").address])
        assert found.mor is None
        assert found.eth


async def test_a_network_without_the_contract_says_so():
    async with world("embedded", "day-lock") as here:
        network = replace(here.network, multicall=here.account("user").address)
        with pytest.raises(NotOffered):
            await balances(here.chain, network, [here.account("user").address])
