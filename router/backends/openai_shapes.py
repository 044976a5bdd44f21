"""From our requests to OpenAI's, and from what comes back to our events (pure).

What comes back was written by strangers: every field is looked at before it is believed, counts
are bounded, and what has no known form is an error instead of a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.backends.base import (
    Called,
    Delta,
    Finished,
    FinishReason,
    Request,
    Sampling,
    ToolCall,
    Turn,
)
from router.errors import BackendError, BadRequest
from router.untrusted import one_line

MOST_TOKENS = 100_000_000  # of one answer; a larger number is no count
MOST_CALLS = 128
LONGEST_CALL = 4 * 1024 * 1024  # letters of all arguments together

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
# Where servers put what was thought before the text.
_THOUGHTS = ("reasoning_content", "reasoning")


def chat_body(request: Request, *, stream: bool = True) -> dict[str, Any]:
    """A request as the body of /v1/chat/completions.

    Raises:
        BadRequest: it is a text to continue and no conversation.
    """
    if request.prompt is not None:
        raise BadRequest(
            "This model answers conversations and cannot continue a plain text.",
            safe="Nothing was sent.",
            hint="Use /v1/chat/completions.",
        )
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(turn) for turn in request.turns],
        **_sampling(request.sampling),
    }
    if request.tools:
        body["tools"] = list(request.tools)
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.name is not None:
        message["name"] = turn.name
    if turn.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.tool_calls
        ]
    if turn.tool_call_id is not None:
        message["tool_call_id"] = turn.tool_call_id
    return message


def _sampling(sampling: Sampling) -> dict[str, Any]:
    """What is wished for; what is not is left to the model."""
    values = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
        "response_format": _format(sampling.json_schema),
    }
    return {name: value for name, value in values.items() if value is not None}


def _format(schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if schema is None:
        return None
    if not schema:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}


@dataclass
class _Call:
    """A call whose arguments come piece by piece."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class ChunkReader:
    """Reads the objects of one answer: chunks, or one whole completion.

    `reason` is why the answer ended, None until that was said. `pieces` counts those with text.
    """

    def __init__(self) -> None:
        self.reason: FinishReason | None = None
        self.pieces = 0
        self._usage: tuple[int, int] | None = None
        self._calls: dict[int, _Call] = {}

    def read(self, value: Any) -> Delta | None:
        """The text of the next object, if it has some.

        Raises:
            BackendError: it is an error, or of no known form.
        """
        if not isinstance(value, dict):
            raise _unknown("it is not an object")
        if value.get("error"):
            raise BackendError(f"The model answered with an error: {_words(value['error'])}")
        counts = (_counts(value.get(name)) for name in ("usage", "usage_from_provider"))
        self._usage = next(filter(None, counts), self._usage)
        choices = value.get("choices")
        if not isinstance(choices, list):
            return self._read_picture(value)
        if not choices:
            return None
        choice = choices[0]
        if not isinstance(choice, dict):
            raise _unknown("a choice is not an object")
        if choice.get("index", 0) != 0:  # only one answer was asked for
            return None
        return self._read_choice(choice)

    def end(self, first_token_s: float, total_s: float) -> list[Called | Finished]:
        """What is said at the end of a whole answer."""
        calls = tuple(
            ToolCall(call.id, call.name, call.arguments) for _, call in sorted(self._calls.items())
        )
        claimed = self._usage is not None
        prompt_tokens, answer_tokens = self._usage or (0, self.pieces)
        reason: FinishReason = "tool_calls" if calls else self.reason or "stop"
        finished = Finished(reason, prompt_tokens, answer_tokens, first_token_s, total_s, claimed)
        return [Called(calls), finished] if calls else [finished]

    def _read_choice(self, choice: dict[str, Any]) -> Delta | None:
        part = choice.get("delta", choice.get("message"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.reason = _REASONS.get(reason, "stop")
        if part is None:
            return None
        if not isinstance(part, dict):
            raise _unknown("its text is not in an object")
        self._read_calls(part.get("tool_calls"))
        thoughts = next((_text(part[name]) for name in _THOUGHTS if part.get(name)), "")
        text = _text(part.get("content")) or _text(part.get("refusal"))
        if not text and not thoughts:
            return None
        self.pieces += 1
        return Delta(text, thoughts)

    def _read_calls(self, calls: Any) -> None:
        if calls is None:
            return
        if not isinstance(calls, list):
            raise _unknown("its calls are not a list")
        for position, value in enumerate(calls):
            function = value.get("function") if isinstance(value, dict) else None
            if not isinstance(function, dict):
                raise _unknown("a call has no function")
            index = value.get("index", position)
            if type(index) is not int or not 0 <= index < MOST_CALLS:
                raise _unknown("a call has an impossible number")
            call = self._calls.setdefault(index, _Call())
            call.id = call.id or _text(value.get("id"))
            call.name = call.name or _text(function.get("name"))
            call.arguments += _text(function.get("arguments"))
        if sum(len(call.arguments) for call in self._calls.values()) > LONGEST_CALL:
            raise _unknown("its calls are too long")

    def _read_picture(self, value: dict[str, Any]) -> Delta | None:
        """The address of a picture, which is all that a chat can show of it."""
        url = value.get("imageUrl")
        if isinstance(url, str) and url:
            self.reason, self.pieces = "stop", self.pieces + 1
            return Delta(url)
        if self._usage is not None:
            return None
        raise _unknown("it is no text")


def _counts(value: Any) -> tuple[int, int] | None:
    """The tokens of prompt and answer; None when they are impossible."""
    if not isinstance(value, dict):
        return None
    prompt, answer = value.get("prompt_tokens"), value.get("completion_tokens")
    if type(prompt) is not int or type(answer) is not int:
        return None
    return (
        (prompt, answer) if 0 <= min(prompt, answer) <= max(prompt, answer) <= MOST_TOKENS else None
    )


def _text(value: Any) -> str:
    """A text, or the texts of a message in parts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    raise _unknown("a text is no text")


def _words(error: Any) -> str:
    """The sentence in an error, wherever usual servers put it."""
    if isinstance(error, dict):
        error = error.get("message", "")
    return one_line(str(error), 200) or "no reason was given"


def _unknown(why: str) -> BackendError:
    return BackendError(
        f"The answer has a form that is not known: {why}.",
        safe="What came before it is kept.",
        hint="Try again, or choose another model.",
    )
