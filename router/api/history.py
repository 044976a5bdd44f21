"""Keeps what is asked and answered over HTTP in a chat of the history, when the client wants it."""

import contextlib
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from router.backends.base import Event, Finished, Origin, Request
from router.backends.chat_answer import Answer, closing
from router.errors import BadRequest, Busy, MorpheusError, NotFound, StorageError
from router.prompts import title_of
from router.store.chats import ChatStore
from router.store.records import Message, NewMessage, State, Stats

ID_DIGITS = 64
SAVE_EVERY_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True)
class Author:
    """Who answers.

    Args:
        id: of the model that the chat goes on with. name: for people.
        provider, session_id, price_per_second, is_direct: of the network; see store.records.Stats.
    """

    id: str
    name: str
    origin: Origin = "local"
    provider: str = ""
    session_id: str = ""
    price_per_second: int = 0
    is_direct: bool = False


class History:
    """The chats that clients write to."""

    def __init__(self, chats: ChatStore) -> None:
        self._chats = chats
        self._answering: set[str] = set()

    async def kept(
        self,
        answers: AsyncIterator[T],
        request: Request,
        author: Author,
        chat_id: str,
        said: Callable[[T], Iterable[Event]],
    ) -> AsyncGenerator[T, None]:
        """The same answers; the question is saved before it is asked, the answer as it comes.

        However the answer ends, what there is of it is saved.

        Args:
            said: the events in a part of the answer.

        Raises:
            Busy: this chat is being answered already.
            NotFound: the chat was deleted.
            StorageError: the question or the end of the answer could not be saved.
        """
        async with closing(answers):
            if chat_id in self._answering:
                raise Busy("This chat is being answered already.", hint="Try again later.")
            self._answering.add(chat_id)
            try:
                message = await self._begin(chat_id, author, request)
                recorded = self._recorded(message.id, answers, author, said)
                async with closing(recorded):
                    async for part in recorded:
                        yield part
            finally:
                self._answering.discard(chat_id)

    async def _recorded(
        self,
        message_id: int,
        answers: AsyncIterator[T],
        author: Author,
        said: Callable[[T], Iterable[Event]],
    ) -> AsyncGenerator[T, None]:
        answer = Answer()
        state: State = "stopped"
        error = ""
        saved_at = time.monotonic()
        try:
            async with closing(answers):  # the model stops before anything is saved
                async for part in answers:
                    for event in said(part):
                        answer.add(event)
                        if isinstance(event, Finished):
                            state = "done"
                    if state != "done" and time.monotonic() - saved_at > SAVE_EVERY_S:
                        saved_at = time.monotonic()
                        with contextlib.suppress(StorageError):  # the last save tells if it must
                            await self._save(message_id, answer, author, "writing")
                    yield part
        except MorpheusError as failure:
            state, error = "failed", failure.message
            raise
        finally:
            await self._save(message_id, answer, author, state, error)

    async def _begin(self, chat_id: str, author: Author, request: Request) -> Message:
        """Save the question and the place of its answer."""
        if not await self._chats.has(chat_id):
            prompt = next((turn.content for turn in request.turns if turn.role == "system"), "")
            await self._chats.create(chat_id=chat_id, model=author.id, system_prompt=prompt)
        elif (await self._chats.get(chat_id)).deleted_at is not None:
            raise NotFound("This chat was deleted.")
        messages = [
            NewMessage("assistant", state="writing", model=author.name, origin=author.origin)
        ]
        last = request.turns[-1]
        if last.role == "user":
            messages.insert(0, NewMessage("user", last.content))
        *_, answer = await self._chats.add(chat_id, *messages, title=title_of(last.content))
        return answer

    async def _save(
        self, message_id: int, answer: Answer, author: Author, state: State, error: str = ""
    ) -> None:
        with contextlib.suppress(NotFound):  # the chat was removed meanwhile
            await self._chats.update(
                message_id,
                content=answer.text,
                reasoning=answer.reasoning,
                state=state,
                error=error,
                stats=_stats(answer, author),
            )


def _stats(answer: Answer, author: Author) -> Stats | None:
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
        provider=author.provider,
        session_id=author.session_id,
        cost=author.price_per_second * math.ceil(end.total_s),
        is_direct=author.is_direct,
        claimed=end.claimed,
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
