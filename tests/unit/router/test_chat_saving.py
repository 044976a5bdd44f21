"""router.chat: full disks, ends, starts, deletions: what was said stays, what was deleted goes."""

import asyncio
from pathlib import Path

import pytest

from router.answer import (
    Answer,
    AnswerDelta,
    AnswerEnded,
    NotSent,
    SavingChanged,
)
from router.chat import Conversations
from router.errors import Busy, NotFound, StorageError
from router.store.attachments import attachment_of
from router.store.db import HURRIED_MS
from router.store.records import NewMessage
from tests.support.conversation_desk import Desk


async def test_full_disk_refuses_a_question_and_keeps_the_rest(desk: Desk) -> None:
    chat = await desk.chat()
    await desk.ask(chat.id, "Before")
    await desk.break_disk(broken=True)
    with pytest.raises(StorageError) as caught:
        await desk.chats.send(chat.id, "x" * 50_000)
    assert "no space" in caught.value.message
    assert caught.value.safe
    assert (desk.chats.running, len(desk.backend.requests)) == ({}, 1)
    await desk.break_disk(broken=False)
    await desk.ask(chat.id, "After")
    assert await desk.texts(chat.id) == ["Before", "Before", "After", "After"]


async def test_full_disk_does_not_end_an_answer(desk: Desk) -> None:
    hold = asyncio.Event()
    text = "y" * 100_000
    desk.backend.says(text, "!", hold=hold)
    chat = await desk.chat()
    answer = await desk.chats.send(chat.id, "Hi")
    await desk.break_disk(broken=True)
    hold.set()
    await answer.ended()
    assert answer.message.content == text + "!"
    assert answer.state == "done"
    (ended,) = [event for event in desk.events if isinstance(event, AnswerEnded)]
    assert not ended.saved
    assert isinstance(desk.events[-1 if desk.events[-1] is not ended else -2], SavingChanged)
    assert (await desk.store.message(answer.message_id)).state == "writing"
    (_, shown) = await desk.chats.messages(chat.id)
    assert (shown.content, shown.state) == (text + "!", "done")
    await desk.break_disk(broken=False)
    await desk.until(SavingChanged, count=2)
    first, last = [event for event in desk.events if isinstance(event, SavingChanged)]
    assert first.error is not None
    assert last.error is None
    assert (await desk.store.message(answer.message_id)).content == text + "!"
    assert await desk.chats.messages(chat.id) == await desk.store.messages(chat.id)


async def test_closing_tries_once_more_to_save(desk: Desk) -> None:
    desk.chats = Conversations(
        desk.store, desk.temporary, desk.backend, save_every_s=60, retry_every_s=60
    )
    hold = asyncio.Event()
    desk.backend.says("z" * 100_000, hold=hold)
    chat = await desk.chat()
    answer = await desk.chats.send(chat.id, "Hi")
    await desk.break_disk(broken=True)
    hold.set()
    await answer.ended()
    await desk.break_disk(broken=False)
    await desk.chats.close()
    assert (await desk.texts(chat.id))[-1] == "z" * 100_000


async def test_waiting_question_that_cannot_be_sent_is_told(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.backend.says("One", hold=hold)
    chat = await desk.chat()
    await desk.chats.send(chat.id, "First")
    second = await desk.chats.send(chat.id, "Second")

    await desk.store.delete(chat.id)
    await desk.store.purge(chat.id)
    hold.set()
    await second.ended()
    (event,) = [event for event in desk.events if isinstance(event, NotSent)]
    assert event.question_id == second.question_id
    assert isinstance(event.error, NotFound)
    assert not second.has_started


async def test_closing_keeps_half_an_answer(desk: Desk) -> None:
    desk.backend.says("Half", silent=True)
    chat = await desk.chat()
    await desk.chats.send(chat.id, "Hi")
    waiting = await desk.chats.send(chat.id, "And then?")
    await desk.until(AnswerDelta)
    await desk.chats.close()
    await waiting.ended()
    _, answer, question = await desk.store.messages(chat.id)
    assert (answer.content, answer.state) == ("Half", "cut_off")
    assert "ended while" in answer.error
    assert question.content == "And then?"
    assert len(desk.backend.requests) == 1


async def test_start_settles_what_was_left(desk: Desk) -> None:
    chat, gone = await desk.chat(), await desk.chat()
    await desk.store.add(
        chat.id, NewMessage("user", "Hi"), NewMessage("assistant", "Half", state="writing")
    )
    await desk.store.delete(gone.id)
    conversations = desk.new()
    await conversations.recover()
    (_, answer) = await desk.store.messages(chat.id)
    assert (answer.state, answer.content) == ("cut_off", "Half")
    assert answer.error == "The app ended while this answer was being written."
    await conversations.close()
    assert not await desk.store.has(gone.id)


async def test_delete_can_be_undone_and_then_wipes(desk: Desk) -> None:
    chat, later = await desk.chat(), await desk.chat()
    purged: dict[str, asyncio.Event] = {each.id: asyncio.Event() for each in (chat, later)}
    desk.store.changed.subscribe(lambda e: e.what == "purged" and purged[e.chat_id].set())
    desk.backend.says("Half", silent=True)
    await desk.chats.send(chat.id, "Hi")
    await desk.chats.delete(chat.id)
    assert desk.chats.running == {}
    assert [found.id for found in await desk.store.list()] == [later.id]
    await desk.chats.restore(chat.id)
    await desk.chats.delete(later.id)
    assert [found.id for found in await desk.store.list()] == [chat.id]
    async with asyncio.timeout(30):
        await purged[later.id].wait()
    # What was deleted first would have gone first, had it not been restored.
    assert await desk.store.has(chat.id)
    await desk.chats.delete(chat.id)
    async with asyncio.timeout(30):
        await purged[chat.id].wait()
    with pytest.raises(NotFound):
        await desk.chats.restore(chat.id)


async def test_temporary_chat_leaves_no_bytes(desk: Desk, tmp_path: Path) -> None:
    chat = await desk.temporary.create(system_prompt="quagmire system")
    await desk.temporary.save_draft(chat.id, "quagmire draft")
    file = attachment_of("quagmire.txt", b"quagmire in a file")
    desk.backend.says("<think>quagmire thought</think>", "quagmire " * 5_000)
    answer = await desk.chats.send(chat.id, "quagmire question", [file])
    await answer.ended()
    assert next(iter(await desk.temporary.search("quagmire"))).chat_id == chat.id
    assert await desk.store.search("quagmire") == ()
    kept = await desk.chat()
    await desk.ask(kept.id, "zanzibar")
    await desk.chats.discard(chat.id)
    assert not await desk.temporary.has(chat.id)
    found = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(b"zanzibar" in data for data in found.values())
    assert not [path for path, data in found.items() if b"uagmire" in data]


async def test_waiting_question_that_cannot_be_saved_does_not_wait(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.backend.says("One", hold=hold)
    chat = await desk.chat()
    first = await desk.chats.send(chat.id, "First")
    await desk.break_disk(broken=True)
    with pytest.raises(StorageError):
        await desk.chats.send(chat.id, "x" * 100_000)
    assert desk.chats.waiting == {}
    await desk.break_disk(broken=False)
    hold.set()
    await first.ended()
    assert await desk.texts(chat.id) == ["First", "One"]


async def test_one_of_two_edits_at_the_same_moment_is_refused(desk: Desk) -> None:
    chat = await desk.chat()
    await desk.ask(chat.id, "First")
    question = (await desk.store.messages(chat.id))[0]
    edits = (desk.chats.edit(chat.id, question.id, text) for text in ("Second", "Third"))
    answer, refused = await asyncio.gather(*edits, return_exceptions=True)
    assert isinstance(refused, Busy)
    assert isinstance(answer, Answer)
    await answer.ended()
    assert await desk.texts(chat.id) == ["Second", "Second"]


async def test_closing_waits_for_no_other_program(desk: Desk) -> None:
    await desk.chats.close()
    query = "PRAGMA busy_timeout"
    assert await desk.database.run(lambda c: c.execute(query).fetchone()) == (HURRIED_MS,)


async def test_what_cannot_be_wiped_is_wiped_at_the_next_start(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    chat = await desk.chat()
    await desk.chats.delete(chat.id)
    await desk.database.run(lambda connection: connection.execute("PRAGMA query_only = 1"))
    await desk.chats.close()
    assert "deleted chats could not be wiped yet" in caplog.text
    await desk.database.close()
    await desk.database.open()
    assert await desk.store.has(chat.id)
    conversations = desk.new()
    await conversations.recover()
    await conversations.close()
    assert not await desk.store.has(chat.id)
