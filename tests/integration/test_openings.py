"""Openings that are pressed twice, follow each other closely, or meet nodes that lag.

Each test asks the chain itself how many sessions and permissions there are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from router.chain.fees import Fees
from router.chain.token import TOKEN
from router.consumer import turns
from router.consumer.records import Opening
from router.errors import BadRequest, Busy, MorpheusError
from tests.support.edges import HOUR
from tests.support.fault_rpc import Asked, error
from tests.support.session_desk import SessionDesk, session_desk
from tests.support.stake_model import MOR

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        tools = replace(made.sessions._tools, pause_s=0.0)
        made.sessions._tools = made.sessions._openings._tools = tools
        yield made


async def failed(desk: SessionDesk) -> Opening:
    """An opening with a permission that is there, of which the node took nothing."""
    await desk.here.token("user", "approve", desk.here.network.diamond, 2**200)
    desk.node.on("eth_sendRawTransaction", error(-32000, "nope"))
    opening = await desk.open()
    assert opening.step == "failed"
    desk.node.well()
    return opening


async def until(desk: SessionDesk, is_so: Callable[[Opening], bool]) -> None:
    """Wait until an opening took a step; it may have been taken before."""
    heard = asyncio.Event()
    desk.sessions.opening_changed.subscribe(lambda told: heard.set() if is_so(told) else None)
    if not any(is_so(opening) for opening in desk.sessions.openings):
        await heard.wait()


async def permissions(desk: SessionDesk) -> int:
    records = await desk.journal.list(desk.here.network.chain_id, desk.address)
    assert all(record.state in ("included", "safe", "not_sent") for record in records)
    return sum(record.data[:4] == TOKEN["approve"].selector for record in records)


async def mine(desk: SessionDesk) -> None:
    await desk.here.rpc("evm_setAutomine", True)
    await desk.here.rpc("evm_mine")


# Pressed twice


async def test_a_double_click_opens_one_session(desk: SessionDesk) -> None:
    opening = await failed(desk)
    results = await asyncio.gather(
        *(desk.sessions.retry(opening.id) for _ in range(2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [Opening, Busy]
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    await desk.sessions._openings._tasks.close()
    assert len(await desk.on_chain()) == 1


async def test_agreed_twice_too(desk: SessionDesk) -> None:
    shown = await desk.quote()
    opening = await desk.sessions.open(replace(shown, amount=shown.amount * 98 // 100))
    assert (await desk.sessions.opening_done(opening.id)).step == "asked"
    results = await asyncio.gather(
        *(desk.sessions.agree(opening.id) for _ in range(2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [Opening, Busy]
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    assert len(await desk.on_chain()) == 1


async def test_what_was_given_up_is_not_opened(desk: SessionDesk) -> None:
    opening = await failed(desk)
    given_up, retried = await asyncio.gather(
        desk.sessions.give_up(opening.id), desk.sessions.retry(opening.id), return_exceptions=True
    )
    assert isinstance(given_up, Opening)
    assert (given_up.step, type(retried)) == ("given_up", Busy)
    assert (await desk.sessions.opening_done(opening.id)).step == "given_up"
    assert await desk.on_chain() == ()


async def test_given_up_before_its_first_step(desk: SessionDesk) -> None:
    opening = await desk.sessions.open(await desk.quote())
    assert (await desk.sessions.give_up(opening.id)).step == "given_up"
    assert (await desk.sessions.opening_done(opening.id)).step == "given_up"
    assert desk.provider.approvals == []


# What nobody foresaw


async def test_what_nobody_foresaw_can_be_tried_again(desk: SessionDesk) -> None:
    async def break_down() -> None:
        raise RuntimeError("a mistake of ours")

    desk.provider.before_answer = break_down
    opening = await desk.open()
    assert (opening.step, opening.failed_at) == ("failed", "provider")
    assert opening.error is not None
    assert "nobody foresaw" in opening.error.message
    assert opening.error.safe
    assert opening.error.hint
    desk.provider.before_answer = None
    await desk.sessions.retry(opening.id)
    assert (await desk.sessions.opening_done(opening.id)).step == "done"


async def test_a_journal_that_was_lost_stops_nothing(desk: SessionDesk) -> None:
    """The opening remembers a permission that the new journal does not know."""
    real, is_broken = desk.manager.prepare, True

    async def prepare(intent, sender, speed="normal"):  # type: ignore[no-untyped-def]
        if intent.purpose == "Open a session" and is_broken:
            raise Busy("Not now.")
        return await real(intent, sender, speed)

    desk.manager.prepare = prepare  # type: ignore[method-assign]
    opening = await desk.open()
    assert (opening.step, opening.permission_tx) == ("failed", 1)
    is_broken = False

    await desk.journal._run(lose)
    await desk.sessions.retry(opening.id)
    assert (await desk.sessions.opening_done(opening.id)).step == "done"


def lose(connection) -> None:  # type: ignore[no-untyped-def]
    """Forget all transactions."""
    connection.execute("DELETE FROM attempt")
    connection.execute("DELETE FROM tx")


async def test_a_session_that_no_journal_knows_is_not_opened_again(desk: SessionDesk) -> None:
    """The contract took the approval, so what is there is what was opened."""
    real = desk.manager.send

    async def send(prepared, **options):  # type: ignore[no-untyped-def]
        record = await real(prepared, **options)
        if record.purpose == "Open a session":
            raise MorpheusError("The computer went to sleep.")
        return record

    desk.manager.send = send  # type: ignore[method-assign]
    opening = await desk.open()
    assert (opening.step, opening.session_id) == ("failed", "")
    await desk.settled()
    desk.manager.send = real  # type: ignore[method-assign]
    await desk.journal._run(lose)
    sent = await desk.sent()
    await desk.sessions.retry(opening.id)
    done = await desk.sessions.opening_done(opening.id)
    (session,) = await desk.on_chain()
    assert (done.step, done.session_id, done.error) == ("done", session.id, None)
    assert (len(desk.provider.approvals), await desk.sent()) == (1, sent)


# Permissions


async def test_a_node_that_lags_costs_no_second_permission(desk: SessionDesk) -> None:
    """Once the permission is mined, calls are answered a block too old for a while."""
    lagging = 0

    async def old(asked: Asked) -> web.StreamResponse:
        nonlocal lagging
        records = await desk.journal.list(desk.here.network.chain_id, desk.address)
        is_mined = any(record.block for record in records)
        if is_mined and asked.body["params"][1] == "latest" and lagging < 4:
            lagging += 1
            number = (await desk.here.chain.head()).number
            asked.body["params"][1] = hex(number - 1)
        return web.json_response(await asked.forward())

    desk.node.on("eth_call", old)
    assert (await desk.open()).step == "done"
    assert lagging == 4
    assert await permissions(desk) == 1


async def test_what_another_opening_will_take_is_not_there(desk: SessionDesk) -> None:
    """The second does not wait for the first to be mined, and does not use its permission."""
    first, second = await desk.quote(2 * HOUR), await desk.quote()
    await desk.here.token("user", "approve", desk.here.network.diamond, first.amount)
    await desk.here.rpc("evm_setAutomine", False)
    one = await desk.sessions.open(first)
    await until(desk, lambda told: bool(told.open_tx))
    two = await desk.sessions.open(second)
    await until(desk, lambda told: bool(told.permission_tx))
    assert desk.sessions.openings[1].step == "confirming"
    await mine(desk)
    done = [await desk.sessions.opening_done(opening.id) for opening in (one, two)]
    assert [opening.step for opening in done] == ["done", "done"], done[1].error
    assert (await permissions(desk), await desk.allowance()) == (1, 0)


async def test_the_permission_of_one_that_was_given_up_serves_the_next(desk: SessionDesk) -> None:
    quote = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    first = await desk.sessions.open(quote)
    await until(desk, lambda told: bool(told.permission_tx))
    assert (await desk.sessions.give_up(first.id)).step == "given_up"
    second = await desk.sessions.open(quote)
    await until(desk, lambda told: told.id == second.id and bool(told.permission_tx))
    await mine(desk)
    assert (await desk.sessions.opening_done(second.id)).step == "done"
    assert (await permissions(desk), await desk.allowance()) == (1, 0)


async def test_a_transaction_in_between_stops_nothing(desk: SessionDesk) -> None:
    """Each is prepared again when its nonce was taken."""
    real, taken = desk.manager.send, set()

    async def send(prepared, **options):  # type: ignore[no-untyped-def]
        if prepared.intent.purpose not in taken:
            taken.add(prepared.intent.purpose)
            raise Busy("Another transaction was sent in the meantime.")
        return await real(prepared, **options)

    desk.manager.send = send  # type: ignore[method-assign]
    assert (await desk.open()).step == "done"
    assert len(taken) == 2


# Waiting


async def test_one_that_does_not_get_on_is_not_waited_for_for_ever(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    first = await desk.sessions.open(quote)
    await until(desk, lambda told: bool(told.permission_tx))
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    second = await desk.sessions.open(quote)
    waited = await desk.sessions.opening_done(second.id)
    assert (waited.step, waited.failed_at) == ("failed", "provider")
    assert isinstance(waited.error, Busy)
    await mine(desk)
    assert (await desk.sessions.opening_done(first.id)).step == "done"
    await desk.sessions.retry(second.id)
    assert (await desk.sessions.opening_done(second.id)).step == "done"


async def test_another_account_does_not_wait(desk: SessionDesk) -> None:
    await desk.here.give("thief", 100 * MOR, 10**19)
    await desk.here.token("thief", "approve", desk.here.network.diamond, 2**200)
    own = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    stuck = await desk.sessions.open(own)
    await until(desk, lambda told: bool(told.permission_tx))
    desk.wallet.borrow(bytes(desk.here.account("thief")._key))
    other = await desk.sessions.open(await desk.quote())
    await until(desk, lambda told: told.id == other.id and bool(told.open_tx))
    desk.wallet.borrow(bytes(desk.here.account("user")._key))
    (found,) = desk.sessions.openings
    assert (found.id, found.step) == (stuck.id, "permission")


# Fees


async def test_an_unusual_fee_is_asked_and_then_paid(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, sent = await desk.quote(), await desk.sent()
    assert not shown.unusual_fee
    monkeypatch.setattr(Fees, "is_unusual", lambda *_: True)
    opening = await desk.sessions.open(shown)
    asked = await desk.sessions.opening_done(opening.id)
    assert asked.step == "asked"
    assert asked.worse is not None
    assert asked.worse.unusual_fee
    assert await desk.sent() == sent
    await desk.sessions.agree(opening.id)
    assert (await desk.sessions.opening_done(opening.id)).step == "done"


# Accounts and networks


async def test_a_quote_of_another_account_or_network_opens_nothing(desk: SessionDesk) -> None:
    shown = await desk.quote()
    thief = desk.here.account("thief").address
    for other in (replace(shown, chain_id=8453), replace(shown, user=thief)):
        with pytest.raises(BadRequest, match="another account or another network"):
            await desk.sessions.open(other)
    desk.wallet.borrow(bytes(desk.here.account("thief")._key))
    with pytest.raises(BadRequest, match="another account"):
        await desk.sessions.open(shown)
    assert desk.sessions.openings == ()


async def test_an_opening_does_not_go_on_with_another_account(desk: SessionDesk) -> None:
    """The account is switched while the first asks its provider, and the second waits."""
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def think() -> None:
        thinking.set()
        await go_on.wait()

    quote, sent = await desk.quote(), await desk.sent()
    desk.provider.before_answer = think
    first, second = [await desk.sessions.open(quote) for _ in range(2)]
    await thinking.wait()
    desk.wallet.borrow(bytes(desk.here.account("thief")._key))
    go_on.set()
    await asyncio.gather(*desk.sessions._openings._walks.values())
    desk.wallet.borrow(bytes(desk.here.account("user")._key))
    done = [await desk.sessions.opening_done(opening.id) for opening in (first, second)]
    assert [opening.step for opening in done] == ["failed", "failed"]
    assert done[1].error is not None
    assert (done[1].error.code, done[1].failed_at) == ("other_account", "provider")
    assert len(desk.provider.approvals) == 1
    assert await desk.sent() == sent


async def test_nobody_is_asked_in_the_name_of_another_account(desk: SessionDesk) -> None:
    """The account is switched between the quote and the question."""
    real, thief = desk.sessions._tools.quote, bytes(desk.here.account("thief")._key)

    async def quote(bid_id: str, seconds: int, is_direct: bool):  # type: ignore[no-untyped-def]
        found = await real(bid_id, seconds, is_direct)
        desk.wallet.borrow(thief)
        return found

    shown = await desk.quote()
    desk.sessions._openings._tools = replace(desk.sessions._tools, quote=quote)
    await desk.sessions.open(shown)
    await asyncio.gather(*desk.sessions._openings._walks.values())
    desk.wallet.borrow(bytes(desk.here.account("user")._key))
    (opening,) = desk.sessions.openings
    assert opening.error is not None
    assert (opening.error.code, desk.provider.approvals) == ("other_account", [])
