"""Sessions that end while something is done with them (F42): an answer comes, the next one is opened.

By the time of the blocks, whatever the clock of this computer says; each is closed once.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.morrpc.messages import Prompt
from tests.support.edges import HOUR
from tests.support.lying_provider import Exchange, Script, closes
from tests.support.session_chat import Chatting, chatting
from tests.support.session_desk import FUNDED, SessionDesk, session_desk
from tests.support.stake_model import DAY
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LATE, EARLY = -10 * 365 * DAY, 365 * DAY  # clocks that are wrong


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SessionDesk]:
    async with session_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chatting]:
    async with chatting(tmp_path) as made:
        yield made


def set_clock(monkeypatch: pytest.MonkeyPatch, ahead_s: int) -> None:
    """Let the clock of this computer be wrong."""
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead_s)


# While an answer comes


async def goes_on(exchange: Exchange) -> None:
    """Give the rest of the answer."""
    await exchange.say("and the rest")
    await exchange.finish()


@pytest.mark.parametrize(
    ("then", "text", "state"),
    [
        (goes_on, "It began and the rest", "done"),
        (closes, "It began ", "cut_off"),
    ],
)
async def test_while_an_answer_comes(chat: Chatting, then: Script, text: str, state: str) -> None:
    """What the provider goes on to say is kept; so is what it said, if it says no more."""
    over = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await exchange.say("It began ")
        await over.wait()
        await then(exchange)

    provider = await chat.offer("provider")
    view = await chat.open(provider)
    provider.scripts.append(script)
    made = await chat.store.create(model=chat.sellers.model_id)
    answer = await chat.conversations.send(made.id, "Hello")
    await until(lambda: answer.message.content)
    await end(chat, view.session.ends_at)
    over.set()
    await answer.ended()
    kept = await chat.store.message(answer.message_id)
    assert (kept.content, kept.state) == (text, state)
    assert f"session:{view.id}" not in chat.desk.wallet.grants
    assert await closings(chat) == 1
    refused = await chat.ask("And now?", made.id)
    assert (refused.content, refused.state) == ("", "failed")
    assert "No session is open" in refused.error
    assert len(provider.asked(Prompt)) == 1


async def end(chat: Chatting, at: int) -> None:
    """A block at which a session is over, and the watcher's looks at it."""
    await chat.desk.world.mine_at(at)
    for _ in range(3):
        await chat.sessions.look()
    await chat.desk.settle()
    (view,) = await chat.sessions.refresh()
    assert view.phase == "closed"


async def closings(chat: Chatting) -> int:
    funds = chat.desk.funds
    records = await funds.connection.journal.list(1337, funds.address)
    return sum(record.purpose == "Close a session" for record in records)


# While nothing is done


@pytest.mark.parametrize("ahead_s", [LATE, EARLY])
async def test_counted_down_by_the_blocks(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch, ahead_s: int
) -> None:
    set_clock(monkeypatch, ahead_s)
    view = await desk.opened()
    ends_at, sent = view.session.ends_at, await desk.sent()
    warned: list[str] = []
    desk.sessions.warned.subscribe(lambda seen: warned.append(seen.id))
    for left, phase, warnings in ((1000, "open", 0), (300, "open", 1), (1, "open", 1)):
        await desk.look(ends_at - left)
        found = desk.sessions.view(view.id)
        assert (found.seconds_left, found.phase, len(warned)) == (left, phase, warnings)
    for over in (0, 31, 1000):
        await desk.look(ends_at + over)
        found = desk.sessions.view(view.id)
        assert (found.seconds_left, found.phase) == (0, "closed")
    assert await desk.sent() == sent + 1


# While the next one is opened


async def test_while_the_provider_approves_the_next_one(
    desk: SessionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, EARLY)
    first = await desk.opened()

    async def ends() -> None:
        await desk.look(first.session.ends_at)
        assert desk.sessions.view(first.id).phase == "closed"

    desk.provider.before_answer = ends
    await extend(desk, first.id, first.session.ends_at - 60)


async def test_while_the_next_one_is_permitted(desk: SessionDesk) -> None:
    """The block of its permission is the first after the end; both want the next nonce."""
    first = await desk.opened()
    over = asyncio.Event()

    async def ends() -> None:
        await desk.here.at(first.session.ends_at)
        over.set()

    async def looks() -> None:
        await over.wait()
        while desk.sessions.view(first.id).phase != "closed":
            await desk.sessions.look()
            await desk.sessions.refresh()

    desk.provider.before_answer = ends
    async with asyncio.TaskGroup() as group:
        group.create_task(looks())
        group.create_task(extend(desk, first.id, first.session.ends_at - 60))


async def extend(desk: SessionDesk, session_id: str, at: int) -> None:
    """Open the next one; then both are as they should be, and so is the money."""
    sent = await desk.sent()
    await desk.here.mine_at(at)
    view = desk.sessions.view(session_id)
    quote = await desk.sessions.extend(view, 2 * HOUR, is_direct=False)
    opening = await desk.sessions.open(quote)
    done = await desk.sessions.opening_done(opening.id)
    assert done.step == "done", done.error
    await until(lambda: desk.sessions.view(session_id).phase == "closed")
    await desk.settled()
    views = {view.id: view.phase for view in await desk.sessions.refresh()}
    assert views == {session_id: "closed", done.session_id: "open"}
    assert await desk.sent() == sent + 3, "a closing, a permission, an opening"
    assert await desk.allowance() == 0
    account = await desk.here.market.account(desk.address)
    following = desk.sessions.view(done.session_id)
    assert account.in_sessions == following.session.stake == quote.amount
    assert account.total == FUNDED
    assert following.session.opened_at >= desk.sessions.view(session_id).session.ends_at
