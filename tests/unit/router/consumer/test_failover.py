"""router.consumer.failover: before the first word another is asked, after it nobody takes over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from router.backends.base import AnsweredBy, Delta, Event, Request, Rerouted, Turn
from router.consumer import failover
from router.consumer.failover import Rules
from router.consumer.records import Opening, Quote
from router.errors import ProviderError, WalletLocked
from router.tasks import Tasks
from router.units import WEI
from tests.support.lying_provider import Exchange, closes, refuses, says, then
from tests.support.open_sessions import MODEL, RemoteDesk, bid_of

ASK = Request(MODEL, (Turn("user", "Hello"),))


@pytest.fixture
async def desk() -> AsyncIterator[RemoteDesk]:
    desk = RemoteDesk()
    yield desk
    await desk.close()


async def events_of(desk: RemoteDesk, request: Request = ASK) -> list[Event]:
    return [event async for event in desk.backend.complete(request)]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def moves(events: list[Event]) -> list[Rerouted]:
    return [event for event in events if isinstance(event, Rerouted)]


async def code_of(call: Any) -> str:
    with pytest.raises(ProviderError) as caught:
        await call
    return str(caught.value.code)


async def test_first_provider_is_enough(desk: RemoteDesk) -> None:
    await desk.provider("a")
    events = await events_of(desk)
    assert text_of(events) == "Hello"
    assert moves(events) == []
    assert desk.sessions.quotes == []


async def test_open_session_comes_before_new_stake(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=10 * WEI)
    first = await desk.provider("a", closes)
    second = await desk.provider("b", says("two"))
    events = await events_of(desk)
    assert text_of(events) == "two"
    (move,) = moves(events)
    assert first.account.address[-4:] in move.from_name
    assert second.account.address[-4:] in move.to_name
    assert "closed the connection" in move.reason
    assert (move.extra_stake, move.session_id) == (0, f"0x{2:064x}")
    assert desk.sessions.opened == []
    origins = [event.provider for event in events if isinstance(event, AnsweredBy)]
    assert origins == [first.account.address, second.account.address]


async def test_next_bid_within_the_limit(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    await desk.provider("a", closes)
    await desk.provider("b", says("two"), is_open=False)
    events = await events_of(desk)
    assert text_of(events) == "two"
    (move,) = moves(events)
    assert (move.extra_stake, move.limit) == (WEI, WEI)
    assert desk.sessions.quotes[0][1:] == (3_600, False)


async def test_over_the_limit_nothing_is_opened(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI - 1)
    desk.local.says("here")
    await desk.provider("a", closes)
    await desk.provider("b", is_open=False)
    events = await events_of(desk)
    assert text_of(events) == "here"
    assert desk.sessions.opened == []
    assert AnsweredBy("local", "SmolLM2") in events
    assert desk.local.requests == [replace(ASK, model="")]


async def test_who_is_excluded_is_not_even_asked_for_a_price(desk: RemoteDesk) -> None:
    """Blocked, not on the list of those allowed, or ourselves."""
    desk.rules = Rules(extra_stake=WEI)
    await desk.provider("a", closes)
    blocked = await desk.provider("b", is_open=False)
    await desk.provider("c", says("three"), is_open=False)
    desk.sessions.excluded[blocked.account.address] = "blocked"
    assert text_of(await events_of(desk)) == "three"
    assert (len(desk.sessions.quotes), len(desk.sessions.opened)) == (1, 1)
    assert blocked.connections == 0


async def test_an_unusual_fee_is_not_paid_unasked(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    desk.local.says("here")
    quote = desk.sessions.quote

    async def dear(bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        return replace(await quote(bid_id, seconds, is_direct=is_direct), unusual_fee=True)

    desk.sessions.quote = dear  # type: ignore[method-assign]
    await desk.provider("a", closes)
    await desk.provider("b", is_open=False)
    assert text_of(await events_of(desk)) == "here"
    assert desk.sessions.opened == []


async def test_without_a_limit_nobody_is_even_asked_for_a_price(desk: RemoteDesk) -> None:
    await desk.provider("a", closes)
    await desk.provider("b", is_open=False)
    (move,) = moves(await events_of(desk))
    assert (move.to_name, move.extra_stake) == ("SmolLM2", 0)
    assert desk.sessions.quotes == []


async def test_direct_payment_only_when_allowed_and_nobody_else_pays(desk: RemoteDesk) -> None:
    """It takes as much into the session; but a stake could not be had back."""
    desk.rules = Rules(extra_stake=WEI)
    desk.sessions.funding = 0
    for direct in (False, True):
        desk.rules = replace(desk.rules, direct=direct)
        await desk.provider(f"a{direct}", closes)
        await desk.provider(f"b{direct}", says("paid"), is_open=False)
        events = await events_of(desk)
        assert [quote.is_direct for quote in desk.sessions.opened] == [True] * direct
        desk.sessions.open_ones[0].is_closed = True
    assert text_of(events) == "paid"
    by = [event for event in events if isinstance(event, AnsweredBy)][-1]
    assert by.is_direct


async def test_direct_payment_is_under_the_same_limit(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI - 1, direct=True)
    desk.sessions.funding = 0
    await desk.provider("a", closes)
    await desk.provider("b", is_open=False)
    await events_of(desk)
    assert desk.sessions.opened == []


async def test_limit_holds_over_restarts(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    await desk.provider("a", *[closes] * 9)
    await desk.provider("b", *[closes] * 9, is_open=False)
    await desk.provider("c", *[closes] * 9, is_open=False)
    for _ in range(3):
        await events_of(desk)
        desk.restart()
    assert len(desk.sessions.opened) == 1


async def test_what_the_user_opened_is_not_under_the_limit(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    await desk.provider("a", closes)
    second = await desk.provider("b", says("two"), is_open=False)
    shown = await desk.sessions.quote(bid_of(second).id, 3_600)
    await desk.sessions.open(shown)
    assert text_of(await events_of(desk)) == "two"


async def test_stop_while_a_session_is_opened(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    desk.sessions.hold = asyncio.Event()
    await desk.provider("a", closes, closes)
    await desk.provider("b", says("two"), is_open=False)
    task = Tasks().spawn("ask", events_of(desk))
    while not desk.sessions.begun:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.sessions.left == [1]
    desk.sessions.hold.set()
    assert text_of(await events_of(desk)) == "two"  # nothing of the limit is used up


async def test_limit_holds_over_many_questions(desk: RemoteDesk) -> None:
    """A provider that always fails does not make the user stake again and again."""
    desk.rules = Rules(extra_stake=2 * WEI)
    await desk.provider("a", *[closes] * 9)
    for number in range(4):
        await desk.provider(f"b{number}", *[closes] * 9, is_open=False)
    for _ in range(4):
        await events_of(desk)
    assert sum(quote.amount for quote in desk.sessions.opened) == 2 * WEI
    desk.sessions.open_ones[1].is_closed = True
    await events_of(desk)
    assert sum(quote.amount for quote in desk.sessions.opened) == 3 * WEI


async def test_a_session_that_does_not_open_is_not_waited_for_for_ever(
    desk: RemoteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is stuck; what it may stake stays counted."""
    monkeypatch.setattr(failover, "OPENING_S", 0.0)
    desk.rules = Rules(extra_stake=WEI)
    desk.sessions.hold, desk.sessions.is_sent = asyncio.Event(), True
    desk.local.says("here")
    await desk.provider("a", closes, closes)
    await desk.provider("b", is_open=False)
    for _ in range(2):
        assert text_of(await events_of(desk)) == "here"
        desk.local.says("here")
    assert len(desk.sessions.opened) == len(desk.sessions.left) == 1


async def test_each_provider_is_asked_once_and_not_more_than_a_few(desk: RemoteDesk) -> None:
    desk.rules = Rules(local=False)
    providers = [await desk.provider(f"a{number}", *[closes] * 3) for number in range(6)]
    assert await code_of(events_of(desk)) == "provider_cut_off"
    assert [provider.connections for provider in providers] == [1, 1, 1, 1, 0, 0]


async def test_all_fail_and_the_local_model_answers(desk: RemoteDesk) -> None:
    desk.local.says("here")
    for name in "abc":
        await desk.provider(name, refuses("no capacity"))
    events = await events_of(desk)
    assert text_of(events) == "here"
    assert len(moves(events)) == 3
    assert all("not signed" in move.reason for move in moves(events))


async def test_without_a_local_model_the_failure_itself_is_told(desk: RemoteDesk) -> None:
    desk.has_local = False
    await desk.provider("a", closes)
    assert await code_of(events_of(desk)) == "provider_cut_off"


async def test_after_the_first_word_nobody_takes_over(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=9 * WEI)
    desk.local.says("here")
    await desk.provider("a", then("one", lie=closes))
    second = await desk.provider("b")
    events = []
    with pytest.raises(ProviderError) as caught:  # noqa: PT012
        async for event in desk.backend.complete(ASK):
            events.append(event)  # noqa: PERF401
    assert text_of(events) == "one"
    assert caught.value.choices == ("retry", "other_provider", "local")
    assert second.connections == 0
    assert desk.local.requests == []


async def test_error_of_the_model_moves_nobody(desk: RemoteDesk) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.model_error({"error": {"message": "too long"}}))

    await desk.provider("a", refuse)
    second = await desk.provider("b")
    assert await code_of(events_of(desk)) == "model_refused"
    assert second.connections == 0


async def test_opening_that_does_not_work_is_left(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=5 * WEI)
    desk.local.says("here")
    await desk.provider("a", closes)
    for name in "bcd":
        await desk.provider(name, is_open=False)
    desk.sessions.steps.append("failed")
    desk.sessions.problems.append(WalletLocked("The wallet is locked."))
    events = await events_of(desk)
    assert text_of(events) == "here"
    assert len(moves(events)) == 1
    # What never sent anything holds nothing back from the limit.
    desk.sessions.problems.clear()
    desk.rules = Rules(extra_stake=WEI)
    await desk.provider("e", says("later"), is_open=False)
    desk.sessions.for_sale = desk.sessions.for_sale[-1:]
    desk.providers[0].scripts.append(closes)
    assert text_of(await events_of(desk)) == "later"


@pytest.mark.parametrize("step", ["given_up", "asked", "failed"])
async def test_an_opening_that_ends_otherwise_is_not_tried_in_the_other_way(
    desk: RemoteDesk, step: str
) -> None:
    """There is nobody to answer what it asks; and its provider had its turn."""
    desk.rules = Rules(extra_stake=9 * WEI, direct=True)
    desk.local.says("here")

    async def ends(opening_id: int) -> Opening:
        return desk.sessions._is_now(opening_id, step=step)

    desk.sessions.opening_done = ends  # type: ignore[method-assign]
    await desk.provider("a", closes)
    second = await desk.provider("b", says("two"), is_open=False)
    events = await events_of(desk)
    assert text_of(events) == "here"
    assert [move.session_id for move in moves(events)] == [""]
    assert desk.sessions.quotes == [(bid_of(second).id, 3_600, False)]
    assert len(desk.sessions.opened) == 1
    assert second.connections == 0


async def test_two_chats_share_the_new_session(desk: RemoteDesk) -> None:
    desk.rules = Rules(extra_stake=WEI)
    both_failed = desk.sessions.hold = asyncio.Event()
    failed = 0

    async def fails(exchange: Exchange) -> None:
        nonlocal failed
        failed += 1

    await desk.provider("a", fails, fails)
    await desk.provider("b", says("one"), says("two"), is_open=False)
    tasks = Tasks()
    both = [tasks.spawn(f"ask {number}", events_of(desk)) for number in range(2)]
    while failed < 2 or desk.evidence.of(desk.providers[0].account.address, MODEL).failures < 2:
        await asyncio.sleep(0)
    for _ in range(10):  # the second one comes as far as it can
        await asyncio.sleep(0)
    both_failed.set()
    texts = {text_of(events) for events in await asyncio.gather(*both)}
    assert texts == {"one", "two"}
    assert len(desk.sessions.opened) == 1


async def test_vectors_are_of_one_model_only(desk: RemoteDesk) -> None:
    await desk.provider("a", closes)
    second = await desk.provider("b")
    assert await code_of(desk.backend.embed(MODEL, ["x"])) == "provider_cut_off"
    assert second.connections == 0
