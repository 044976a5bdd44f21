"""Sessions with a provider on a real socket: opened, used and closed by its own signatures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.backends.base import Delta, Request, Turn
from router.chain.records import as_hex
from router.consumer.evidence import EvidenceLog
from router.consumer.leases import Leases
from router.consumer.providers import Providers
from router.consumer.remote import RemoteBackend
from router.errors import WalletLocked
from tests.support.edges import T
from tests.support.lying_provider import LyingProvider
from tests.support.session_desk import FUNDED, SessionDesk, desk_on
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


@pytest.fixture
async def lying(here: World) -> AsyncIterator[LyingProvider]:
    """Honest, as it has no script; registered where it listens."""
    made = LyingProvider(here.account("provider"))
    await made.start(here.account("user"))
    yield made
    await made.stop()


@pytest.fixture
async def desk(here: World, lying: LyingProvider, tmp_path: Path) -> AsyncIterator[SessionDesk]:
    bid = await here.offer(stake=100 * MOR)
    address = here.account("provider").address
    await here.call("provider", "providerRegister", address, 0, lying.endpoint)
    await here.give("user", FUNDED, 10**19)
    await here.token("user", "approve", here.network.diamond, 0)
    await here.mine_at(T)
    async with desk_on(here, tmp_path, bid, own_wallet=True, wired=True) as made:
        yield made


async def test_opened_asked_and_closed_while_locked(
    desk: SessionDesk, lying: LyingProvider
) -> None:
    view = await desk.opened()
    assert view.sealed is not None
    (peer,) = (await desk.book.peers()).values()
    assert (peer.endpoint, peer.public_key) == (
        lying.endpoint,
        b"\x04" + desk.here.account("provider").public_key,
    )
    desk.wallet.lock()
    with pytest.raises(WalletLocked):
        desk.wallet.signer()
    leases = Leases(desk.sessions, desk.book, desk.here.market.providers)
    providers = Providers(desk.here.chain, desk.here.network, allow_private=lambda: True)
    remote = RemoteBackend(leases, EvidenceLog(desk.book), providers.link)
    request = Request(f"session:{view.id}", (Turn("user", "Good morning"),))
    events = [event async for event in remote.complete(request)]
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "Good morning"
    assert (await desk.book.note(view.id)).answers == 1
    await desk.look(view.session.ends_at)
    (session,) = await desk.on_chain()
    assert (session.closed_at > 0, session.closeout_type) == (True, 0)
    assert desk.wallet.grants == ("claims",)
    assert as_hex(session.closeout_receipt[:32]) == view.id


async def test_a_bid_that_was_taken_back_leaves_its_session_as_it_is(
    desk: SessionDesk, lying: LyingProvider
) -> None:
    """Also when the provider has lost the account's key, which is told with that bid."""
    view = await desk.opened()
    await desk.here.call("provider", "deleteModelBid", desk.bid)
    lying.knows = False
    leases = Leases(desk.sessions, desk.book, desk.here.market.providers)
    providers = Providers(desk.here.chain, desk.here.network, allow_private=lambda: True)
    remote = RemoteBackend(leases, EvidenceLog(desk.book), providers.link)
    request = Request(f"session:{view.id}", (Turn("user", "Good morning"),))
    events = [event async for event in remote.complete(request)]
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "Good morning"


async def test_one_that_moved_since_the_quote_is_asked_where_it_is(
    desk: SessionDesk, lying: LyingProvider
) -> None:
    """What was shown holds: price, stake and provider are the same."""
    here, quote = desk.here, await desk.quote()
    await lying.stop()
    await lying.start(here.account("user"))
    assert lying.endpoint != quote.provider.endpoint
    address = here.account("provider").address
    await here.call("provider", "providerRegister", address, 0, lying.endpoint)
    opening = await desk.sessions.open(quote)
    done = await desk.sessions.opening_done(opening.id)
    assert (done.step, done.error) == ("done", None)
    (peer,) = (await desk.book.peers()).values()
    assert peer.endpoint == lying.endpoint


async def test_one_that_is_gone_costs_nothing(desk: SessionDesk, lying: LyingProvider) -> None:
    quote, sent = await desk.quote(), await desk.sent()
    await lying.stop()
    opening = await desk.sessions.open(quote)
    failed = await desk.sessions.opening_done(opening.id)
    assert (failed.step, failed.failed_at) == ("failed", "provider")
    assert failed.error is not None
    assert failed.error.code == "provider_unreachable"
    assert await desk.sent() == sent
