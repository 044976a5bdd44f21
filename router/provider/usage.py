"""How many tokens an exchange took: what the backend counted, else an estimate (pure).

The original counts with one tokenizer for all models, so that its figures are estimates too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.backends.chat_answer import usage

# Tokenizers in use give about one token for four bytes of text.
BYTES_A_TOKEN = 4
TOKENS_A_MESSAGE = 4
HIGHEST = 2**31 - 1


@dataclass(frozen=True)
class Tokens:
    """Tokens of one exchange."""

    prompt: int = 0
    answer: int = 0

    @property
    def as_usage(self) -> dict[str, int]:
        """In OpenAI's shape."""
        return usage(self.prompt, self.answer)


class Counter:
    """Counts one exchange while it goes on.

    Args:
        payload: the request in OpenAI's shape, hostile.
    """

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._prompt = prompt_tokens(payload)
        self._bytes = 0
        self._counted: Tokens | None = None

    @property
    def tokens(self) -> Tokens:
        """So far."""
        return self._counted or Tokens(self._prompt, -(-self._bytes // BYTES_A_TOKEN))

    def add(self, value: Any) -> None:
        """Take in a chunk or a whole answer of a chat."""
        if not isinstance(value, dict):
            return
        choices = value.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict):
                self._bytes += _text_bytes(choice.get("delta")) + _text_bytes(choice.get("message"))
        if isinstance(counted := value.get("usage"), dict):
            self._counted = Tokens(
                _count(counted.get("prompt_tokens"), self._prompt),
                _count(counted.get("completion_tokens"), 0),
            )


def prompt_tokens(payload: Mapping[str, Any]) -> int:
    """An estimate of what reading the messages of a request takes."""
    messages = payload.get("messages")
    total = 0
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict):
            size = _text_bytes(message) + len(_text(message.get("name")).encode(errors="replace"))
            total += TOKENS_A_MESSAGE + -(-size // BYTES_A_TOKEN)
    return total


def _text_bytes(message: Any) -> int:
    """Bytes of the text in a message, delta or list of parts."""
    if not isinstance(message, dict):
        return 0
    content = message.get("content")
    if isinstance(content, list):
        texts = [_text(part.get("text")) for part in content if isinstance(part, dict)]
    else:
        texts = [_text(content)]
    texts.append(_text(message.get("reasoning_content")))
    return sum(len(text.encode(errors="replace")) for text in texts)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any, otherwise: int) -> int:
    """A count of the backend, if it is one that makes sense."""
    if type(value) is int and 0 <= value <= HIGHEST:
        return value
    return otherwise
