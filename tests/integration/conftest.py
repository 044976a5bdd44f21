"""What tests of the chain start from; each brings `here`, the world that it needs."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.edges import Opening, T
from tests.support.sending import Sending, sending
from tests.support.serving import Stage, serving
from tests.support.stake_model import MOR
from tests.support.vectors import Count
from tests.support.world import World, needs_anvil


@pytest.fixture(params=["embedded", pytest.param("anvil", marks=needs_anvil)])
def kind(request: pytest.FixtureRequest) -> str:
    """Our chain, and anvil as a second opinion."""
    return str(request.param)


@pytest.fixture
async def bid(here: World) -> bytes:
    """An open bid of a registered provider."""
    found = await here.offer(stake=100 * MOR)
    await here.mine_at(T - 1)
    return found


@pytest.fixture
async def opening(here: World, bid: bytes) -> Opening:
    """Calls that open a session with that bid."""
    await here.mine_at(T)
    return Opening(here, bid)


@pytest.fixture
async def stage(here: World, bid: bytes, tmp_path: Path) -> AsyncIterator[Stage]:
    """Its provider, serving where everybody can connect."""
    await here.mine_at(T)
    async with serving(here, bid, tmp_path) as made:
        yield made


@pytest.fixture
async def one(here: World) -> AsyncIterator[Sending]:
    """The user's transactions, over faulty nodes."""
    async with sending(here) as made:
        yield made


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Print how many cases passed of how many, and fail when one is missing."""

    def show(what: str, passed: int, expected: int) -> None:
        record_property(what, f"{passed}/{expected}")
        print(f"{what}: {passed} of {expected}")  # noqa: T201 - the count is the point
        assert passed == expected

    return show
