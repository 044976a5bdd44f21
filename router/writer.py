"""Lets a backend write one answer and saves it as it comes.

A disk that refuses does not end an answer: it goes on in memory, is told of, and is saved as
soon as the disk lets it.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from router.answer import Answer, ChatEvent, SavingChanged
from router.backends.base import Backend, Event, Request
from router.errors import BackendError, MorpheusError, NotFound, StorageError
from router.events import Emitter
from router.prompts import turns_of
from router.store.records import State
from router.tasks import Tasks

log = logging.getLogger(__name__)

SAVE_EVERY_S = 1.0
RETRY_EVERY_S = 5.0
CLOSE_LIMIT_S = 2.0


class AnswerWriter:
    """Writes answers; `live` are those of which the store does not have all, by message id.

    Args:
        changed: hears every event.
        tasks: own what is started here.
        save_every_s: how often an unfinished answer is saved.
        retry_every_s: how often a finished one is tried again that could not be saved.
    """

    def __init__(
        self,
        backend: Backend,
        changed: Emitter[ChatEvent],
        tasks: Tasks,
        *,
        save_every_s: float = SAVE_EVERY_S,
        retry_every_s: float = RETRY_EVERY_S,
    ) -> None:
        self.live: dict[int, Answer] = {}
        self._backend = backend
        self._changed = changed
        self._tasks = tasks
        self._save_every_s = save_every_s
        self._retry_every_s = retry_every_s

    async def write(self, answer: Answer) -> None:
        """Write one answer that has started; returns when it has ended and saving was tried."""
        self.live[answer.message_id] = answer
        name = f"answer {answer.message_id}"
        saving = self._tasks.spawn(f"save {name}", self._keep_saving(answer))
        reader = self._tasks.spawn(name, self._read(answer))
        answer.reader = reader
        if answer.wanted is not None:  # it was stopped before there was anything to stop
            reader.cancel()
        await self._over(answer, reader)
        saving.cancel()
        self._end(answer, reader)
        if await self._save(answer):
            del self.live[answer.message_id]
        else:
            answer.task = self._tasks.spawn(f"save {name} later", self._save_later(answer))

    async def flush(self) -> None:
        """Try once more to save what could not be saved."""
        for answer in tuple(self.live.values()):
            await self._save(answer)

    async def _over(self, answer: Answer, reader: asyncio.Task[None]) -> None:
        """Wait for the end; a model that does not stop when it should is left behind."""
        stopping = self._tasks.spawn(f"stop {reader.get_name()}", answer.stopping())
        await asyncio.wait({reader, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        _, left = await asyncio.wait({reader}, timeout=CLOSE_LIMIT_S)
        if left:
            log.warning("the model did not stop within %.0f s", CLOSE_LIMIT_S)

    async def _read(self, answer: Answer) -> None:
        """Take in what the backend says, until its end or its failure."""
        try:
            request = await _request(answer)
            async with _events(self._backend, request) as events:
                async for event in events:
                    if answer.wanted is not None:
                        break
                    self._tell(answer.take(event))
        except MorpheusError as error:
            answer.error = error

    def _end(self, answer: Answer, reader: asyncio.Task[None]) -> None:
        """Settle how the answer ended; it has its state already when the backend finished."""
        if answer.wanted is not None and answer.state == "writing":
            state, error = answer.wanted
        elif answer.state == "writing":
            error = answer.error or _unexplained(reader)
            state = _state_after(answer)
        else:
            return
        self._tell(answer.end(state, error))

    async def _keep_saving(self, answer: Answer) -> None:
        while True:
            await asyncio.sleep(self._save_every_s)
            if answer.unsaved:
                await self._save(answer)

    async def _save_later(self, answer: Answer) -> None:
        while answer.unsaved:
            await asyncio.sleep(self._retry_every_s)
            await self._save(answer)
        del self.live[answer.message_id]

    async def _save(self, answer: Answer) -> bool:
        """Write the answer as far as it has come; whether there is nothing left to be saved."""
        message = answer.message
        answer.unsaved = False
        error = None
        try:
            await answer.store.update(
                message.id,
                content=message.content,
                reasoning=message.reasoning,
                state=message.state,
                error=message.error,
                stats=message.stats,
                model=message.model,
                origin=message.origin,
            )
        except NotFound:
            log.info("the chat of an answer was removed while it was being written")
        except StorageError as problem:
            answer.unsaved = True
            error = problem
        if (error is None) != (answer.saving_error is None):
            self._changed.emit(SavingChanged(answer.chat_id, message.id, error))
        answer.saving_error = error
        return error is None

    def _tell(self, event: ChatEvent | None) -> None:
        if event is not None:
            self._changed.emit(event)


async def _request(answer: Answer) -> Request:
    store = answer.store
    chat = await store.get(answer.chat_id)
    path = await store.path(answer.question_id)
    files = {
        file.id: (await store.attachment_data(file.id)).decode("utf-8", "replace")
        for message in path
        for file in message.attachments
        if file.is_text
    }
    return Request(chat.model, turns_of(chat.system_prompt, path, files), sampling=chat.sampling)


@asynccontextmanager
async def _events(backend: Backend, request: Request) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of one answer; leaving the block, for whatever reason, stops the model."""
    events = backend.complete(request)
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _state_after(answer: Answer) -> State:
    return "cut_off" if answer.text or answer.reasoning else "failed"


def _unexplained(reader: asyncio.Task[None]) -> MorpheusError:
    """Why an answer ended that neither finished nor failed in a way we know."""
    if reader.cancelled() or reader.exception() is None:
        return BackendError(
            "The answer ended before it was complete.", hint="Try again to get a whole answer."
        )
    return BackendError(
        "The answer could not be completed because of an error in the app.",
        safe="Your question and what was written are kept.",
        hint="Try again; the details are in Diagnostics.",
    )
