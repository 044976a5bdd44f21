"""An approval that a thief uses in the same block: asked for anew, once, and never two sessions (F38).

Whoever sees the transaction on its way can use the approval in it; the contract does not look at
the user. Where nothing is final yet, a reorganisation can bring the lost transaction back.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.chain.fees import Fees
from router.chain.marketplace import DIAMOND
from router.chain.records import Bid, Provider
from router.chain.token import TOKEN
from router.consumer.opening_steps import Signer
from router.consumer.records import Approval, Opening
from tests.support.edges import T
from tests.support.session_desk import SessionDesk, desk_on, session_desk
from tests.support.stake_model import MOR
from tests.support.world import needs_anvil

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]

FUND = 500 * MOR
DEARER = 2 * 10**6  # wei; a tip that comes first, and is not unusual
SAFE_DEPTH = 40  # anvil calls a block safe when 32 are on top


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        await prepare(made)
        yield made


@pytest.fixture
async def on_anvil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SessionDesk]:
    """A chain with blocks that are not final; so many empty ones make its fees fall oddly."""
    monkeypatch.setattr(Fees, "is_unusual", lambda *_: False)
    async with session_desk(tmp_path, kind="anvil", on_disk=True) as made:
        await prepare(made)
        yield made


async def prepare(desk: SessionDesk) -> None:
    """With a permission the opening is one transaction; blocks come when the test says so."""
    await desk.here.token("user", "approve", desk.here.network.diamond, FUND)
    await desk.here.give("thief", 100 * MOR)


async def use(desk: SessionDesk, given: Approval, amount: int) -> None:
    """The thief sends an opening with somebody's approval; it comes first in its block."""
    thief, diamond = desk.here.account("thief").address, desk.here.network.diamond
    data = DIAMOND["openSession"].encode(thief, amount, False, given.message, given.signature)
    await desk.here.hand_over("thief", diamond, data, DEARER)


def steal(desk: SessionDesk, times: int) -> None:
    """The first approvals are used by another account, in the block of the opening, before it."""
    real = desk.provider.request_session

    async def watched(signer: Signer, bid: Bid, provider: Provider, amount: int) -> Approval:
        given = await real(signer, bid, provider, amount)
        if len(desk.provider.approvals) <= times:
            await desk.here.rpc("evm_setAutomine", False)
            await use(desk, given, amount)
        return given

    desk.provider.request_session = watched  # type: ignore[method-assign]


async def sent(desk: SessionDesk, opening: Opening, number: int) -> None:
    """Wait until the transaction of a try is on its way."""
    heard = asyncio.Event()
    known: set[int] = set()

    def hear(told: Opening) -> None:
        if told.id == opening.id and told.open_tx:
            known.add(told.open_tx)
        if len(known) >= number:
            heard.set()

    stop_listening = desk.sessions.opening_changed.subscribe(hear)
    for told in desk.sessions.openings:
        hear(told)
    await heard.wait()
    stop_listening()


async def opened(desk: SessionDesk) -> list[str]:
    """How the transactions that open came out, oldest first."""
    records = await desk.journal.list(desk.here.network.chain_id, desk.address)
    assert all(record.data[:4] != TOKEN["approve"].selector for record in records)
    return [record.state for record in reversed(records)]


async def lose(desk: SessionDesk) -> Opening:
    """On anvil, whose trials see what waits: used once the opening is on its way."""
    quote = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    steps: list[str] = []
    desk.sessions.opening_changed.subscribe(lambda t: steps.append(t.step) if t.open_tx else None)
    opening = await desk.sessions.open(quote)
    await sent(desk, opening, 1)
    await use(desk, desk.provider.approvals[0], quote.amount)
    await desk.here.rpc("evm_mine")
    while len(steps) < 3:  # sent, waited for, and waited for until it is dead for good
        await desk.follower.look()
    assert (await opened(desk), steps) == (["failed"], ["confirming"] * 3)
    return opening


async def test_another_one_is_asked_for(desk: SessionDesk) -> None:
    steal(desk, 1)
    before = await desk.here.mor("user")
    opening = await desk.sessions.open(await desk.quote())
    await sent(desk, opening, 1)
    await desk.here.rpc("evm_setAutomine", True)
    await desk.here.rpc("evm_mine")
    done = await desk.sessions.opening_done(opening.id)
    assert (done.step, done.error, len(desk.provider.approvals)) == ("done", None, 2)
    (session,) = await desk.on_chain()
    assert (session.id, session.stake) == (done.session_id, before - await desk.here.mor("user"))
    assert await opened(desk) == ["failed", "safe"]


async def test_only_once(desk: SessionDesk) -> None:
    steal(desk, 9)
    opening = await desk.sessions.open(await desk.quote())
    await sent(desk, opening, 1)
    await desk.here.rpc("evm_mine")
    await sent(desk, opening, 2)
    await desk.here.rpc("evm_mine")
    failed = await desk.sessions.opening_done(opening.id)
    assert (failed.step, failed.failed_at) == ("failed", "confirming")
    assert failed.error is not None
    assert failed.error.hint
    assert (len(desk.provider.approvals), await opened(desk)) == (2, ["failed", "failed"])
    assert await desk.on_chain() == ()


async def test_used_by_the_same_account_elsewhere(desk: SessionDesk) -> None:
    """Then the session is there: no second one is opened for it."""
    real = desk.provider.request_session

    async def watched(signer: Signer, bid: Bid, provider: Provider, amount: int) -> Approval:
        given = await real(signer, bid, provider, amount)
        words = (desk.address, amount, False, given.message, given.signature)
        await desk.here.call("user", "openSession", *words)
        return given

    desk.provider.request_session = watched  # type: ignore[method-assign]
    done = await desk.open()
    assert (done.step, len(desk.provider.approvals)) == ("done", 1)
    assert [session.id for session in await desk.on_chain()] == [done.session_id]
    assert await opened(desk) == []


async def test_what_failed_for_another_reason_is_not_sent_again(desk: SessionDesk) -> None:
    """The approval grew too old on the way, and nobody used it."""
    desk.provider.stamps = iter([T - 500])
    quote = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    opening = await desk.sessions.open(quote)
    await sent(desk, opening, 1)
    await desk.here.mine_at(T + 200)
    failed = await desk.sessions.opening_done(opening.id)
    assert (failed.step, failed.failed_at) == ("failed", "confirming")
    assert (len(desk.provider.approvals), await opened(desk)) == (1, ["failed"])


@needs_anvil
async def test_not_before_the_first_is_dead_for_good(on_anvil: SessionDesk) -> None:
    desk = on_anvil
    opening = await lose(desk)
    for _ in range(3):
        await desk.follower.look()
    assert len(desk.provider.approvals) == 1
    await desk.here.rpc("anvil_mine", hex(SAFE_DEPTH))
    await desk.follower.look()
    await sent(desk, opening, 2)
    await desk.here.rpc("evm_mine")
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    assert (len(await desk.on_chain()), len(desk.provider.approvals)) == (1, 2)


@needs_anvil
async def test_one_that_comes_back_is_the_session(on_anvil: SessionDesk) -> None:
    """The thief's block is undone, and ours is mined after all."""
    desk = on_anvil
    opening = await lose(desk)
    (record,) = await desk.journal.list(desk.here.network.chain_id, desk.address)
    await desk.here.rpc("anvil_reorg", 1, [["0x" + record.last.raw.hex(), 0]])
    await desk.follower.look()
    done = await desk.sessions.opening_done(opening.id)
    assert (done.step, len(desk.provider.approvals)) == ("done", 1)
    assert [session.id for session in await desk.on_chain()] == [done.session_id]


@needs_anvil
async def test_the_app_ends_while_it_waits(on_anvil: SessionDesk, tmp_path: Path) -> None:
    """After the start nothing is signed; trying again waits for the same."""
    opening = await lose(on_anvil)
    await on_anvil.sessions.stop()
    async with desk_on(on_anvil.here, tmp_path, on_anvil.bid, on_disk=True) as desk:
        failed = await desk.sessions.opening_done(opening.id)
        assert (failed.step, failed.error and failed.error.code) == ("failed", "interrupted")
        assert await desk.on_chain() == ()
        waits = asyncio.Event()
        desk.sessions.opening_changed.subscribe(
            lambda told: waits.set() if told.step == "confirming" else None
        )
        await desk.sessions.retry(opening.id)
        await waits.wait()
        for _ in range(3):
            await desk.follower.look()
        assert desk.provider.approvals == []
        await desk.here.rpc("anvil_mine", hex(SAFE_DEPTH))
        await desk.follower.look()
        await desk.here.rpc("evm_setAutomine", True)
        await desk.here.rpc("evm_mine")
        done = await desk.sessions.opening_done(opening.id)
        assert done.step == "done", (done.quote, done.worse)
        assert (len(await desk.on_chain()), len(desk.provider.approvals)) == (1, 1)
