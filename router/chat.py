"""Asking and answering: a question is saved, sent, and its answer saved as it comes.

Life of a question: `send` writes it and an empty answer to disk in one transaction; then the
conversation goes to the backend; the text is saved about every second, and once more with its
end. Several chats can be answered at once; a question in a chat that is being answered waits.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from router.answer import Answer, AnswerEnded, AnswerStarted, AnswerWaiting, ChatEvent, NotSent
from router.backends.base import Backend
from router.backends.routing import is_remote
from router.errors import BackendError, BadRequest, Busy, MorpheusError, StorageError
from router.events import Emitter
from router.prompts import title_of
from router.store.chats import ChatStore
from router.store.records import Attachment, Message, NewMessage
from router.tasks import Tasks
from router.writer import RETRY_EVERY_S, SAVE_EVERY_S, AnswerWriter

log = logging.getLogger(__name__)

LONGEST_QUESTION = 2_000_000  # letters
UNDO_S = 10.0
PURGE_LIMIT_S = 1.0
APP_ENDED = "The app ended while this answer was being written."


@dataclass(frozen=True)
class _Question:
    """What is saved before a model is asked: messages, where they go, the chat's title."""

    messages: tuple[NewMessage, ...] = ()
    parent_id: int | None = None
    follow: bool = True
    title: str = ""


class Conversations:
    """All chats that are asked and answered, saved ones and temporary ones.

    `running` has the answer that is being written in each chat, `waiting` the one that comes
    next. `changed` tells how answers go; of what is saved the stores tell.

    Args:
        name_of: the name people know a model by, from its id ("" is the default model).
        save_every_s, retry_every_s: how often an answer is saved while it is written, and
            tried again when it could not be saved.
        undo_s: how long a deleted chat can be restored.
    """

    def __init__(
        self,
        store: ChatStore,
        temporary: ChatStore,
        backend: Backend,
        *,
        name_of: Callable[[str], str] = str,
        save_every_s: float = SAVE_EVERY_S,
        retry_every_s: float = RETRY_EVERY_S,
        undo_s: float = UNDO_S,
    ) -> None:
        self.changed: Emitter[ChatEvent] = Emitter()
        self.running: dict[str, Answer] = {}
        self.waiting: dict[str, Answer] = {}
        self._store = store
        self._temporary = temporary
        self._name_of = name_of
        self._undo_s = undo_s
        self._closing = False
        self._purges: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks()
        self._writer = AnswerWriter(
            backend,
            self.changed,
            self._tasks,
            save_every_s=save_every_s,
            retry_every_s=retry_every_s,
        )

    async def recover(self) -> None:
        """Settle what the last run left: answers nobody writes any more, deleted chats."""
        self._closing = False
        cut_off = await self._store.recover(APP_ENDED)
        if cut_off:
            log.info("%d answers were cut off when the app ended", cut_off)
        self._purges[""] = self._tasks.spawn("purge deleted chats", self._purge(self._store))

    async def close(self) -> None:
        """End all answers, keeping what there is, and remove deleted chats."""
        self._closing = True
        self._store.database.hurry()
        for chat_id in tuple(self.waiting):
            self._drop(chat_id)
        answers = list(self.running.values())
        for answer in answers:
            answer.stop("cut_off", BackendError(APP_ENDED))
        await asyncio.gather(*(answer.ended() for answer in answers))
        await self._writer.flush()
        await self._tasks.close()
        opened = [s for s in (self._store, self._temporary) if s.database.is_open]
        for store in opened:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PURGE_LIMIT_S):
                    await self._purge(store)

    async def send(self, chat_id: str, text: str, attachments: Sequence[Attachment] = ()) -> Answer:
        """Ask something at the end of the branch in view.

        The question is on disk when this returns. While the chat is being answered it waits,
        and goes out together with others that wait when that answer ends.

        Raises:
            BadRequest: nothing to send, or something that cannot be sent.
            StorageError: it could not be saved; nothing was sent.
            NotFound: there is no such chat.
        """
        check_question(text, attachments)
        title = title_of(text) or next((file.name for file in attachments), "")
        message = NewMessage("user", text, attachments=tuple(attachments))
        question = _Question((message,), title=title)
        store = await self.store_of(chat_id)
        if chat_id in self.running:
            return await self._enqueue(store, chat_id, question)
        return await self._begin(store, chat_id, question)

    async def regenerate(self, chat_id: str, message_id: int) -> Answer:
        """Answer a question once more; the other answers stay as versions.

        Args:
            message_id: the question, or any answer to it.

        Raises:
            Busy: the chat is being answered.
            StorageError, NotFound, BadRequest
        """
        store, message = await self._idle(chat_id, message_id)
        question_id = message.id if message.role == "user" else message.parent_id
        if question_id is None:
            raise BadRequest("There is no question before this message to answer again.")
        return await self._begin(store, chat_id, _Question(parent_id=question_id))

    async def edit(self, chat_id: str, message_id: int, text: str) -> Answer:
        """Ask a question in other words; the old one and its answers stay as a version.

        Raises:
            Busy: the chat is being answered.
            StorageError, NotFound, BadRequest
        """
        store, message = await self._idle(chat_id, message_id)
        if message.role != "user":
            raise BadRequest("Only a question can be edited.")
        files = [
            replace(file, data=await store.attachment_data(file.id)) for file in message.attachments
        ]
        check_question(text, files)
        question = NewMessage("user", text, attachments=tuple(files))
        return await self._begin(
            store, chat_id, _Question((question,), parent_id=message.parent_id or 0)
        )

    async def stop(self, chat_id: str) -> Message | None:
        """Stop the answer of a chat and keep its text; returns it when it is saved.

        A question that waits goes out then. None when nothing is being written.
        """
        answer = self.running.get(chat_id)
        if answer is None:
            return None
        answer.stop()
        await answer.ended()
        return answer.message if answer.has_started else None

    async def messages(self, chat_id: str) -> tuple[Message, ...]:
        """The branch in view, with all that was written up to now."""
        found = await (await self.store_of(chat_id)).messages(chat_id)
        live = self._writer.live
        return tuple(live[m.id].message if m.id in live else m for m in found)

    async def delete(self, chat_id: str) -> None:
        """Delete a chat; `restore` brings it back for `undo_s`, after that it is wiped."""
        store = await self.store_of(chat_id)
        self._drop(chat_id)
        await self.stop(chat_id)
        await store.delete(chat_id)
        self._purges[chat_id] = self._tasks.spawn(
            f"purge {chat_id[:10]}", self._purge_later(store, chat_id)
        )

    async def restore(self, chat_id: str) -> None:
        """Undo `delete`.

        Raises:
            NotFound: it was wiped already.
        """
        if (purge := self._purges.pop(chat_id, None)) is not None:
            purge.cancel()
        await (await self.store_of(chat_id)).restore(chat_id)

    async def discard(self, chat_id: str) -> None:
        """Wipe a chat at once: how a temporary one ends."""
        store = await self.store_of(chat_id)
        self._drop(chat_id)
        await self.stop(chat_id)
        await store.delete(chat_id)
        await store.purge(chat_id)

    async def store_of(self, chat_id: str) -> ChatStore:
        """The store that a chat is in; the saved chats' one when it is in neither."""
        return self._temporary if await self._temporary.has(chat_id) else self._store

    async def _idle(self, chat_id: str, message_id: int) -> tuple[ChatStore, Message]:
        if chat_id in self.running:
            raise _busy()
        store = await self.store_of(chat_id)
        message = await store.message(message_id)
        if message.chat_id != chat_id:
            raise BadRequest("This message belongs to another chat.")
        return store, message

    async def _enqueue(self, store: ChatStore, chat_id: str, question: _Question) -> Answer:
        """Save a question that goes out when the answer before it ends."""
        answer = self.waiting.setdefault(chat_id, Answer(chat_id, store))
        await self.running[chat_id].started()  # its question comes first
        try:
            (saved,) = await store.add(chat_id, *question.messages, title=question.title)
        except MorpheusError:
            if not answer.question_id:
                self._drop(chat_id)
            raise
        answer.question_id = saved.id
        self.changed.emit(AnswerWaiting(chat_id, saved.id))
        self._next(chat_id)
        return answer

    def _next(self, chat_id: str) -> None:
        """Send the question that waits in a chat, if nothing is being answered there."""
        answer = self.waiting.get(chat_id)
        if answer is None or not answer.question_id or chat_id in self.running:
            return
        del self.waiting[chat_id]
        question = _Question(parent_id=answer.question_id, follow=False)
        self._launch(answer, question).add_done_callback(
            lambda saved: self._not_sent(answer, saved.result())
        )

    def _not_sent(self, answer: Answer, error: MorpheusError | None) -> None:
        if error is not None:
            self.changed.emit(NotSent(answer.chat_id, answer.question_id, error))

    async def _begin(self, store: ChatStore, chat_id: str, question: _Question) -> Answer:
        """Save a question with its empty answer, and have it written.

        A caller that goes away does not undo it.
        """
        if chat_id in self.running:
            raise _busy()
        answer = Answer(chat_id, store)
        if (error := await asyncio.shield(self._launch(answer, question))) is not None:
            raise error
        return answer

    def _launch(self, answer: Answer, question: _Question) -> asyncio.Future[MorpheusError | None]:
        """Start the whole of an answer; the future tells when it is on disk, or why not."""
        self.running[answer.chat_id] = answer
        saved: asyncio.Future[MorpheusError | None] = asyncio.get_running_loop().create_future()
        answer.task = self._tasks.spawn(
            f"chat {answer.chat_id[:10]}", self._answer(answer, question, saved)
        )
        return saved

    async def _answer(
        self,
        answer: Answer,
        question: _Question,
        saved: asyncio.Future[MorpheusError | None],
    ) -> None:
        try:
            try:
                answer.start(await self._save_question(answer, question))
            except MorpheusError as error:
                answer.end("failed", error)
                saved.set_result(error)
                return
            saved.set_result(None)
            self.changed.emit(AnswerStarted(answer.chat_id, answer.message))
            await self._writer.write(answer)
        finally:
            del self.running[answer.chat_id]
            answer.close()
            if answer.has_started:
                self.changed.emit(
                    AnswerEnded(answer.chat_id, answer.message, answer.error, not answer.unsaved)
                )
            if not self._closing:
                self._next(answer.chat_id)

    async def _save_question(self, answer: Answer, question: _Question) -> Message:
        chat = await answer.store.get(answer.chat_id)
        empty = NewMessage(
            "assistant",
            state="writing",
            model=self._shown(chat.model),
            origin="remote" if is_remote(chat.model) else "local",
        )
        added = await answer.store.add(
            answer.chat_id,
            *question.messages,
            empty,
            parent_id=question.parent_id,
            follow=question.follow,
            title=question.title,
        )
        return added[-1]

    def _shown(self, model: str) -> str:
        """The model's name; asking it will tell what is wrong with one that is not there."""
        try:
            return self._name_of(model)
        except MorpheusError:
            return model

    def _drop(self, chat_id: str) -> None:
        """Forget the question that waits in a chat; it stays in the chat, unanswered."""
        if (answer := self.waiting.pop(chat_id, None)) is not None:
            answer.end("stopped")
            answer.close()

    async def _purge_later(self, store: ChatStore, chat_id: str) -> None:
        await asyncio.sleep(self._undo_s)
        self._purges.pop(chat_id, None)
        await self._purge(store, chat_id)

    async def _purge(self, store: ChatStore, *chat_ids: str) -> None:
        """Wipe deleted chats; what fails is done at the next start."""
        try:
            await store.purge(*chat_ids)
        except StorageError as error:
            log.warning("deleted chats could not be wiped yet: %s", error)


def check_question(text: str, attachments: Sequence[Attachment]) -> None:
    """Refuse what cannot be sent.

    Raises:
        BadRequest: it is empty, too long, or a file is not text.
    """
    if not text.strip() and not attachments:
        raise BadRequest("There is nothing to send yet.", hint="Write a message first.")
    if len(text) > LONGEST_QUESTION:
        raise BadRequest(
            f"The message is longer than {LONGEST_QUESTION:,} letters, the most that can be sent.",
            hint="Shorten it, or attach the text as a file.",
        )
    for file in attachments:
        if not file.is_text:
            raise BadRequest(
                f"{file.name} is not a text file, and local models read only text.",
                safe="Nothing was sent.",
                hint="Remove it, then send again.",
            )


def _busy() -> Busy:
    return Busy("This chat is being answered.", hint="Stop the answer, then try again.")
