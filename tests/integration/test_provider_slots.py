"""How many sessions a provider takes on, and who is met again though all slots are taken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.morrpc.errors import Refusal, RemoteRefusal
from tests.support.edges import T
from tests.support.serving import restarted, serving
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        await made.give("user", 10_000 * MOR)
        yield made


async def test_approvals_do_not_exceed_the_slots(here: World, bid: bytes, tmp_path: Path) -> None:
    await here.mine_at(T)
    async with serving(here, bid, tmp_path, concurrentSlots=2) as stage:
        asked = (stage.asker(f"user {n}").request() for n in range(8))
        results = await asyncio.gather(*asked, return_exceptions=True)
        refusals = [result for result in results if isinstance(result, RemoteRefusal)]
        assert [refusal.refusal for refusal in refusals] == [Refusal.NO_CAPACITY] * 6


async def test_who_is_served_is_met_again_though_all_is_full(
    here: World, bid: bytes, tmp_path: Path
) -> None:
    """The provider lost its file, and took the bid back: what was paid for is answered."""
    await here.mine_at(T)
    async with serving(here, bid, tmp_path, concurrentSlots=1) as stage:
        session = await stage.session()
        await stage.provider.stop()
        stage.paths.served.unlink()
        await here.call("provider", "deleteModelBid", bid)
        await restarted(stage)
        stage.backend.says("Good", " day")
        assert (await stage.asker().ask(session)).error.refusal is Refusal.USER_UNKNOWN
        assert (await stage.asker().request()).approval
        assert (await stage.asker().ask(session)).is_whole
        with pytest.raises(RemoteRefusal) as caught:
            await stage.asker().request()
        assert caught.value.refusal is Refusal.NO_CAPACITY, "one at a time, or slots mean nothing"
        with pytest.raises(RemoteRefusal, match="taken back"):
            await stage.asker("other").request()
