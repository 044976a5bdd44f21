"""Keeps what is asked and answered over HTTP in a chat of the history, when the client wants it."""

from collections.abc import AsyncGenerator

from router.api.answering import Answer, closing
from router.backends.base import Backend, Event, Finished, Request
from router.errors import BadRequest, Busy, MorpheusError, NotFound
from router.inference.library import LocalModel
from router.store.chats import ChatStore
from router.store.records import Message, NewMessage, State, Stats
from router.untrusted import one_line

ID_DIGITS = 64


class History:
    """The chats that clients write to."""

    def __init__(self, chats: ChatStore) -> None:
        self._chats = chats
        self._answering: set[str] = set()

    async def answer(
        self, backend: Backend, model: LocalModel, chat_id: str, request: Request
    ) -> AsyncGenerator[Event, None]:
        """The events of an answer; the question is saved before it is asked.

        However the answer ends, what there is of it is saved too.

        Raises:
            Busy: this chat is being answered already.
            NotFound: the chat was deleted.
        """
        if chat_id in self._answering:
            raise Busy("This chat is being answered already.", hint="Try again when it is done.")
        self._answering.add(chat_id)
        try:
            message = await self._begin(chat_id, model, request)
            answer = Answer()
            state: State = "stopped"
            error = ""
            try:
                events = backend.complete(request)
                async with closing(events):
                    async for event in events:
                        answer.add(event)
                        if isinstance(event, Finished):
                            state = "done"
                        yield event
            except MorpheusError as failure:
                state, error = "failed", failure.message
                raise
            finally:
                await self._end(message, answer, state, error)
        finally:
            self._answering.discard(chat_id)

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
        *_, answer = await self._chats.add(chat_id, *messages, title=one_line(last.content))
        return answer

    async def _end(self, message: Message, answer: Answer, state: State, error: str) -> None:
        await self._chats.update(
            message.id,
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
