"""router.chat: what is asked is saved first, what is answered is never lost."""

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest

from router.answer import (
    AnswerDelta,
    AnswerEnded,
    AnswerReading,
    AnswerStarted,
    AnswerWaiting,
)
from router.backends.base import Delta, Sampling, Turn
from router.errors import BackendError, BadRequest, Busy, NoModel, NotFound
from router.store.attachments import attachment_of
from router.store.records import NewMessage
from tests.support.conversation_desk import Desk


async def test_question_is_on_disk_before_it_is_sent(desk: Desk, tmp_path: Path) -> None:
    hold = asyncio.Event()
    desk.backend.says("Hello", " there", hold=hold)
    chat = await desk.chat(model="tiny")
    answer = await desk.chats.send(chat.id, "Hi")
    with sqlite3.connect(tmp_path / "chats.db") as other:
        found = other.execute("SELECT role, content, state, model FROM message").fetchall()
    other.close()
    assert found == [("user", "Hi", "done", ""), ("assistant", "", "writing", "Tiny")]
    assert desk.chats.running == {chat.id: answer}
    hold.set()
    await answer.ended()
    assert desk.chats.running == {}
    assert await desk.texts(chat.id) == ["Hi", "Hello there"]


async def test_events_and_stats(desk: Desk) -> None:
    desk.backend.says("<think>hm</think>", "Yes", Delta(" no", "more", 2), dropped_turns=3)
    chat = await desk.chat()
    message = await desk.ask(chat.id, "two words")
    started, reading, *deltas, ended = desk.events
    assert isinstance(started, AnswerStarted)
    assert (started.message.state, started.message.parent_id) == ("writing", message.parent_id)
    assert reading == AnswerReading(chat.id, message.id, 2, 4096, 3)
    assert deltas == [
        AnswerDelta(chat.id, message.id, "", "hm"),
        AnswerDelta(chat.id, message.id, "Yes", ""),
        AnswerDelta(chat.id, message.id, " no", "more"),
    ]
    assert ended == AnswerEnded(chat.id, message, None, saved=True)
    assert (message.content, message.reasoning, message.state) == ("Yes no", "hmmore", "done")
    assert message.model == "Default"
    stats = message.stats
    assert stats is not None
    assert (stats.prompt_tokens, stats.answer_tokens, stats.reasoning_tokens) == (2, 4, 3)
    assert (stats.context_tokens, stats.dropped_turns, stats.finish) == (4096, 3, "stop")
    assert 0 <= stats.first_token_s <= stats.total_s
    assert await desk.store.message(message.id) == message


async def test_request_has_the_chats_own_settings(desk: Desk) -> None:
    sampling = Sampling(temperature=0.2, top_k=5, seed=7, stop=("END",))
    chat = await desk.chat(model="tiny", system_prompt="Be brief.", sampling=sampling)
    desk.backend.says("<think>secret</think>One")
    await desk.ask(chat.id, "First")
    await desk.ask(chat.id, "Second")
    request = desk.backend.requests[1]
    assert (request.model, request.sampling) == ("tiny", sampling)
    assert request.turns == (
        Turn("system", "Be brief."),
        Turn("user", "First"),
        Turn("assistant", "One"),
        Turn("user", "Second"),
    )
    await desk.store.set_sampling(chat.id, Sampling())
    await desk.ask(chat.id, "Third")
    assert desk.backend.requests[2].sampling == Sampling()


async def test_title_comes_from_the_first_question_only(desk: Desk) -> None:
    chat = await desk.chat()
    await desk.ask(chat.id, "# What is\nthis?")
    await desk.ask(chat.id, "Something else")
    assert (await desk.store.get(chat.id)).title == "What is"
    await desk.store.rename(chat.id, "Mine")
    named = await desk.chat()
    await desk.store.rename(named.id, "")
    await desk.ask(named.id, "Hello")
    assert (await desk.store.get(named.id)).title == ""
    assert (await desk.store.get(chat.id)).title == "Mine"


async def test_attached_text_goes_into_the_prompt(desk: Desk) -> None:
    chat = await desk.chat()
    file = attachment_of("log.txt", "grüße".encode("cp1252"))
    await (await desk.chats.send(chat.id, "", [file])).ended()
    await desk.ask(chat.id, "And now?")
    assert desk.backend.requests[0].turns == (Turn("user", "log.txt:\n```\ngrüße\n```"),)
    assert desk.backend.requests[1].turns[0] == desk.backend.requests[0].turns[0]
    assert (await desk.store.get(chat.id)).title == "log.txt"


async def test_what_cannot_be_sent_is_refused_and_not_saved(desk: Desk) -> None:
    chat = await desk.chat()
    for text, files in [
        (" \n", ()),
        ("x" * 2_000_001, ()),
        ("Look", (attachment_of("a.png", b"\x89PNG\r\n\x1a\n\0"),)),
    ]:
        with pytest.raises(BadRequest):
            await desk.chats.send(chat.id, text, files)
    with pytest.raises(NotFound):
        await desk.chats.send("0x00", "Hi")
    assert await desk.texts(chat.id) == []
    assert (desk.backend.requests, desk.chats.running) == ([], {})


async def test_stop_keeps_the_text(desk: Desk) -> None:
    desk.backend.says("Half an", silent=True)
    chat = await desk.chat()
    answer = await desk.chats.send(chat.id, "Hi")
    await desk.until(AnswerDelta)
    stopped = await desk.chats.stop(chat.id)
    assert stopped is not None
    assert (stopped.content, stopped.state, stopped.error) == ("Half an", "stopped", "")
    assert await desk.store.message(answer.message_id) == stopped
    assert desk.backend.stopped == 1
    assert await desk.chats.stop(chat.id) is None


async def test_stop_during_the_prompt(desk: Desk) -> None:
    desk.backend.says("never", hold=asyncio.Event())
    chat = await desk.chat()
    await desk.chats.send(chat.id, "Hi")
    stopped = await desk.chats.stop(chat.id)
    assert stopped is not None
    assert (stopped.content, stopped.state) == ("", "stopped")


@pytest.mark.parametrize(
    ("pieces", "state"), [((), "failed"), (("Some",), "cut_off"), (("<think>So",), "cut_off")]
)
async def test_failure_keeps_text_and_reason(
    desk: Desk, pieces: tuple[str, ...], state: str
) -> None:
    error = NoModel("No model is installed.", hint="Choose one.")
    desk.backend.says(*pieces, error=error)
    chat = await desk.chat()
    message = await desk.ask(chat.id, "Hi")
    assert (message.state, message.error) == (state, "No model is installed. Choose one.")
    ended = desk.events[-1]
    assert isinstance(ended, AnswerEnded)
    assert ended.error is error
    assert (await desk.store.message(message.id)).state == state


async def test_stream_that_just_ends_is_cut_off(desk: Desk) -> None:
    desk.backend.says("Half", unfinished=True)
    chat = await desk.chat()
    message = await desk.ask(chat.id, "Hi")
    assert (message.state, message.content) == ("cut_off", "Half")
    assert message.error.startswith("The answer ended before it was complete. Try again")


async def test_bug_in_a_backend_ends_the_answer(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.backend.says("Half", error=ZeroDivisionError("oops"))
    chat = await desk.chat()
    message = await desk.ask(chat.id, "Hi")
    assert message.state == "cut_off"
    assert "error in the app" in message.error
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert await desk.ask(chat.id, "Still there?")


async def test_text_is_saved_while_it_is_written(desk: Desk) -> None:
    desk.backend.says("Part one", silent=True)
    chat = await desk.chat()
    await desk.chats.send(chat.id, "Hi")
    async with asyncio.timeout(30):
        while (await desk.texts(chat.id))[-1] != "Part one":
            await asyncio.sleep(0.005)
    (_, message) = await desk.store.messages(chat.id)
    assert message.state == "writing"
    await desk.chats.stop(chat.id)


async def test_next_question_waits_for_the_answer(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.backend.says("One", hold=hold)
    chat = await desk.chat()
    await desk.chats.send(chat.id, "First")
    second = await desk.chats.send(chat.id, "Second")
    third = await desk.chats.send(chat.id, "Third")
    assert second is third
    assert desk.chats.waiting == {chat.id: third}
    assert (third.phase, third.question_id) == ("waiting", (await desk.store.get(chat.id)).head)
    assert len([event for event in desk.events if isinstance(event, AnswerWaiting)]) == 2
    assert await desk.texts(chat.id) == ["First", "", "Second", "Third"]
    hold.set()
    await third.ended()
    assert await desk.texts(chat.id) == ["First", "One", "Second", "Third", "Second\n\nThird"]
    assert [turn.role for turn in desk.backend.requests[1].turns] == ["user", "assistant", "user"]
    assert desk.chats.waiting == {}


async def test_waiting_question_goes_out_after_stop_and_failure(desk: Desk) -> None:
    chat = await desk.chat()
    desk.backend.says(silent=True)
    await desk.chats.send(chat.id, "First")
    await desk.until(AnswerReading)
    second = await desk.chats.send(chat.id, "Second")
    desk.backend.says(error=BackendError("It broke."))
    await desk.chats.stop(chat.id)
    third = await desk.chats.send(chat.id, "Third")
    await second.ended()
    await third.ended()
    states = [message.state for message in await desk.store.messages(chat.id)]
    assert states == ["done", "stopped", "done", "failed", "done", "done"]


async def test_regenerate_and_edit_make_versions(desk: Desk) -> None:
    chat = await desk.chat()
    desk.backend.says("One")
    first = await desk.ask(chat.id, "Say a number")
    desk.backend.says("Two")
    answer = await desk.chats.regenerate(chat.id, first.id)
    await answer.ended()
    (question, second) = await desk.store.messages(chat.id)
    assert second.content == "Two"
    assert second.versions == (first.id, second.id)
    assert desk.backend.requests[1].turns == (Turn("user", "Say a number"),)
    await desk.ask(chat.id, "Thanks")
    desk.backend.says("A letter: a")
    await (await desk.chats.edit(chat.id, question.id, "Say a letter")).ended()
    edited, third = await desk.store.messages(chat.id)
    assert (edited.content, third.content) == ("Say a letter", "A letter: a")
    assert edited.versions == (question.id, edited.id)
    assert desk.backend.requests[3].turns == (Turn("user", "Say a letter"),)
    branch = await desk.store.select(chat.id, question.id)
    assert [message.content for message in branch] == ["Say a number", "Two", "Thanks", "Thanks"]


async def test_question_without_an_answer_can_be_answered(desk: Desk) -> None:
    chat = await desk.chat()
    (question,) = await desk.store.add(chat.id, NewMessage("user", "Anyone?"))
    await (await desk.chats.regenerate(chat.id, question.id)).ended()
    assert await desk.texts(chat.id) == ["Anyone?", "Anyone?"]


async def test_edit_keeps_the_files(desk: Desk) -> None:
    chat = await desk.chat()
    await (await desk.chats.send(chat.id, "Sum up", [attachment_of("a.txt", b"abc")])).ended()
    question = (await desk.store.messages(chat.id))[0]
    await (await desk.chats.edit(chat.id, question.id, "Translate")).ended()
    assert desk.backend.requests[1].turns[0].content == "a.txt:\n```\nabc\n```\n\nTranslate"


async def test_what_makes_no_sense_is_refused(desk: Desk) -> None:
    chat, other = await desk.chat(), await desk.chat()
    (stray,) = await desk.store.add(chat.id, NewMessage("assistant", "Welcome"))
    message = await desk.ask(chat.id, "Hi")
    with pytest.raises(BadRequest):
        await desk.chats.regenerate(chat.id, stray.id)
    with pytest.raises(BadRequest):
        await desk.chats.edit(chat.id, message.id, "Never said")
    with pytest.raises(BadRequest):
        await desk.chats.regenerate(other.id, message.id)
    desk.backend.says(silent=True)
    await desk.chats.send(chat.id, "Long one")
    with pytest.raises(Busy):
        await desk.chats.regenerate(chat.id, message.id)
    with pytest.raises(Busy):
        await desk.chats.edit(chat.id, message.id, "Hello")


async def test_three_chats_at_once_do_not_mix(desk: Desk) -> None:
    chats = [await desk.chat() for _ in range(3)]
    for number in range(3):
        desk.backend.says(*[f"{number}"] * 50, pause_s=0.0005)
    answers = [await desk.chats.send(chat.id, str(n)) for n, chat in enumerate(chats)]
    await asyncio.gather(*(answer.ended() for answer in answers))
    assert desk.backend.most_at_once == 3
    for number, chat in enumerate(chats):
        assert await desk.texts(chat.id) == [str(number), str(number) * 50]


async def test_two_questions_at_the_same_moment(desk: Desk) -> None:
    chat = await desk.chat()
    desk.backend.says("One", pause_s=0.01)
    answers = await asyncio.gather(*(desk.chats.send(chat.id, str(n)) for n in range(5)))
    await asyncio.gather(*(answer.ended() for answer in answers))
    texts = await desk.texts(chat.id)
    assert texts[0] == "0"
    assert set("01234") <= set(texts)
    assert desk.chats.running == desk.chats.waiting == {}


async def test_caller_that_goes_away_does_not_undo_the_question(desk: Desk) -> None:
    chat = await desk.chat()
    sending = asyncio.create_task(desk.chats.send(chat.id, "Hi"))  # noqa: TID251
    while not desk.chats.running:
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await desk.until(AnswerEnded)
    assert await desk.texts(chat.id) == ["Hi", "Hi"]
