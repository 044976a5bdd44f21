"""A chat through real sessions: opened on a chain, answered over sockets, moved when one fails.

Everything is as in the app but the models and the providers, which do as they are told.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from router.morrpc.signing import key_of
from router.units import exact
from tests.support.lying_provider import closes, says
from tests.support.remote_chat import stats_of
from tests.support.session_chat import Chatting, chatting
from tests.support.world import MOR, PRICE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chatting]:
    async with chatting(tmp_path) as made:
        yield made


async def test_answer_of_a_session(chat: Chatting) -> None:
    provider = await chat.offer("provider")
    view = await chat.open(provider)
    provider.scripts.append(says("Good ", "day"))
    message = await chat.ask("Hello")
    assert (message.content, message.state, message.error) == ("Good day", "done", "")
    assert (message.model, message.origin) == ("Model", "remote")
    stats = stats_of(message)
    assert (stats.session_id, stats.provider) == (view.id, provider.account.address)
    assert stats.cost % PRICE == 0
    assert stats.cost > 0
    note = await chat.sessions.book.note(view.id)
    assert (note.answers, note.output_tokens) == (1, 2)
    (rated,) = await chat.sessions.rated(chat.sellers.model_id)
    assert (rated.evidence.calls, rated.evidence.failures) == (1, 0)


async def test_failure_moves_to_the_next_bid_within_the_limit(chat: Chatting) -> None:
    first = await chat.offer("provider")
    await chat.open(first)
    before = await chat.staked()
    second = await chat.offer("second", 2 * PRICE)
    chat.allow("50")
    first.scripts.append(closes)
    message = await chat.ask("Hello")
    assert (message.content, message.state) == ("Hello", "done")
    stats = stats_of(message)
    assert stats.provider == second.account.address
    added = await chat.staked() - before
    assert 0 < added <= 50 * MOR
    assert "your limit of 50 MOR held" in stats.rerouted
    views = await chat.sessions.refresh()
    assert {view.provider for view in views} == {
        first.account.address, second.account.address,
    }  # fmt: skip


async def test_limit_holds_over_another_connection(chat: Chatting) -> None:
    """Settings were changed, or the app was started again: what it opened is still staked."""
    first = await chat.offer("provider")
    view = await chat.open(first)
    second = await chat.offer("second")
    chat.allow(exact(view.session.stake * 3 // 2))
    first.scripts.append(closes)
    assert (await chat.ask("Hello")).content == "Hello"
    staked = await chat.staked()
    assert staked > view.session.stake
    third = await chat.offer("third")
    chat.desk.funds._failover = None
    first.scripts.append(closes)
    second.scripts.append(closes)
    chat.local.says("here")
    assert (await chat.ask("Hello")).content == "here"
    assert (await chat.staked(), third.connections) == (staked, 0)


async def test_provider_that_sealed_before_is_not_agreed_with_in_clear_text(
    chat: Chatting,
) -> None:
    provider = await chat.offer("provider")
    view = await chat.open(provider)
    provider.seals = False
    opening = await chat.sessions.open(await chat.sessions.extend(view, 3_600, is_direct=False))
    opening = await chat.sessions.opening_done(opening.id)
    assert opening.error is not None
    assert (opening.step, opening.error.code) == ("failed", "provider_downgraded")
    assert (await chat.sessions.book.peers())[view.provider].sealed


@pytest.mark.parametrize("limit", ["0", "0.000000000000000001"])
async def test_failure_above_the_limit_stakes_nothing(chat: Chatting, limit: str) -> None:
    first = await chat.offer("provider")
    await chat.open(first)
    before = await chat.staked()
    second = await chat.offer("second")
    chat.allow(limit)
    chat.local.says("here")
    first.scripts.append(closes)
    message = await chat.ask("Hello")
    assert (message.content, message.origin, message.model) == ("here", "local", "SmolLM2")
    assert await chat.staked() == before
    assert second.connections == 0


async def test_session_is_found_again_without_notes(chat: Chatting) -> None:
    """Whether a provider opens sealed questions is not known any more: it is asked anew."""
    provider = await chat.offer("provider")
    view = await chat.open(provider)
    book = chat.sessions.book
    await book._file.run(lambda connection: connection.execute("DELETE FROM peer"))
    assert (await chat.ask("Hello")).content == "Hello"
    assert (await book.peers())[view.provider].public_key == key_of(provider.account)


async def test_provider_that_moved_is_found_by_the_chain(chat: Chatting) -> None:
    provider = await chat.offer("provider")
    await chat.open(provider)
    await provider.stop()
    await provider.start(chat.desk.world.account("user"))
    address = provider.account.address
    await chat.desk.world.call("provider", "providerRegister", address, 0, provider.endpoint)
    assert (await chat.ask("Hello")).content == "Hello"


async def test_model_without_a_session(chat: Chatting) -> None:
    chat.sellers.model = keccak(text="unknown")
    message = await chat.ask("Hello")
    assert message.state == "failed"
    assert "No session is open for this model." in message.error
