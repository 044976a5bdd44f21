"""What the addresses that let a model write have in common."""

import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from router.api.request_log import Draft
from router.backends.base import Called, Delta, Event, Finished, Started, ToolCall
from router.backends.reasoning import ReasoningSplitter
from router.errors import BackendError


@contextlib.asynccontextmanager
async def closing(events: AsyncIterator[Event]) -> AsyncIterator[None]:
    """Leaving the block, for whatever reason, stops the model."""
    try:
        yield
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def without_thoughts(events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """The same events with what the model thinks aloud (<think>) as reasoning, not as text."""
    splitter = ReasoningSplitter()
    async with closing(events):
        async for event in events:
            if isinstance(event, Delta):
                text, reasoning = splitter.feed(event.text)
                yield replace(event, text=text, reasoning=event.reasoning + reasoning)
                continue
            if isinstance(event, Called | Finished):
                text, reasoning = splitter.end()
                yield Delta(text, reasoning, tokens=0)
            yield event


@dataclass
class Answer:
    """An answer as far as it has come."""

    started: Started | None = None
    finished: Finished | None = None
    calls: tuple[ToolCall, ...] = ()
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case Started():
                self.started = event
            case Delta(text=text, reasoning=reasoning):
                self._text.append(text)
                self._reasoning.append(reasoning)
            case Called(calls=calls):
                self.calls += calls
            case Finished():
                self.finished = event

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """What was thought before the text, so far."""
        return "".join(self._reasoning)

    @property
    def reason(self) -> str:
        """Why it ended, in OpenAI's words.

        Raises:
            BackendError: it did not end.
        """
        if self.calls:
            return "tool_calls"
        return self._end.reason

    @property
    def usage(self) -> dict[str, int]:
        """The tokens it took, in OpenAI's shape."""
        end = self._end
        return usage(end.prompt_tokens, end.answer_tokens)

    def note(self, draft: Draft) -> None:
        """Write the tokens and the text into the draft of the log.

        Raises:
            BackendError: it did not end.
        """
        end = self._end
        draft.used(end.prompt_tokens, end.answer_tokens)
        draft.answered(self.text)

    @property
    def _end(self) -> Finished:
        if self.finished is None:
            raise BackendError("The model stopped without finishing its answer.")
        return self.finished


def usage(prompt_tokens: int, answer_tokens: int) -> dict[str, int]:
    """A count of tokens in OpenAI's shape."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": answer_tokens,
        "total_tokens": prompt_tokens + answer_tokens,
    }


def new_id(prefix: str) -> str:
    """A name for one answer."""
    return f"{prefix}-{secrets.token_hex(12)}"


def headers_of(started: Started | None) -> dict[str, str]:
    """Tells in a header when the oldest messages did not fit the model's context."""
    if started is None or not started.dropped_turns:
        return {}
    return {"X-Dropped-Messages": str(started.dropped_turns)}


def calls_json(calls: tuple[ToolCall, ...], *, first: int | None = None) -> list[dict[str, Any]]:
    """Calls in OpenAI's shape; with `first` they carry their index, as chunks need it."""
    return [
        {
            **({} if first is None else {"index": first + number}),
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for number, call in enumerate(calls)
    ]
