"""What is asked of a model and what comes back, whoever answers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls"]
Origin = Literal["local", "remote"]


@dataclass(frozen=True)
class ToolCall:
    """A function the model wants called; `arguments` is JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Turn:
    """One message of a conversation, as a model sees it."""

    role: Role
    content: str
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. None means: the model's own default.

    Args:
        max_tokens: most tokens of the answer; None lets the context decide.
        seed: same seed, model and prompt give the same text; None is random.
        stop: texts that end the answer; they are not part of it.
        json_schema: the answer is JSON that fits this schema ({} is any JSON object).
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None


@dataclass(frozen=True)
class Request:
    """A conversation to continue, or with `prompt` a plain text to continue."""

    model: str
    turns: tuple[Turn, ...] = ()
    prompt: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class AnsweredBy:
    """Who answers from here on. Those that only one can answer for need not say it.

    Args:
        model: its name for people.
        provider: its address; empty for this computer.
        price_per_second: of the session, in wei.
        is_direct: the user pays it out of the session's amount; otherwise the amount comes back.
    """

    origin: Origin
    model: str
    provider: str = ""
    session_id: str = ""
    price_per_second: int = 0
    is_direct: bool = False


@dataclass(frozen=True)
class Rerouted:
    """Before the first word somebody failed, and another is asked the same.

    Args:
        from_name, to_name: for people.
        reason: why the first one failed, in a sentence.
        after_s: how long it was given.
        session_id: of the one that is asked now; empty for this computer.
        extra_stake: MOR that was put into that session for this, in wei.
        limit: the most that the user lets be put in without being asked, in wei.
    """

    from_name: str
    to_name: str
    reason: str
    after_s: float
    session_id: str = ""
    extra_stake: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Started:
    """The prompt is being read. `dropped_turns` oldest turns did not fit the context."""

    prompt_tokens: int
    context_tokens: int
    dropped_turns: int = 0


@dataclass(frozen=True)
class Delta:
    """More text of the answer; `tokens` is how many tokens it was made of."""

    text: str = ""
    reasoning: str = ""
    tokens: int = 1


@dataclass(frozen=True)
class Called:
    """The model asks for functions to be called."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Finished:
    """The answer is complete; the stream ends. Times are in seconds.

    Args:
        claimed: the tokens are what a provider says, not what was counted here.
    """

    reason: FinishReason
    prompt_tokens: int
    answer_tokens: int
    first_token_s: float
    total_s: float
    claimed: bool = False


Said = Started | Delta | Called | Finished  # by a model; the others are said of it
Event = AnsweredBy | Rerouted | Said


class Backend(Protocol):
    """Something that answers. Closing the iterator (or cancelling) stops the model at once."""

    def complete(self, request: Request) -> AsyncIterator[Event]:
        """Stream one answer: Started, then Delta and Called, then Finished.

        AnsweredBy and Rerouted come before Started, if at all.

        Raises:
            NoModel, ModelError, BackendError, ContextTooLong, BadRequest
        """
        ...

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors for texts, in order, and the number of tokens read."""
        ...
