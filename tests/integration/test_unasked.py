"""Openings that nobody asked for: they wait for nobody, and what was sent is not forgotten."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.consumer.records import Opening
from router.errors import ProviderError
from router.units import WEI
from tests.support.edges import T
from tests.support.session_desk import FUNDED, SessionDesk, desk_on, session_desk
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        yield made


async def refuse() -> None:
    raise ProviderError("The provider has no room.", safe="Nothing was sent.")


def opening_of(desk: SessionDesk, opening: Opening) -> Opening:
    return next(one for one in desk.sessions.openings if one.id == opening.id)


@pytest.mark.parametrize("unasked", [False, True])
async def test_what_fails_waits_for_whoever_asked(desk: SessionDesk, unasked: bool) -> None:
    desk.provider.before_answer = refuse
    opening = await desk.sessions.open(await desk.quote(), unasked=unasked)
    opening = await desk.sessions.opening_done(opening.id)
    assert (opening.unasked, opening.step) == (unasked, "given_up" if unasked else "failed")
    assert "no room" in str(opening.error)
    assert await desk.on_chain() == ()


async def test_what_became_dearer_is_not_asked_of_anybody(desk: SessionDesk) -> None:
    quote = await desk.quote()
    shown = replace(quote, amount=quote.amount // 2)
    opening = await desk.sessions.open(shown, unasked=True)
    assert (await desk.sessions.opening_done(opening.id)).step == "given_up"


async def test_it_is_left_before_anything_was_sent(desk: SessionDesk) -> None:
    asked = asyncio.Event()

    async def hang() -> None:
        asked.set()
        await asyncio.Event().wait()

    desk.provider.before_answer = hang
    opening = await desk.sessions.open(await desk.quote(), unasked=True)
    await asked.wait()
    desk.sessions.leave(opening.id)
    while opening_of(desk, opening).step != "given_up":
        await asyncio.sleep(0.01)
    assert await desk.on_chain() == ()


async def test_what_was_sent_comes_true_though_it_was_left(desk: SessionDesk) -> None:
    await desk.here.token("user", "approve", desk.here.network.diamond, 100 * WEI)
    await desk.here.rpc("evm_setAutomine", False)
    opening = await desk.sessions.open(await desk.quote(), unasked=True)
    while opening_of(desk, opening).step != "confirming":
        await asyncio.sleep(0.01)
    desk.sessions.leave(opening.id)
    await desk.here.rpc("evm_mine")
    while opening_of(desk, opening).step != "done":
        await asyncio.sleep(0.01)
    (session,) = await desk.on_chain()
    assert (opening_of(desk, opening).session_id, opening_of(desk, opening).unasked) == (
        session.id, True,
    )  # fmt: skip


async def test_an_app_that_ends_leaves_none_waiting(tmp_path: Path) -> None:
    async with world("embedded", "day-lock") as here:
        bid = await offered(here)
        asked = asyncio.Event()

        async def hang() -> None:
            asked.set()
            await asyncio.Event().wait()

        async with desk_on(here, tmp_path, bid, on_disk=True) as before:
            before.provider.before_answer = hang
            opening = await before.sessions.open(await before.quote(), unasked=True)
            await asked.wait()
            # One that failed just before, and was not given up any more.
            begun = await before.book.begin(before.address, await before.quote(), unasked=True)
            failed = replace(begun.opening, step="failed")
            await before.book.keep(replace(begun, opening=failed))
        async with desk_on(here, tmp_path, bid, on_disk=True) as after:
            for number in (opening.id, failed.id):
                found = await after.sessions.opening_done(number)
                assert (found.unasked, found.step) == (True, "given_up")


async def offered(here: World) -> bytes:
    """A bid of the provider, and a user who has MOR."""
    bid = await here.offer(stake=100 * WEI)
    await here.give("user", FUNDED, 10**19)
    await here.mine_at(T)
    return bid
