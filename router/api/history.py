"""Keeps what is asked and answered over HTTP in a chat of the history, when the client wants it."""

import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator

from router.backends.base import Event, Finished, Request
from router.backends.chat_answer import Answer, closing
from router.errors import BadRequest, Busy, MorpheusError, NotFound, StorageError
from router.inference.library import LocalModel
from router.prompts import title_of
from router.store.chats import ChatStore
from router.store.records import Message, NewMessage, State, Stats

ID_DIGITS = 64
SAVE_EVERY_S = 1.0


class History:
    """The chats that clients write to."""

    def __init__(self, chats: ChatStore) -> None:
        self._chats = chats
        self._answering: set[str] = set()

    async def kept(
        self, events: AsyncIterator[Event], request: Request, model: LocalModel, chat_id: str
    ) -> AsyncGenerator[Event, None]:
        """The same events; the question is saved before it is asked, the answer as it comes.

        However the answer ends, what there is of it is saved.

        Raises:
            Busy: this chat is being answered already.
            NotFound: the chat was deleted.
            StorageError: the question or the end of the answer could not be saved.
        """
        async with closing(events):
            if chat_id in self._answering:
                raise Busy("This chat is being answered already.", hint="Try again later.")
            self._answering.add(chat_id)
            try:
                message = await self._begin(chat_id, model, request)
                recorded = self._recorded(message.id, events)
                async with closing(recorded):
                    async for event in recorded:
                        yield event
            finally:
                self._answering.discard(chat_id)

    async def _recorded(
        self, message_id: int, events: AsyncIterator[Event]
    ) -> AsyncGenerator[Event, None]:
        answer = Answer()
        state: State = "stopped"
        error = ""
        saved_at = time.monotonic()
        try:
            async with closing(events):  # the model stops before anything is saved
                async for event in events:
                    answer.add(event)
                    if isinstance(event, Finished):
                        state = "done"
                    elif time.monotonic() - saved_at > SAVE_EVERY_S:
                        saved_at = time.monotonic()
                        with contextlib.suppress(StorageError):  # the last save tells if it must
                            await self._save(message_id, answer, "writing")
                    yield event
        except MorpheusError as failure:
            state, error = "failed", failure.message
            raise
        finally:
            await self._save(message_id, answer, state, error)

    async def _begin(self, chat_id: str, model: LocalModel, request: Request) -> Message:
        """Save the question and the place of its answer."""
        if not await self._chats.has(chat_id):
            prompt = next((turn.content for turn in request.turns if turn.role == "system"), "")
            await self._chats.create(chat_id=chat_id, model=model.id, system_prompt=prompt)
        elif (await self._chats.get(chat_id)).deleted_at is not None:
            raise NotFound("This chat was deleted.")
        messages = [NewMessage("assistant", state="writing", model=model.name)]
        last = request.turns[-1]
        if last.role == "user":
            messages.insert(0, NewMessage("user", last.content))
        *_, answer = await self._chats.add(chat_id, *messages, title=title_of(last.content))
        return answer

    async def _save(self, message_id: int, answer: Answer, state: State, error: str = "") -> None:
        with contextlib.suppress(NotFound):  # the chat was removed meanwhile
            await self._chats.update(
                message_id,
                content=answer.text,
                reasoning=answer.reasoning,
                state=state,
                error=error,
                stats=_stats(answer),
            )


def _stats(answer: Answer) -> Stats | None:
    end, start = answer.finished, answer.started
    if end is None or start is None:
        return None
    return Stats(
        prompt_tokens=end.prompt_tokens,
        answer_tokens=end.answer_tokens,
        first_token_s=end.first_token_s,
        total_s=end.total_s,
        context_tokens=start.context_tokens,
        dropped_turns=start.dropped_turns,
        finish=end.reason,
    )


def chat_id_from(text: str, param: str) -> str:
    """A chat id as it is stored; empty for none, which all zeros mean too.

    Raises:
        BadRequest: not 64 hex digits, with or without 0x before them.
    """
    digits = text.lower().removeprefix("0x")
    if not text or not digits.strip("0"):
        return ""
    if len(digits) != ID_DIGITS or digits.strip("0123456789abcdef"):
        raise BadRequest("A chat id is 0x and 64 hex digits.", param=param, code="invalid_value")
    return f"0x{digits}"
