"""The life of sessions, from the quote to the last MOR back, on a chain with the contracts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.chain.marketplace import Marketplace
from router.chain.records import as_bytes
from router.chain.session_cost import CLOSING_GAS
from router.config import MarketConfig
from router.consumer.sessions import Sessions
from router.devnet.deploy import Rule
from router.errors import BadRequest, Busy, NotFound, TxFailed, WalletLocked
from router.networks import Network
from tests.support.edges import HOUR
from tests.support.session_desk import PASSWORD, SessionDesk, session_desk
from tests.support.stake_model import DAY, MOR
from tests.support.world import PRICE, START

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        yield made


# Opening


async def test_opened_as_shown(desk: SessionDesk) -> None:
    steps: list[str] = []
    desk.sessions.opening_changed.subscribe(lambda opening: steps.append(opening.step))
    quote = await desk.quote()
    opening = await desk.sessions.open(quote)
    done = await desk.sessions.opening_done(opening.id)
    assert done.error is None
    assert list(dict.fromkeys(steps)) == [
        "provider", "permission", "sending", "confirming", "done",
    ]  # fmt: skip
    (session,) = await desk.on_chain()
    assert (session.id, session.stake, session.is_direct) == (done.session_id, quote.amount, False)
    assert session.ends_at - session.opened_at >= quote.granted_s
    assert await desk.allowance() == 0  # exact: nothing is left of the permission
    assert len(desk.provider.approvals) == 1
    (view,) = await desk.sessions.refresh()
    assert (view.phase, view.provider) == ("open", desk.here.account("provider").address)
    assert view.model_name == "Model"
    assert view.seconds_left == view.session.ends_at - view.as_of > 0
    assert desk.wallet.grants == (f"session:{view.id}", "claims")


async def test_a_permission_that_is_enough_is_used(desk: SessionDesk) -> None:
    quote = await desk.quote()
    await desk.here.token("user", "approve", desk.here.network.diamond, quote.amount + MOR)
    before = await desk.sent()
    done = await desk.open()
    assert (done.step, done.permission_tx) == ("done", 0)
    assert await desk.sent() == before + 1
    assert await desk.allowance() == MOR


async def test_direct_payment_is_opened_as_such(desk: SessionDesk) -> None:
    view = await desk.opened(is_direct=True)
    assert view.session.is_direct


async def test_the_next_one_is_opened_before_the_old_one_ends(desk: SessionDesk) -> None:
    first = await desk.opened()
    quote = await desk.sessions.extend(first, 2 * HOUR, is_direct=False)
    assert (quote.bid.id, quote.seconds) == (first.session.bid_id, 2 * HOUR)
    opening = await desk.sessions.open(quote)
    done = await desk.sessions.opening_done(opening.id)
    views = await desk.sessions.refresh()
    assert [(view.id, view.phase) for view in views] == [
        (done.session_id, "open"),
        (first.id, "open"),
    ]


async def test_the_next_one_is_of_what_the_provider_asks_now(desk: SessionDesk) -> None:
    """It changed its price: the old bid is taken back, the session goes on."""
    first = await desk.opened()
    await desk.here.call("provider", "deleteModelBid", desk.bid)
    with pytest.raises(NotFound):
        await desk.sessions.extend(first, HOUR, is_direct=False)
    assert first.bid is not None
    words = (first.provider, as_bytes(first.bid.model_id), 2 * PRICE)
    await desk.here.call("provider", "postModelBid", *words)
    quote = await desk.sessions.extend(first, HOUR, is_direct=True)
    assert (quote.bid.price_per_second, quote.is_direct) == (2 * PRICE, True)
    assert quote.bid.id != first.session.bid_id
    opening = await desk.sessions.open(quote)
    assert (await desk.sessions.opening_done(opening.id)).step == "done"


async def test_bids_are_put_in_order(desk: SessionDesk) -> None:
    (offer,) = (await desk.here.market.market()).offers.values()
    model_id = offer[0].bid.model_id
    (rated,) = await desk.sessions.rated(model_id)
    assert (rated.bid.id, rated.excluded) == (desk.bid_id, "")
    desk.config = MarketConfig(blocked=(rated.provider.address,))
    (rated,) = await desk.sessions.rated(model_id)
    assert (rated.excluded, rated.score) == ("blocked", None)
    assert await desk.sessions.rated("0x" + "77" * 32) == []
    with pytest.raises(BadRequest):
        await desk.sessions.rated("a name")


# Closing


async def test_a_preview_that_is_old_closes_nothing(desk: SessionDesk) -> None:
    """It lay there for 20 minutes, in which a third of the stake was used."""
    view = await desk.opened()
    await desk.here.mine_at(view.session.opened_at + 600)
    closing = await desk.sessions.prepare_close(view.id)
    await desk.here.mine_at(view.session.opened_at + 1800)
    sent = await desk.sent()
    with pytest.raises(TxFailed, match="less right away") as caught:
        await desk.sessions.close(closing)
    assert caught.value.code == "closing_changed"
    assert await desk.sent() == sent
    again = await desk.sessions.prepare_close(view.id)
    assert again.preview.at_once < closing.preview.at_once
    await desk.here.mine_at(view.session.opened_at + 1860)  # slow, but looking
    await desk.sessions.close(again)
    assert await desk.sent() == sent + 1


async def test_closed_now_it_gives_what_was_shown(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.here.mine_at(view.session.opened_at + 1200)
    before = await desk.here.mor("user")
    closing = await desk.sessions.prepare_close(view.id)
    assert (closing.report_by, closing.problem) == ("provider", None)
    assert closing.prepared is not None
    assert closing.prepared.gas >= CLOSING_GAS  # a second later it can need more than now
    await desk.sessions.close(closing)
    await desk.settled()
    (session,) = await desk.on_chain()
    # The next block is a second later than the one that was shown: a second more is held.
    assert (session.closed_at, session.closeout_type) == (closing.preview.at + 1, 0)
    available, held = await desk.here.holds()
    assert available == 0
    assert 0 < held - closing.preview.on_hold <= session.stake // 3600 + 1
    assert await desk.here.mor("user") - before + held == session.stake
    (view,) = await desk.sessions.refresh()
    assert view.phase == "closed"
    assert desk.wallet.grants == ("claims",)
    with pytest.raises(Busy, match="is closed"):
        await desk.sessions.prepare_close(view.id)


async def test_after_its_end_it_is_closed_by_itself(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.look(view.session.ends_at - 1)
    assert desk.sessions.view(view.id).phase == "open"
    await desk.look(view.session.ends_at)
    (session,) = await desk.on_chain()
    assert session.closed_at >= session.ends_at
    assert (session.closeout_type, desk.sessions.view(view.id).phase) == (0, "closed")
    await desk.look(view.session.ends_at + 60)
    assert desk.provider.reports == 1


@pytest.mark.parametrize("rule", ["day-lock", "snapshot"])
async def test_what_a_closing_gave_tells_the_rule(tmp_path: Path, rule: Rule) -> None:
    async with session_desk(tmp_path, rule=rule) as desk:
        assert not (await desk.quote()).rule_known
        view = await desk.opened()
        await desk.look(view.session.ends_at)
        while not (kept := await desk.book.closing_rule("demo")):
            await asyncio.sleep(0.01)
        assert kept.startswith(rule)
        known = await desk.quote()
        assert (known.rule, known.rule_known) == (rule, True)


async def test_not_by_itself_when_that_was_switched_off(desk: SessionDesk) -> None:
    desk.config = MarketConfig(auto_close=False)
    view = await desk.opened()
    await desk.look(view.session.ends_at + HOUR)
    assert desk.sessions.view(view.id).phase == "ended"
    closing = await desk.sessions.prepare_close(view.id)
    await desk.sessions.close(closing)
    await desk.settled()
    assert (await desk.on_chain())[0].closed_at


async def test_after_midnight_everything_comes_back_at_once(desk: SessionDesk) -> None:
    view = await desk.opened()
    before = await desk.here.mor("user")
    await desk.sessions.close_at(view.id, "after_midnight")
    midnight = START + DAY
    assert desk.sessions.view(view.id).close_at == midnight + 60
    await desk.look(view.session.ends_at + 1)
    assert desk.sessions.view(view.id).phase == "ended"
    await desk.look(midnight + 60)
    assert desk.sessions.view(view.id).phase == "closed"
    assert await desk.here.mor("user") == before + view.session.stake
    assert await desk.here.holds() == (0, 0)


async def test_the_choice_can_be_taken_back(desk: SessionDesk) -> None:
    view = await desk.opened()
    await desk.sessions.close_at(view.id, "after_midnight")
    await desk.sessions.close_at(view.id, "natural")
    assert desk.sessions.view(view.id).close_at == view.session.ends_at
    with pytest.raises(BadRequest):
        await desk.sessions.close_at(view.id, "now")
    with pytest.raises(NotFound):
        await desk.sessions.close_at("0x" + "00" * 32, "natural")


async def test_locked_it_is_closed_all_the_same(tmp_path: Path) -> None:
    async with session_desk(tmp_path, own_wallet=True) as desk:
        view = await desk.opened()
        desk.wallet.lock()
        with pytest.raises(WalletLocked):
            desk.wallet.signer()
        await desk.look(view.session.ends_at)
        assert desk.sessions.view(view.id).phase == "closed"
        assert desk.wallet.grants == ("claims",)
        await desk.look(START + DAY + 60)
        await desk.look(START + DAY + 62)
        assert desk.sessions.claimable == 0
        assert await desk.here.holds() == (0, 0)
        assert desk.wallet.grants == ()  # nothing is left that could sign


async def test_locked_it_is_closed_over_another_node_too(tmp_path: Path) -> None:
    """A node was changed in Settings: another connection goes on with the grants that are there."""
    async with session_desk(tmp_path, own_wallet=True) as desk:
        view = await desk.opened()
        desk.wallet.lock()
        await desk.sessions.stop()
        assert desk.wallet.grants == (f"session:{view.id}", "claims")
        desk.sessions = again(desk, desk.here.network)
        await desk.sessions.start(watching=False)
        await desk.look(view.session.ends_at)
        assert desk.sessions.view(view.id).phase == "closed"
        assert desk.wallet.grants == ("claims",)


async def test_another_network_has_no_use_for_them(desk: SessionDesk) -> None:
    await desk.opened()
    await desk.sessions.stop()
    desk.wallet.grant("provider")
    desk.sessions = again(desk, replace(desk.here.network, diamond="0x" + "22" * 20))
    await desk.sessions.start(watching=False)
    assert desk.wallet.grants == ("provider",)


def again(desk: SessionDesk, network: Network) -> Sessions:
    """What is built when the connection is made anew."""
    return Sessions(
        Marketplace(desk.manager._chain, network),
        desk.manager,
        desk.book,
        desk.wallet,
        desk.provider,
        lambda: desk.config,
        desk.sessions._rating,
    )


async def test_a_lock_at_the_start_waits_for_the_password(tmp_path: Path) -> None:
    """After a start there is no grant: the stake is safe, and closing waits for the user."""
    async with session_desk(tmp_path, own_wallet=True) as desk:
        view = await desk.opened()
        desk.wallet.lock()
        desk.wallet.revoke()
        await desk.look(view.session.ends_at)
        found = desk.sessions.view(view.id)
        assert found.phase == "waiting"
        assert found.problem is not None
        assert found.problem.code == "wallet_locked"
        await desk.wallet.unlock(PASSWORD)
        assert desk.wallet.grants == (f"session:{view.id}", "claims")
        await desk.look(view.session.ends_at + 1)
        assert desk.sessions.view(view.id).phase == "closed"


# Warning and claiming


async def test_five_minutes_before_the_end_there_is_one_warning(desk: SessionDesk) -> None:
    view = await desk.opened()
    heard: list[str] = []
    desk.sessions.warned.subscribe(lambda warned: heard.append(warned.id))
    for left in (301, 300, 299, 100):
        await desk.look(view.session.ends_at - left)
    assert heard == [view.id]


async def test_released_stake_is_claimed_a_minute_after_midnight(desk: SessionDesk) -> None:
    view = await desk.opened()
    before = await desk.here.mor("user")
    await desk.look(view.session.ends_at)
    midnight = START + DAY
    await desk.look(midnight + 30)
    assert desk.sessions.claimable > 0
    sent = await desk.sent()
    await desk.look(midnight + 50)
    assert await desk.sent() == sent
    await desk.look(midnight + 60)
    assert (await desk.sent(), desk.sessions.claimable) == (sent + 1, 0)
    assert await desk.here.mor("user") == before + view.session.stake
    await desk.look(midnight + 3600)
    assert await desk.sent() == sent + 1


async def test_a_dear_day_is_no_day_to_claim(desk: SessionDesk) -> None:
    desk.config = MarketConfig(claim_gas_cap="0.000000001")
    view = await desk.opened()
    await desk.look(view.session.ends_at)
    await desk.look(START + DAY + 60)
    assert desk.sessions.claimable > 0
    desk.config = MarketConfig()
    await desk.look(START + DAY + 120)
    assert desk.sessions.claimable == 0


async def test_who_claims_by_hand_has_no_grant_for_it(tmp_path: Path) -> None:
    async with session_desk(tmp_path, own_wallet=True) as desk:
        view = await desk.opened()
        assert "claims" in desk.wallet.grants
        desk.config = MarketConfig(auto_claim=False)
        await desk.sessions.refresh()
        assert desk.wallet.grants == (f"session:{view.id}",)


async def test_a_node_that_lags_takes_no_grant_away(tmp_path: Path) -> None:
    async with session_desk(tmp_path, own_wallet=True) as desk:
        await desk.opened()
        grants = desk.wallet.grants
        desk.sessions.grants.keep((), returned=0, claims=True)
        assert desk.wallet.grants == grants


async def test_after_a_start_a_claim_waits_for_the_wallet(tmp_path: Path) -> None:
    async with session_desk(tmp_path, own_wallet=True) as desk:
        view = await desk.opened()
        await desk.look(view.session.ends_at)
        desk.wallet.lock()
        desk.wallet.revoke()
        await desk.look(START + DAY + 60)
        assert desk.sessions.claimable > 0
        await desk.wallet.unlock(PASSWORD)
        await desk.look(START + DAY + 62)
        assert desk.sessions.claimable == 0


async def test_the_lent_account_and_one_of_ones_own_have_their_own_lists(
    desk: SessionDesk,
) -> None:
    view = await desk.opened()
    key = bytes(desk.here.account("user")._key)
    desk.wallet.borrow(bytes(desk.here.account("provider")._key))
    assert (desk.sessions.views, desk.sessions.openings, desk.wallet.grants) == ((), (), ())
    assert await desk.sessions.refresh() == ()
    desk.wallet.borrow(key)
    (found,) = await desk.sessions.refresh()
    assert found.id == view.id
    (opening,) = desk.sessions.openings
    assert opening.session_id == view.id


async def test_without_a_wallet_there_is_nothing(desk: SessionDesk) -> None:
    quote = await desk.quote()
    desk.wallet.give_back()
    assert await desk.sessions.refresh() == ()
    for ask in (desk.quote(), desk.sessions.open(quote), desk.sessions.prepare_claim()):
        with pytest.raises(BadRequest, match="no wallet"):
            await ask
