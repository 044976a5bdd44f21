"""Backends that take a request in OpenAI's shape as it came, and give the answer as it comes.

This is how a provider serves what others asked: nothing is read that need not be, so that whatever
the model server understands goes through.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from router.errors import BackendError

Kind = Literal["chat", "embeddings", "speech", "transcription"]
DONE = "[DONE]"


@dataclass(frozen=True)
class Recording:
    """A file of speech."""

    path: Path
    content_type: str


@dataclass(frozen=True)
class Asked:
    """A request. `body` is in OpenAI's shape, hostile; its `model` is not looked at."""

    kind: Kind
    body: dict[str, Any]
    recording: Recording | None = None


class ModelSaid(BackendError):
    """The model server answered with an error of its own; `body` is the JSON of it."""

    def __init__(self, body: Any) -> None:
        super().__init__("The model answered with an error.")
        self.body = body


class RawBackend(Protocol):
    """Something that answers. Closing the generator ends the work for it at once."""

    def ask(self, asked: Asked) -> AsyncGenerator[Any, None]:
        """The answer in pieces.

        chat: chunks and DONE, or one whole completion; embeddings: one list; speech: bytes;
        transcription: one text, or the events of a stream.

        Raises:
            ModelSaid: the error is about the request and for whoever asked.
            BackendError: there is no answer, or not all of it; for whoever runs this.
        """
        ...
