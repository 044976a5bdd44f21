"""router.writer: one answer is written and saved, however the backend or the disk behaves."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router import writer
from router.answer import Answer, ChatEvent, SavingChanged
from router.backends.base import AnsweredBy, Delta, Event, Request, Rerouted, Started
from router.errors import BackendError, StorageError
from router.events import Emitter
from router.store.attachments import attachment_of
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message, NewMessage
from router.tasks import Tasks
from router.writer import AnswerWriter
from tests.support.scripted_backend import ScriptedBackend


class BadDisk(ChatStore):
    """A store whose next saves fail."""

    failures = 0
    saves = 0

    async def update(self, *args: Any, **options: Any) -> Message:
        """Change a message, or fail as a full disk does."""
        self.saves += 1
        if self.failures:
            self.failures -= 1
            raise StorageError("There is no space left.")
        return await super().update(*args, **options)


class Desk:
    """A writer and one answer that has started."""

    def __init__(self, store: BadDisk, backend: Any) -> None:
        self.store = store
        self.tasks = Tasks()
        self.told: list[ChatEvent] = []
        changed: Emitter[ChatEvent] = Emitter()
        changed.subscribe(self.told.append)
        self.writer = AnswerWriter(
            backend, changed, self.tasks, save_every_s=0.001, retry_every_s=0.001
        )

    async def answer(self, *questions: NewMessage) -> Answer:
        chat = await self.store.create(system_prompt="S")
        questions = questions or (NewMessage("user", "Hi"),)
        row = (await self.store.add(chat.id, *questions, NewMessage("assistant", state="writing")))[
            -1
        ]
        answer = Answer(chat.id, self.store)
        answer.start(row)
        return answer

    def saving(self) -> list[bool]:
        return [event.error is None for event in self.told if isinstance(event, SavingChanged)]


@pytest.fixture
async def store() -> AsyncIterator[BadDisk]:
    database = Database(None)
    await database.open()
    yield BadDisk(database)
    await database.close()


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
async def desk(store: BadDisk, backend: ScriptedBackend) -> AsyncIterator[Desk]:
    desk = Desk(store, backend)
    yield desk
    await desk.tasks.close()


async def test_whole_answer_is_saved(desk: Desk, backend: ScriptedBackend) -> None:
    backend.says("Good", " day")
    file = attachment_of("a.txt", b"content")
    answer = await desk.answer(NewMessage("user", "Hi", attachments=(file,)))
    await desk.writer.write(answer)
    saved = await desk.store.message(answer.message_id)
    assert (saved.content, saved.state) == ("Good day", "done")
    assert saved == answer.message
    assert desk.writer.live == {}
    assert [turn.role for turn in backend.requests[0].turns] == ["system", "user"]
    assert "content" in backend.requests[0].turns[1].content


async def test_stopped_before_it_began(desk: Desk, backend: ScriptedBackend) -> None:
    answer = await desk.answer()
    answer.stop()
    await desk.writer.write(answer)
    assert (await desk.store.message(answer.message_id)).state == "stopped"


async def test_nothing_new_is_not_saved_again(desk: Desk, backend: ScriptedBackend) -> None:
    hold = asyncio.Event()
    backend.says("x", hold=hold)
    answer = await desk.answer()
    writing = desk.tasks.spawn("write", desk.writer.write(answer))
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert desk.store.saves == 0
    hold.set()
    await writing
    assert desk.store.saves <= 2


async def test_saving_is_tried_until_it_works(desk: Desk, backend: ScriptedBackend) -> None:
    backend.says("text")
    answer = await desk.answer()
    desk.store.failures = 5
    await desk.writer.write(answer)
    assert answer.unsaved
    assert desk.writer.live == {answer.message_id: answer}
    assert answer.task is not None
    await answer.task
    assert desk.saving() == [False, True]
    assert desk.writer.live == {}
    assert (await desk.store.message(answer.message_id)).content == "text"


async def test_flush_tries_once(desk: Desk, backend: ScriptedBackend) -> None:
    desk.writer = AnswerWriter(backend, Emitter(), desk.tasks, retry_every_s=600)
    backend.says("text")
    answer = await desk.answer()
    desk.store.failures = 1
    await desk.writer.write(answer)
    await desk.writer.flush()
    assert not answer.unsaved
    assert (await desk.store.message(answer.message_id)).content == "text"


async def test_chat_that_is_removed_meanwhile(desk: Desk, backend: ScriptedBackend) -> None:
    hold = asyncio.Event()
    backend.says("text", hold=hold)
    answer = await desk.answer()
    writing = desk.tasks.spawn("write", desk.writer.write(answer))
    while answer.reader is None or not backend.requests:
        await asyncio.sleep(0)
    await desk.store.delete(answer.chat_id)
    await desk.store.purge()
    hold.set()
    await writing
    assert (answer.text, answer.saving_error, desk.writer.live) == ("text", None, {})


class Stubborn:
    """A backend that hangs when it should stop, or goes on talking.

    Args:
        hangs: for ever, at the first wish to stop.
    """

    def __init__(self, *, hangs: bool) -> None:
        self.hangs = hangs

    async def complete(self, request: Request) -> AsyncIterator[Event]:
        """Say one word, and ignore that nobody listens."""
        yield Started(1, 100)
        yield Delta("word")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.hangs:
                await asyncio.Event().wait()
        yield Delta("not wanted")


async def stopped_in_the_middle(desk: Desk) -> Answer:
    answer = await desk.answer()
    writing = desk.tasks.spawn("write", desk.writer.write(answer))
    while not answer.text:
        await asyncio.sleep(0)
    answer.stop()
    await writing
    assert (answer.state, answer.text) == ("stopped", "word")
    assert (await desk.store.message(answer.message_id)).state == "stopped"
    await desk.tasks.close()
    return answer


async def test_backend_that_hangs_is_left_behind(
    store: BadDisk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "CLOSE_LIMIT_S", 0.01)
    await stopped_in_the_middle(Desk(store, Stubborn(hangs=True)))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("the model did not stop")


async def test_nothing_is_taken_in_after_a_stop(store: BadDisk) -> None:
    answer = await stopped_in_the_middle(Desk(store, Stubborn(hangs=False)))
    assert answer.text == "word"


@pytest.mark.parametrize(("pieces", "state"), [((), "failed"), (("some",), "cut_off")])
async def test_failure_decides_the_state(
    desk: Desk, backend: ScriptedBackend, pieces: tuple[str, ...], state: str
) -> None:
    error = BackendError("It broke.")
    backend.says(*pieces, error=error)
    answer = await desk.answer()
    await desk.writer.write(answer)
    assert (answer.state, answer.error) == (state, error)
    assert (await desk.store.message(answer.message_id)).error.startswith("It broke.")


async def test_who_answered_is_saved(desk: Desk, backend: ScriptedBackend) -> None:
    by = AnsweredBy("remote", "Llama", "0xA1", "0x51")
    backend.says("text", first=(Rerouted("B", "Llama", "It was silent.", 1.0), by))
    answer = await desk.answer()
    await desk.writer.write(answer)
    saved = await desk.store.message(answer.message_id)
    assert (saved.model, saved.origin) == ("Llama", "remote")
    assert saved.stats is not None
    assert (saved.stats.provider, saved.stats.session_id) == ("0xA1", "0x51")
    assert saved.stats.rerouted.startswith("B failed")
    assert (await desk.store.get(answer.chat_id)).origin == "remote"
