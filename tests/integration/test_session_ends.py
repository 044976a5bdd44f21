"""The other end of sessions: lists that are long, nodes that fail, closings that cannot be paid,
many holds, and a new computer (F36, F37, F40, F41).

Each test asks the chain itself where the money is.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.anvil import anvil_path
from router.chain.fees import Fees
from router.chain.marketplace import PAGE
from router.chain.records import Bid, Provider, Session, as_hex
from router.consumer.opening_steps import Signer
from router.devnet.accounts import FUNDING
from router.errors import BadRequest, Busy, ChainUnavailable, ProviderError
from tests.support.edges import HOUR, T
from tests.support.fault_rpc import cut, error
from tests.support.session_desk import FUNDED, SessionDesk, desk_on, session_desk
from tests.support.stake_model import DAY, MOR
from tests.support.world import START

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]

HISTORY = 110
A_STAKE = MOR  # over five minutes' worth


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    """On the chain that makes a long history in the shortest time."""
    kind = "embedded" if anvil_path() is None else "anvil"
    async with session_desk(tmp_path, kind=kind) as made:
        yield made


# Reports


async def never() -> None:
    await asyncio.Event().wait()


async def refuse() -> None:
    raise ProviderError("The provider knows no such session.", safe="Nothing was sent.")


@pytest.mark.parametrize("fault", [never, refuse])
async def test_without_a_report_ours_closes_it(desk: SessionDesk, fault: object) -> None:
    view = await desk.opened()
    await desk.book.add_answer(
        view.id, tps_scaled_1000=50_000, ttft_ms=700, input_tokens=3, output_tokens=9
    )
    desk.sessions.closings._report_s = 0.05
    desk.provider.before_report = fault  # type: ignore[assignment]
    await desk.look(view.session.ends_at)
    (session,) = await desk.on_chain()
    assert session.closed_at >= session.ends_at
    assert session.closeout_type == 1  # a dispute, which pays the same to us
    words = [int.from_bytes(session.closeout_receipt[at : at + 32], "big") for at in (96, 128)]
    assert words == [50_000, 700]


async def test_what_a_closing_gave_back_is_told_with_its_transaction(desk: SessionDesk) -> None:
    view = await desk.opened()
    assert await desk.sessions.closings.returned(view) is None
    await desk.here.at(view.session.opened_at + HOUR // 2)
    had = (await desk.here.market.account(desk.address)).mor
    closing = await desk.sessions.prepare_close(view.id)
    record = await desk.sessions.close(closing)
    await desk.settled()
    found = await desk.sessions.closings.returned(desk.sessions.view(view.id))
    account = await desk.here.market.account(desk.address)
    assert found is not None
    assert found.tx_hash.lower() == record.hash.lower()
    assert found.at_once == account.mor - had > 0
    assert found.at_once + account.on_hold == view.session.stake

    async def behind(_tx_hash: str) -> None:
        return None

    desk.sessions.closings._tools.market.chain.receipt = behind  # type: ignore[assignment]
    with pytest.raises(ChainUnavailable, match="does not know the transaction"):
        await desk.sessions.closings.returned(desk.sessions.view(view.id))


async def test_a_report_that_closes_nothing_is_replaced_by_ours(desk: SessionDesk) -> None:
    """Its signature would be taken, but the contract cannot read such a figure."""
    view = await desk.opened()
    real = desk.provider.report

    async def odd(
        signer: Signer, session: Session, bid: Bid, provider: Provider, key: bytes
    ) -> tuple[bytes, bytes]:
        report, signature = await real(signer, session, bid, provider, key)
        return report, signature[:-1] + b"\x05"

    desk.provider.report = odd  # type: ignore[method-assign]
    await desk.look(view.session.ends_at)
    (session,) = await desk.on_chain()
    assert (session.closed_at > 0, session.closeout_type) == (True, 1)


async def test_the_report_of_another_session_is_not_used(desk: SessionDesk) -> None:
    first, second = await desk.opened(), await desk.opened(2 * HOUR)
    real = desk.provider.report

    async def wrong(
        signer: Signer, session: Session, bid: Bid, provider: Provider, key: bytes
    ) -> tuple[bytes, bytes]:
        return await real(signer, replace(session, id=second.id), bid, provider, key)

    desk.provider.report = wrong  # type: ignore[method-assign]
    await desk.look(first.session.ends_at)
    assert desk.sessions.view(first.id).phase == "closed"
    assert desk.sessions.view(second.id).phase == "open"


async def test_closed_once_however_often_it_is_asked(desk: SessionDesk) -> None:
    view = await desk.opened()
    closing = await desk.sessions.prepare_close(view.id)
    sent = await desk.sent()
    await desk.here.rpc("evm_setAutomine", False)
    records = [await desk.sessions.close(closing) for _ in range(2)]
    assert records[0].id == records[1].id
    with pytest.raises(Busy):
        await desk.sessions.prepare_close(view.id)
    (found,) = await desk.sessions.refresh()
    assert found.phase == "closing"
    await desk.here.rpc("evm_mine")
    await desk.settled()
    assert await desk.sent() == sent + 1


async def test_an_unusual_fee_is_for_the_user_to_accept(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await desk.opened()
    monkeypatch.setattr(Fees, "is_unusual", lambda *_: True)
    closing, sent = await desk.sessions.prepare_close(view.id), await desk.sent()
    with pytest.raises(BadRequest) as caught:
        await desk.sessions.close(closing)
    assert caught.value.code == "unusual_fee"
    assert await desk.sent() == sent
    await desk.sessions.close(closing, accept_unusual_fee=True)
    await desk.settled()
    assert (await desk.on_chain())[0].closed_at


async def test_a_closing_on_the_way_is_found_without_the_book(desk: SessionDesk) -> None:
    """The journal has a try that is dead and one on the way; the book knows of neither."""
    view, closings = await desk.opened(), desk.sessions.closings
    (last, *_) = await desk.journal.list(desk.here.network.chain_id, desk.address)
    key = closings._key(view.id, 0)
    dead = replace(last, key=key, state="not_sent", settled=True, attempts=())
    attempt = replace(last.last, hash="0x" + "dd" * 32)
    await desk.journal.add(dead, attempt)
    closing = await desk.sessions.prepare_close(view.id)
    await desk.here.rpc("evm_setAutomine", False)
    record = await desk.sessions.close(closing)
    assert record.key == closings._key(view.id, 1)
    await desk.book.change_note(view.id, closings=0)
    found = await closings.sent(view.id)
    assert found is not None
    assert found.id == record.id
    assert (await desk.sessions.refresh())[0].phase == "closing"
    assert (await desk.book.note(view.id)).closings == 1
    await desk.here.rpc("evm_mine")
    await desk.settled()


# Who pays cannot (F40)


async def test_what_the_network_cannot_pay_waits_and_costs_nothing(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.here.token("funding", "approve", desk.here.network.diamond, 0)
    sent = await desk.sent()
    for later in (0, 1, 31, 3600):
        await desk.look(view.session.ends_at + later)
        found = desk.sessions.view(view.id)
        assert found.phase == "waiting"
        assert found.problem is not None
        assert found.problem.code == "funding_insufficient_allowance"
        assert found.problem.message
        assert found.problem.hint
    assert await desk.sent() == sent
    assert desk.provider.reports == 3  # a second later was too soon
    assert (await desk.here.market.account(desk.address)).in_sessions == view.session.stake
    await desk.here.token("funding", "approve", desk.here.network.diamond, 2**255)
    await desk.look(view.session.ends_at + 3 * HOUR)
    found = desk.sessions.view(view.id)
    assert (found.phase, found.problem) == ("closed", None)
    assert await desk.sent() == sent + 1


async def test_the_user_can_leave_the_provider_out_of_it(desk: SessionDesk) -> None:
    """All of it was earned today, so an early close with our own report owes nothing now."""
    view = await desk.opened()
    await desk.here.token("funding", "approve", desk.here.network.diamond, 0)
    await desk.here.mine_at(view.session.opened_at + 600)
    closing = await desk.sessions.prepare_close(view.id)
    assert closing.prepared is None
    assert closing.problem is not None
    assert closing.problem.code.startswith("funding_")
    with pytest.raises(type(closing.problem)):
        await desk.sessions.close(closing)
    ours = await desk.sessions.prepare_close(view.id, ours=True)
    assert (ours.report_by, ours.problem) == ("us", None)
    await desk.sessions.close(ours)
    await desk.settled()
    assert (await desk.on_chain())[0].closed_at


async def test_its_funds_are_gone_too(desk: SessionDesk) -> None:
    view = await desk.opened()
    funding = await desk.here.mor("funding")
    await desk.here.token("funding", "transfer", desk.here.account("thief").address, funding)
    assert FUNDING.address == desk.here.account("funding").address
    await desk.look(view.session.ends_at)
    problem = desk.sessions.view(view.id).problem
    assert problem is not None
    assert problem.code == "funding_insufficient_balance"


# Nodes that fail (F36)


async def test_a_node_that_fails_at_any_question_loses_no_session(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.here.mine_at(view.session.ends_at - HOUR // 2)
    desk.node.asked.clear()
    await desk.sessions.refresh()
    questions = len(desk.node.asked)
    assert questions > 1
    for number in range(questions):
        desk.node.on("*", _cut_at(number))
        for state in desk.nodes.states:
            desk.nodes._set(state.url, rests_until=0.0, phase="ready")
        with pytest.raises(ChainUnavailable):
            await desk.sessions.refresh()
        assert [found.id for found in desk.sessions.views] == [view.id]
    desk.node.well()


def _cut_at(number: int):  # type: ignore[no-untyped-def]
    """From this question on nothing is answered."""
    asked = -1

    async def reply(question):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        if asked >= number:
            return await cut(question)
        from aiohttp import web

        return web.json_response(await question.forward())

    return reply


async def test_the_watcher_goes_on_after_any_fault(desk: SessionDesk) -> None:
    """Each question of its look at a session that is over fails once; in the end it is closed."""
    view = await desk.opened()
    await desk.here.mine_at(view.session.ends_at)
    for number in range(40):
        desk.node.on("*", _cut_at(number))
        await desk.sessions.look()
        desk.node.well()
        for state in desk.nodes.states:
            desk.nodes._set(state.url, rests_until=0.0, phase="ready")
        assert [found.id for found in desk.sessions.views] == [view.id]
        desk.sessions._watch.wake(retry=True)
        if await desk.sessions.closings.sent(view.id) is not None:
            break
    await desk.settled()
    (session,) = await desk.on_chain()
    assert session.closed_at > 0
    closes = [r for r in await desk.journal.list(1337) if r.purpose == "Close a session"]
    assert len(closes) == 1


# Long lists and new computers (F37, F41)


async def test_the_open_one_is_on_the_last_page(quick: SessionDesk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Oldest first is how the contract lists them, so the one still open may be at either end."""
    monkeypatch.setattr("router.chain.marketplace.PAGE", 20)
    assert PAGE > 20
    here, at = quick.here, T + 100
    await here.token("user", "approve", here.network.diamond, 2**200)
    first = await here.open(quick.bid, 40 * A_STAKE, at)
    for _ in range(HISTORY):
        at += 10
        session = await here.open(quick.bid, A_STAKE, at)
        at += 10
        await here.close(session, at)
    last = await here.open(quick.bid, 40 * A_STAKE, at + 10)
    views = await quick.sessions.refresh()
    assert len(views) == HISTORY + 2
    still_open = [view.id for view in views if view.phase == "open"]
    assert still_open == [as_hex(last), as_hex(first)]
    assert set(quick.wallet.grants) == {f"session:{name}" for name in still_open} | {"claims"}


async def test_many_holds_come_back_in_batches(quick: SessionDesk, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("router.consumer.sessions.MOST_ROWS", 25)
    here, at = quick.here, T + 100
    await here.token("user", "approve", here.network.diamond, 2**200)
    for _ in range(60):
        at += 10
        session = await here.open(quick.bid, A_STAKE, at)
        at += 10
        await here.close(session, at)
    before = await here.mor("user")
    held = (await here.holds())[1]
    assert held > 0
    sent = await quick.sent()
    for look in range(4):
        await quick.look(START + DAY + 60 + 600 * look)
    assert await quick.sent() == sent + 3
    assert await here.holds() == (0, 0)
    assert await here.mor("user") == before + held


async def test_with_the_key_alone_everything_is_found_again(tmp_path: Path) -> None:
    """A new computer: no book, no journal. Key and endpoint are learned, the session is closed."""
    async with session_desk(tmp_path / "old") as old:
        view = await old.opened()
        (tmp_path / "new").mkdir()
        async with desk_on(old.here, tmp_path / "new", old.bid) as new:
            (found,) = await new.sessions.refresh()
            assert (found.id, found.phase, found.sealed) == (view.id, "open", None)
            while not (peers := await new.book.peers()):
                await asyncio.sleep(0.01)
            (peer,) = peers.values()
            assert peer.public_key == b"\x04" + new.here.account("provider").public_key
            assert peer.endpoint == "127.0.0.1:3333"
            assert new.provider.approvals[-1]  # which nobody uses
            await new.look(view.session.ends_at)
            (session,) = await new.on_chain()
            assert (session.closed_at > 0, session.closeout_type) == (True, 0)
            account = await new.here.market.account(new.address)
            assert account.total == FUNDED


async def test_a_provider_whose_key_was_lost_is_asked_for_its_report(tmp_path: Path) -> None:
    """Our own report would be a dispute, which harms whoever served well."""
    async with session_desk(tmp_path / "old") as old:
        view = await old.opened()
        (tmp_path / "new").mkdir()
        async with desk_on(old.here, tmp_path / "new", old.bid) as new:
            await old.here.mine_at(view.session.ends_at + 1)
            new.sessions._meet_strangers = lambda: None
            (found,) = await new.sessions.refresh()
            closing = await new.sessions.prepare_close(found.id)
            assert (closing.report_by, closing.problem) == ("provider", None)


async def test_a_node_that_fails_makes_no_dispute(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await desk.opened()

    async def no_node(_addresses: object, _at: object = None) -> list[Provider]:
        raise ChainUnavailable("No node could be used.")

    monkeypatch.setattr(desk.sessions._market, "providers", no_node)
    with pytest.raises(ChainUnavailable):
        await desk.sessions.closings.prepare(view)


async def test_nor_while_its_key_is_asked_for(tmp_path: Path) -> None:
    """The key was lost, and no node tells who may sign for the provider."""
    async with session_desk(tmp_path / "old") as old:
        view = await old.opened()
        (tmp_path / "new").mkdir()
        async with desk_on(old.here, tmp_path / "new", old.bid) as new:
            await old.here.mine_at(view.session.ends_at + 1)

            async def no_node() -> None:
                raise ChainUnavailable("No node could be used.")

            new.provider.before_answer = no_node
            (found,) = await new.sessions.refresh()
            with pytest.raises(ChainUnavailable):
                await new.sessions.prepare_close(found.id)


async def test_a_provider_that_is_gone_is_asked_again_later(desk: SessionDesk) -> None:
    await desk.here.token("user", "approve", desk.here.network.diamond, 2**200)
    await desk.here.open(desk.bid, 40 * A_STAKE, T + 5)
    clock = 0.0
    desk.sessions._clock = lambda: clock
    asked = 0

    async def gone() -> None:
        nonlocal asked
        asked += 1
        raise ProviderError("It cannot be reached.", safe="Nothing was sent.")

    desk.provider.before_answer = gone
    for later in (0.0, 10.0, 700.0):
        clock = later
        await desk.sessions.refresh()
        await asyncio.sleep(0)
        while desk.sessions._tasks._tasks:
            await asyncio.wait(desk.sessions._tasks._tasks)
    assert asked == 2
    assert await desk.book.peers() == {}


# Claims


async def test_a_refusal_of_the_node_puts_the_claim_off(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.look(view.session.ends_at)
    await desk.here.mine_at(START + DAY + 60)
    await desk.sessions.refresh()
    desk.node.on("eth_estimateGas", error(-32000, "no"))
    await desk.sessions.look()
    desk.node.well()
    sent = await desk.sent()
    await desk.look(START + DAY + 62)
    assert await desk.sent() == sent
    await desk.look(START + DAY + 120)
    assert await desk.sent() == sent + 1
