"""One answer while it is being written, and the events that tell how it goes."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from router.backends.base import AnsweredBy, Delta, Event, Finished, Origin, Rerouted, Started
from router.backends.reasoning import ReasoningSplitter
from router.errors import MorpheusError, ProviderError, StorageError, WalletLocked
from router.store.chats import ChatStore
from router.store.records import Message, State, Stats
from router.units import exact

Phase = Literal["waiting", "reading", "writing", "ended"]


class Named(TypedDict, total=False):
    """What a message learns of who answered."""

    model: str
    origin: Origin


@dataclass(frozen=True)
class AnswerWaiting:
    """A question was saved and will be sent when the answer before it ends."""

    chat_id: str
    question_id: int


@dataclass(frozen=True)
class AnswerStarted:
    """The question is saved and goes to the model; `message` is the empty answer to it."""

    chat_id: str
    message: Message


@dataclass(frozen=True)
class AnswerFrom:
    """It is known who answers: `message` has the model's name and the origin."""

    chat_id: str
    message: Message


@dataclass(frozen=True)
class AnswerRerouted:
    """Somebody failed before the first word, and another was asked; `notice` says all of it."""

    chat_id: str
    message_id: int
    event: Rerouted
    notice: str


@dataclass(frozen=True)
class AnswerReading:
    """The model reads the prompt. `dropped_turns` oldest messages did not fit its context."""

    chat_id: str
    message_id: int
    prompt_tokens: int
    context_tokens: int
    dropped_turns: int


@dataclass(frozen=True)
class AnswerDelta:
    """More of the text or of the reasoning."""

    chat_id: str
    message_id: int
    text: str
    reasoning: str


@dataclass(frozen=True)
class AnswerEnded:
    """The answer is over, for whatever reason: `message.state` tells.

    `error` is the cause of a failure, with its hint; `saved` is False while the disk refuses.
    """

    chat_id: str
    message: Message
    error: MorpheusError | None
    saved: bool


@dataclass(frozen=True)
class NotSent:
    """A question that waited could not be sent; it is saved and can be answered again."""

    chat_id: str
    question_id: int
    error: MorpheusError


@dataclass(frozen=True)
class SavingChanged:
    """Saving an answer does not work (`error`), or works again (None). Nothing is lost yet."""

    chat_id: str
    message_id: int
    error: StorageError | None


ChatEvent = (
    AnswerWaiting
    | AnswerStarted
    | AnswerFrom
    | AnswerRerouted
    | AnswerReading
    | AnswerDelta
    | AnswerEnded
    | NotSent
    | SavingChanged
)


class Answer:
    """An answer as far as it has come; it stays the same object until it has ended.

    `text`, `reasoning`, `stats`, `phase` and `state` may be looked at at any time.

    Args:
        store: where its chat is.
        clock: seconds that only go forward.
    """

    def __init__(
        self, chat_id: str, store: ChatStore, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.chat_id = chat_id
        self.store = store
        self.question_id = 0
        self.phase: Phase = "waiting"
        self.state: State = "writing"
        self.error: MorpheusError | None = None
        self.stats = Stats()
        self.unsaved = False  # there is more than what was last saved
        self.saving_error: StorageError | None = None
        self.task: asyncio.Task[None] | None = None  # saves it in the end
        self.reader: asyncio.Task[None] | None = None  # takes in what the model says
        self.wanted: tuple[State, MorpheusError | None] | None = None
        self._row: Message | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._splitter = ReasoningSplitter()
        self._clock = clock
        self._begun = clock()
        self._thought_at = 0.0
        self._by: tuple[AnsweredBy, float] | None = None  # who answers, and since when
        self._started = asyncio.Event()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def text(self) -> str:
        """The text without reasoning."""
        return _joined(self._text)

    @property
    def reasoning(self) -> str:
        """What the model thought before it answered."""
        return _joined(self._reasoning)

    @property
    def message(self) -> Message:
        """The answer as a message, as it would be saved now. Only once it has started."""
        assert self._row is not None, "it has not started"
        return replace(
            self._row,
            content=self.text,
            reasoning=self.reasoning,
            state=self.state,
            error=_told(self.error),
            stats=self.stats,
            **self._named(),
        )

    @property
    def message_id(self) -> int:
        """The id of its message, 0 while it waits."""
        return self._row.id if self._row is not None else 0

    def stop(self, state: State = "stopped", error: MorpheusError | None = None) -> None:
        """End it now with what there is; an answer that is complete stays as it is."""
        self.wanted = self.wanted or (state, error)
        self._stopping.set()
        if self.reader is not None:
            self.reader.cancel()

    @property
    def has_started(self) -> bool:
        """Whether there is a message for it."""
        return self._row is not None

    async def started(self) -> None:
        """Wait until its question is on disk, or it is over."""
        await self._started.wait()

    async def stopping(self) -> None:
        """Wait until somebody wants it to end."""
        await self._stopping.wait()

    async def ended(self) -> None:
        """Wait until it has ended and was saved, if it can be saved; or will not start."""
        await self._ended.wait()

    def start(self, row: Message) -> None:
        """The question is on its way; `row` is the empty message for the answer."""
        self._row = row
        self.question_id = row.parent_id or 0
        self.phase = "reading"
        self._begun = self._clock()
        self._started.set()

    def take(self, event: Event) -> ChatEvent | None:
        """Take in the next event of the model; returns what others should hear of it."""
        match event:
            case AnsweredBy():
                return self._answered_by(event)
            case Rerouted():
                return self._rerouted(event)
            case Started():
                self.stats = replace(
                    self.stats,
                    prompt_tokens=event.prompt_tokens,
                    context_tokens=event.context_tokens,
                    dropped_turns=event.dropped_turns,
                )
                return AnswerReading(
                    self.chat_id,
                    self.message_id,
                    event.prompt_tokens,
                    event.context_tokens,
                    event.dropped_turns,
                )
            case Delta():
                return self._add(event)
            case Finished():
                return self._finish(event)
        return None

    def end(self, state: State, error: MorpheusError | None = None) -> AnswerDelta | None:
        """It is over before the model had finished; returns what was still held back."""
        rest = self._passed(*self._splitter.end())
        self.state, self.error = state, error
        if state != "done":
            self.stats = replace(self.stats, total_s=self._elapsed())
        self.stats = replace(self.stats, cost=self._cost(), choices=_choices(error))
        return rest

    def close(self) -> None:
        """Let those go who wait for the end."""
        self.phase = "ended"
        self._started.set()
        self._ended.set()

    def _add(self, delta: Delta) -> AnswerDelta | None:
        first = self.phase != "writing"
        text, reasoning = self._splitter.feed(delta.text)
        reasoning = delta.reasoning + reasoning
        stats = replace(self.stats, answer_tokens=self.stats.answer_tokens + delta.tokens)
        if first:
            self.phase = "writing"
            stats = replace(stats, first_token_s=self._elapsed())
        if reasoning:
            self._thought_at = self._thought_at or self._clock()
            stats = replace(
                stats,
                reasoning_tokens=stats.reasoning_tokens + delta.tokens,
                reasoning_s=self._clock() - self._thought_at,
            )
        self.stats = replace(stats, total_s=self._elapsed())
        return self._passed(text, reasoning)

    def _finish(self, event: Finished) -> AnswerDelta | None:
        rest = self.end("done")
        self.stats = replace(
            self.stats,
            prompt_tokens=event.prompt_tokens,
            answer_tokens=event.answer_tokens,
            first_token_s=event.first_token_s,
            total_s=event.total_s,
            finish=event.reason,
            claimed=event.claimed,
        )
        return rest

    def _answered_by(self, event: AnsweredBy) -> AnswerFrom:
        self._by = event, self._clock()
        self.stats = replace(
            self.stats,
            provider=event.provider,
            session_id=event.session_id,
            is_direct=event.is_direct,
        )
        self.unsaved = True
        return AnswerFrom(self.chat_id, self.message)

    def _rerouted(self, event: Rerouted) -> AnswerRerouted:
        notice = _notice(event)
        lines = filter(None, (self.stats.rerouted, notice))
        self.stats = replace(self.stats, rerouted="\n".join(lines))
        self.unsaved = True
        return AnswerRerouted(self.chat_id, self.message_id, event, notice)

    def _named(self) -> Named:
        """What of its message is known only once somebody answers."""
        if self._by is None:
            return {}
        return {"model": self._by[0].model, "origin": self._by[0].origin}

    def _cost(self) -> int:
        """What the time costs since it is known who answers, begun seconds in full."""
        if self._by is None:
            return 0
        by, since = self._by
        return by.price_per_second * math.ceil(self._clock() - since)

    def _passed(self, text: str, reasoning: str) -> AnswerDelta | None:
        if not text and not reasoning:
            return None
        self._text.append(text)
        self._reasoning.append(reasoning)
        self.unsaved = True
        return AnswerDelta(self.chat_id, self.message_id, text, reasoning)

    def _elapsed(self) -> float:
        return self._clock() - self._begun


def _joined(parts: list[str]) -> str:
    """The parts as one; they stay one, so that each is copied only a few times."""
    if len(parts) > 1:
        parts[:] = ["".join(parts)]
    return parts[0] if parts else ""


def _notice(event: Rerouted) -> str:
    """A notice of who failed, after how long, and what it means for the money."""
    money = "No MOR was staked for this."
    if event.extra_stake:
        money = (
            f"{exact(event.extra_stake)} MOR went into a new session; "
            f"your limit of {exact(event.limit)} MOR held."
        )
    return (
        f"{event.from_name} failed after {event.after_s:.1f} s: {event.reason} "
        f"{event.to_name} answers instead. {money}"
    )


def _choices(error: MorpheusError | None) -> tuple[str, ...]:
    """What can be done after a failure; empty where asking again is all there is."""
    if isinstance(error, WalletLocked):
        return ("unlock", "local")
    return error.choices if isinstance(error, ProviderError) else ()


def _told(error: MorpheusError | None) -> str:
    """What stays of an error in the chat: what happened, what is safe, what to do."""
    parts = (error.message, error.safe, error.hint) if error is not None else ()
    return " ".join(filter(None, parts))
