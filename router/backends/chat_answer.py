"""From what a model does to the answers and chunks of OpenAI's interface, whoever asked."""

import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from router.backends.base import Called, Delta, Event, Finished, Started, ToolCall
from router.backends.reasoning import ReasoningSplitter
from router.errors import BackendError


@contextlib.asynccontextmanager
async def closing(events: AsyncIterator[Any]) -> AsyncIterator[None]:
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
        return usage(*self.tokens)

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens of prompt and answer.

        Raises:
            BackendError: it did not end.
        """
        end = self._end
        return end.prompt_tokens, end.answer_tokens

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


def completion(model_id: str, answer: Answer) -> dict[str, Any]:
    """A whole answer in OpenAI's shape.

    Raises:
        BackendError: it did not end.
    """
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["content"] = answer.text or None
        message["tool_calls"] = calls_json(answer.calls)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.reason}
    return {
        "id": new_id("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model_id,
        "choices": [choice],
        "usage": answer.usage,
    }


class Chunks:
    """Makes the chunks of one streamed answer."""

    def __init__(self, model_id: str, *, include_usage: bool) -> None:
        self._head: dict[str, Any] = {
            "id": new_id("chatcmpl"),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model_id,
        }
        self._usage: dict[str, Any] = {"usage": None} if include_usage else {}
        self._calls = 0

    def role(self) -> dict[str, Any]:
        """The first chunk."""
        return self._chunk({"role": "assistant", "content": ""})

    def deltas(self, event: Event) -> Iterator[dict[str, Any]]:
        """The chunks for one event, usually one."""
        if isinstance(event, Delta):
            if event.reasoning:
                yield self._chunk({"reasoning_content": event.reasoning})
            if event.text:
                yield self._chunk({"content": event.text})
        elif isinstance(event, Called):
            yield self._chunk({"tool_calls": calls_json(event.calls, first=self._calls)})
            self._calls += len(event.calls)

    def end(self, reason: str) -> dict[str, Any]:
        """The chunk that says why the answer ended."""
        return self._chunk({}, reason)

    def usage(self, counted: dict[str, int]) -> dict[str, Any]:
        """The last chunk, when the client asked for it."""
        return {**self._head, "choices": [], "usage": counted}

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**self._head, "choices": [choice], **self._usage}
