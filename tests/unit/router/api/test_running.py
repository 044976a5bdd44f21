"""router.api.running: a request can be cut short, and only for the reason given."""

import asyncio

import pytest

from router.api.auth import Caller
from router.api.errors import ApiError
from router.api.running import Running
from router.tasks import Tasks

REASON = ApiError(401, "key_revoked", "The key was revoked.")


async def answer(running: Running, caller: Caller, began: asyncio.Event) -> str:
    async with running.cuttable(caller):
        began.set()
        await asyncio.Event().wait()
    return "complete"


async def test_the_chosen_are_cut_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    running, tasks = Running(), Tasks()
    one, two = asyncio.Event(), asyncio.Event()
    first = tasks.spawn("first", answer(running, Caller("a"), one))
    second = tasks.spawn("second", answer(running, Caller("b"), two))
    await one.wait()
    await two.wait()
    running.cut(lambda caller: caller.name == "a", REASON)
    with pytest.raises(ApiError) as caught:
        await first
    assert caught.value is REASON
    assert not second.done()
    await tasks.close()
    assert second.cancelled()
    assert caplog.messages == ["task first failed"]


async def test_a_time_out_of_the_request_itself_stays_one() -> None:
    running = Running()
    with pytest.raises(TimeoutError):
        async with running.cuttable(Caller("a")):
            raise TimeoutError


async def test_waiting_for_the_end(caplog: pytest.LogCaptureFixture) -> None:
    running, tasks = Running(), Tasks()
    await running.ended(5)
    began = asyncio.Event()
    task = tasks.spawn("one", answer(running, Caller("a"), began))
    await began.wait()
    await running.ended(0)
    assert not task.done()
    running.cut(lambda caller: True, REASON)
    await running.ended(5)
    with pytest.raises(ApiError):
        await task


async def test_cutting_what_is_over_does_nothing() -> None:
    running = Running()
    async with running.cuttable(Caller("a")):
        pass
    running.cut(lambda caller: True, REASON)
