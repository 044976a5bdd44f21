"""router.demo: two providers come to the market of a demo network, and answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.chain.token import TOKEN
from router.consumer.providers import Providers
from router.demo import ROLES, STAKE, DemoProviders
from router.devnet.accounts import OWNER, PROVIDER, SECOND_PROVIDER
from router.devnet.deploy import BID_FEE, MODEL_STAKE, MOR, fund
from router.errors import MorpheusError
from tests.support.scripted_backend import ScriptedBackend
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NAME = "A model (demo)"
GIVEN = 1_000 * MOR


@pytest.fixture
async def here() -> AsyncIterator[World]:
    now = int(time.time())
    async with world("embedded", "day-lock", now) as made:
        yield made


async def give(here: World) -> None:
    amounts = {account.address: GIVEN for account in (PROVIDER, SECOND_PROVIDER)}
    await fund(here.url, here.deployment, OWNER.key, amounts)


def providers(here: World, folder: Path) -> DemoProviders:
    return DemoProviders(folder / "demo", here.market, ScriptedBackend(), NAME, time.time)


async def test_the_market_shows_one_model_and_two_prices(here: World, tmp_path: Path) -> None:
    await give(here)
    demo = providers(here, tmp_path)
    try:
        await demo.start()
        market = await here.market.market()
        (model,) = market.models
        assert (model.name, model.owner) == (NAME, PROVIDER.address)
        offers = market.offers[model.id]
        assert {(o.bid.provider, o.bid.price_per_second) for o in offers} == {
            (role.account.address, role.price) for role in ROLES
        }
        where = {"{}:{}".format(*p.state.address) for p in demo.running if p.state.address}
        assert {provider.endpoint for provider in market.providers.values()} == where
        assert all(p.stake == STAKE for p in market.providers.values())
        # To the wei, and the permission is used up.
        assert await here.mor(PROVIDER.name) == GIVEN - STAKE - BID_FEE - MODEL_STAKE
        assert await here.mor(SECOND_PROVIDER.name) == GIVEN - STAKE - BID_FEE
        for role in ROLES:
            left = await here.chain.read(
                here.network.token,
                TOKEN["allowance"],
                role.account.address,
                here.network.diamond,
            )
            assert int(left) == 0
        asking = Providers(here.chain, here.network, allow_private=lambda: True)
        for offer in offers:
            record = market.providers[offer.bid.provider]
            user = here.account("user")
            approval = await asking.request_session(user, offer.bid, record, MOR)
            assert approval.sealed
    finally:
        await demo.stop()
    assert not (tmp_path / "demo").exists()
    with pytest.raises(OSError):
        await asyncio.open_connection(*next(iter(where)).split(":"))


async def test_who_cannot_register_says_so_and_listens_no_more(here: World, tmp_path: Path) -> None:
    demo = providers(here, tmp_path)  # nobody gave it MOR
    with pytest.raises(MorpheusError):
        await demo.start()
    (running,) = demo.running
    assert running.state.address is not None
    await demo.stop()
    assert running.state.address is None
