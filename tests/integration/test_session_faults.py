"""What can go wrong between the first signature of a provider and the last MOR back (F35 to F42).

Each test asks the chain itself where the money is.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from router.chain.client import Receipt
from router.chain.marketplace import DIAMOND
from router.chain.preparing import Intent
from router.chain.records import Bid, Provider
from router.consumer.opening_steps import Signer
from router.consumer.records import Approval, Opening
from router.errors import Busy, NotFound, ProviderError
from tests.support.edges import HOUR, T
from tests.support.session_desk import (
    PASSWORD,
    SessionDesk,
    session_desk,
)
from tests.support.stake_model import MOR
from tests.support.world import PRICE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("caplog"),  # the app warns of these faults, as it should
]


FUND = 500 * MOR
OTHER = "0x" + "0f" * 32


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        yield made


async def nothing_moved(desk: SessionDesk, sent: int) -> None:
    assert await desk.on_chain() == ()
    assert await desk.sent() == sent


def says_all(opening: Opening) -> str:
    """The code of what went wrong; it has all three parts."""
    assert opening.step == "failed"
    assert opening.error is not None
    assert opening.error.message
    assert opening.error.safe
    assert opening.error.hint
    return opening.error.code


# The provider's signature (F38)


async def test_a_provider_that_refuses_costs_nothing(desk: SessionDesk) -> None:
    async def refuse() -> None:
        raise ProviderError("The provider has no room.", safe="Nothing was sent.", hint="Later.")

    sent = await desk.sent()
    desk.provider.before_answer = refuse
    opening = await desk.open()
    assert (says_all(opening), opening.failed_at) == ("provider_error", "provider")
    await nothing_moved(desk, sent)
    assert await desk.allowance() == 0  # a permission was not paid for either
    desk.provider.before_answer = None
    await desk.sessions.retry(opening.id)
    done = await desk.sessions.opening_done(opening.id)
    assert (done.step, done.error) == ("done", None)


async def test_an_old_signature_is_asked_for_anew_once(desk: SessionDesk) -> None:
    """Stamps in seconds do expire; the second answer is of now."""
    desk.provider.stamps = iter([T - 700, T * 1000])
    opening = await desk.open()
    assert (opening.step, len(desk.provider.approvals)) == ("done", 2)
    assert len(await desk.on_chain()) == 1


async def test_only_once(desk: SessionDesk) -> None:
    desk.provider.stamps = count(T - 700, step=-1)
    opening = await desk.open()
    assert (says_all(opening), len(desk.provider.approvals)) == ("SessionApproveExpired", 2)
    assert await desk.on_chain() == ()


async def test_a_thief_was_first(desk: SessionDesk) -> None:
    """Whoever reads the line can use a signature first; the contract does not look at the user."""
    await desk.here.give("thief", 100 * MOR)
    real, thefts = desk.provider.request_session, 1

    async def watched(signer: Signer, bid: Bid, provider: Provider, amount: int) -> Approval:
        nonlocal thefts
        given = await real(signer, bid, provider, amount)
        if thefts:
            thefts -= 1
            thief = desk.here.account("thief").address
            arguments = (thief, amount, False, given.message, given.signature)
            await desk.here.call("thief", "openSession", *arguments)
        return given

    desk.provider.request_session = watched  # type: ignore[method-assign]
    before = await desk.here.mor("user")
    opening = await desk.open()
    assert (opening.step, len(desk.provider.approvals)) == ("done", 2)
    (session,) = await desk.on_chain()
    assert await desk.here.mor("user") == before - session.stake


@pytest.mark.parametrize("failure", ["SessionApproveExpired", "SessionDuplicateApproval"])
async def test_what_gets_worse_before_the_second_signature_is_asked(
    desk: SessionDesk, failure: str
) -> None:
    """A day later the same MOR comes back a midnight later than what was shown."""
    await desk.here.token("user", "approve", desk.here.network.diamond, FUND)
    await desk.here.give("thief", 100 * MOR)
    if failure == "SessionApproveExpired":
        desk.provider.stamps = iter([T - 700, T * 1000])
    real = desk.provider.request_session

    async def watched(signer: Signer, bid: Bid, provider: Provider, amount: int) -> Approval:
        if desk.provider.approvals:
            await desk.here.mine_at(T + 24 * HOUR)
        given = await real(signer, bid, provider, amount)
        if failure == "SessionDuplicateApproval" and len(desk.provider.approvals) == 1:
            thief = desk.here.account("thief").address
            arguments = (thief, amount, False, given.message, given.signature)
            await desk.here.call("thief", "openSession", *arguments)
        return given

    desk.provider.request_session = watched  # type: ignore[method-assign]
    sent = await desk.sent()
    opening = await desk.open()
    assert (opening.step, len(desk.provider.approvals)) == ("asked", 2)
    assert opening.worse is not None
    assert opening.worse.timestamp >= T + 24 * HOUR
    await nothing_moved(desk, sent)
    assert await desk.journal.list(desk.here.network.chain_id, desk.address) == []


async def test_a_signature_for_another_bid_opens_nothing(desk: SessionDesk) -> None:
    """The contract would take it, at the other bid's price."""
    dear = await desk.here.offer("dear", price=1000 * PRICE)
    real = desk.provider.request_session

    async def other(signer: Signer, bid: Bid, provider: Provider, amount: int) -> Approval:
        approval = await real(signer, bid, provider, amount)
        message, signature = desk.here.approval(dear, "user", T * 1000)
        return replace(approval, message=message, signature=signature)

    sent = await desk.sent()
    desk.provider.request_session = other  # type: ignore[method-assign]
    opening = await desk.open()
    assert says_all(opening) == "wrong_approval"
    await nothing_moved(desk, sent)


@pytest.mark.parametrize("token", ["MOR", "ETH"])
async def test_what_is_not_there_is_said_before_anybody_is_asked(
    desk: SessionDesk, token: str
) -> None:
    shown = await desk.quote()
    thief = desk.here.account("thief").address
    if token == "MOR":
        await desk.here.token("user", "transfer", thief, shown.balance - shown.amount + 1)
    else:
        whole = await desk.manager.prepare_all(
            lambda value: Intent(thief, value=value), desk.address
        )
        await desk.manager.send(whole)
        await desk.settled()
    sent = await desk.sent()
    opening = await desk.sessions.open(shown)
    failed = await desk.sessions.opening_done(opening.id)
    assert says_all(failed) == "insufficient_funds"
    assert token in str(failed.error)
    assert desk.provider.approvals == []
    await nothing_moved(desk, sent)


# What was shown is what is signed (F39, F59)


async def test_worse_by_more_than_a_percent_is_asked_again(desk: SessionDesk) -> None:
    shown = await desk.quote()
    opening = await desk.sessions.open(replace(shown, amount=shown.amount * 98 // 100))
    asked = await desk.sessions.opening_done(opening.id)
    assert asked.step == "asked"
    assert asked.worse is not None
    assert asked.worse.amount == shown.amount
    assert await desk.on_chain() == ()
    assert desk.provider.approvals == []
    await desk.sessions.agree(opening.id)
    done = await desk.sessions.opening_done(opening.id)
    assert (done.step, done.worse) == ("done", None)
    assert (await desk.on_chain())[0].stake == shown.amount


async def test_shorter_is_asked_again(desk: SessionDesk) -> None:
    """A hair less MOR than an hour needs: under one percent, but not an hour any more."""
    shown = await desk.quote()
    opening = await desk.sessions.open(replace(shown, amount=shown.amount * 995 // 1000))
    assert (await desk.sessions.opening_done(opening.id)).step == "asked"
    with pytest.raises(Busy):
        await desk.sessions.retry(opening.id)
    given_up = await desk.sessions.give_up(opening.id)
    assert given_up.step == "given_up"
    for act in (desk.sessions.agree, desk.sessions.retry, desk.sessions.give_up):
        with pytest.raises(Busy):
            await act(opening.id)
    assert await desk.on_chain() == ()


async def test_the_bid_is_gone(desk: SessionDesk) -> None:
    shown, sent = await desk.quote(), await desk.sent()
    await desk.here.call("provider", "deleteModelBid", desk.bid)
    opening = await desk.sessions.open(shown)
    failed = await desk.sessions.opening_done(opening.id)
    assert says_all(failed) == "not_found"
    await nothing_moved(desk, sent)


async def test_a_bid_that_goes_after_the_signature_is_found_out_by_trying(
    desk: SessionDesk,
) -> None:
    async def withdraw() -> None:
        await desk.here.call("provider", "deleteModelBid", desk.bid)

    desk.provider.before_answer = withdraw
    opening = await desk.open()
    assert (says_all(opening), opening.failed_at) == ("SessionBidNotFound", "sending")
    assert await desk.on_chain() == ()


async def test_a_fee_above_what_was_shown_is_asked_again(desk: SessionDesk) -> None:
    shown, sent = await desk.quote(), await desk.sent()
    opening = await desk.sessions.open(replace(shown, network_fee=shown.network_fee // 100))
    asked = await desk.sessions.opening_done(opening.id)
    assert (asked.step, asked.worse is not None) == ("asked", True)
    await nothing_moved(desk, sent)
    await desk.sessions.agree(opening.id)
    assert (await desk.sessions.opening_done(opening.id)).step == "done"


async def test_never_dearer_than_shown(desk: SessionDesk) -> None:
    """A fee that rose a little is capped by what was shown, not asked again."""
    await desk.here.token("user", "approve", desk.here.network.diamond, FUND)
    shown = await desk.quote()
    opening = await desk.sessions.open(replace(shown, network_fee=shown.network_fee * 6 // 10))
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    (record,) = await desk.journal.list(desk.here.network.chain_id, desk.address)
    (attempt,) = record.attempts
    assert attempt.gas * attempt.max_fee <= shown.network_fee * 6 // 10


async def test_permission_and_opening_together_are_never_dearer_than_shown(
    desk: SessionDesk,
) -> None:
    """What the permission took is no longer there for the opening."""
    shown = await desk.quote()
    most = shown.network_fee * 7 // 10
    opening = await desk.sessions.open(replace(shown, network_fee=most))
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    records = await desk.journal.list(desk.here.network.chain_id, desk.address)
    opened, permission = sorted(records, key=lambda r: -r.nonce)
    assert permission.fee
    assert permission.fee + opened.last.gas * opened.last.max_fee <= most


@pytest.mark.parametrize("changed", ["amount", "is_direct", "approval"])
async def test_other_calldata_than_what_was_shown_is_not_signed(
    desk: SessionDesk, changed: str
) -> None:
    """Each of them is a call that the contract would take."""
    await desk.here.token("user", "approve", desk.here.network.diamond, FUND)
    real = desk.manager.prepare

    async def prepare(intent, sender, speed="normal"):  # type: ignore[no-untyped-def]
        words = [value for _, value in (await real(intent, sender, speed)).decoded.arguments]
        if changed == "amount":
            words[1] += 1
        elif changed == "is_direct":
            words[2] = not words[2]
        else:
            other = desk.provider.approve(desk.bid_id, desk.address)
            words[3:] = [other.message, other.signature]
        data = DIAMOND["openSession"].encode(*words)
        return await real(replace(intent, data=data), sender, speed)

    desk.manager.prepare = prepare  # type: ignore[method-assign]
    sent = await desk.sent()
    opening = await desk.open()
    assert (says_all(opening), opening.failed_at) == ("not_as_shown", "sending")
    await nothing_moved(desk, sent)
    assert await desk.journal.list(desk.here.network.chain_id, desk.address) == []


async def test_the_permission_was_used_by_another(desk: SessionDesk) -> None:
    """It is read again at the opening: one more, exact, and no session without the stake."""
    real = desk.manager.prepare
    spent = False

    async def prepare(intent, sender, speed="normal"):  # type: ignore[no-untyped-def]
        nonlocal spent
        if intent.purpose == "Open a session" and not spent:
            spent = True
            await desk.here.token("user", "approve", desk.here.network.diamond, 0)
        return await real(intent, sender, speed)

    desk.manager.prepare = prepare  # type: ignore[method-assign]
    opening = await desk.open()
    assert (opening.step, await desk.allowance()) == ("done", 0)
    assert len(await desk.on_chain()) == 1


async def test_two_at_once_share_no_permission(desk: SessionDesk) -> None:
    quotes = [await desk.quote(), await desk.quote(2 * HOUR)]
    openings = [await desk.sessions.open(quote) for quote in quotes]
    done = [await desk.sessions.opening_done(opening.id) for opening in openings]
    assert [opening.step for opening in done] == ["done", "done"]
    assert {s.stake for s in await desk.on_chain()} == {quote.amount for quote in quotes}
    assert await desk.allowance() == 0


async def test_locked_in_the_middle(tmp_path: Path) -> None:
    async with session_desk(tmp_path, own_wallet=True) as desk:

        async def lock() -> None:
            desk.wallet.lock()

        sent = await desk.sent()
        desk.provider.before_answer = lock
        opening = await desk.open()
        assert says_all(opening) == "wallet_locked"
        await nothing_moved(desk, sent)
        desk.provider.before_answer = None
        await desk.wallet.unlock(PASSWORD)
        await desk.sessions.retry(opening.id)
        assert (await desk.sessions.opening_done(opening.id)).step == "done"


async def test_a_node_that_lags_is_asked_again(desk: SessionDesk) -> None:
    """The session is there, though one node has neither the receipt nor the session yet."""
    desk.sessions._tools = replace(desk.sessions._tools, pause_s=0.0)
    desk.sessions._openings._tools = desk.sessions._tools
    chain = desk.sessions._market.chain
    real, lagging = chain.receipt, 3

    async def receipt(tx_hash: str) -> Receipt | None:
        nonlocal lagging
        lagging -= 1
        return await real(tx_hash) if lagging < 0 else None

    chain.receipt = receipt  # type: ignore[method-assign]
    opening = await desk.open()
    assert (opening.step, lagging < 0) == ("done", True)
    desk.sessions._expected[OTHER] = 1
    assert desk.sessions.is_behind
    await desk.sessions.refresh()
    assert not desk.sessions.is_behind


async def test_given_up_while_the_provider_thinks(desk: SessionDesk) -> None:
    thinking = asyncio.Event()

    async def think() -> None:
        thinking.set()
        await asyncio.Event().wait()

    sent = await desk.sent()
    desk.provider.before_answer = think
    opening = await desk.sessions.open(await desk.quote())
    await thinking.wait()
    assert (await desk.sessions.give_up(opening.id)).step == "given_up"
    await nothing_moved(desk, sent)


async def test_what_was_sent_is_not_given_up(desk: SessionDesk) -> None:
    await desk.here.token("user", "approve", desk.here.network.diamond, FUND)
    quote = await desk.quote()
    await desk.here.rpc("evm_setAutomine", False)
    confirming = asyncio.Event()
    desk.sessions.opening_changed.subscribe(lambda told: confirming.set() if told.open_tx else None)
    opening = await desk.sessions.open(quote)
    await confirming.wait()
    with pytest.raises(Busy, match="being opened"):
        await desk.sessions.give_up(opening.id)
    await desk.here.rpc("evm_mine")
    assert (await desk.sessions.opening_done(opening.id)).step == "done"
    with pytest.raises(NotFound):
        await desk.sessions.retry(opening.id + 1)
