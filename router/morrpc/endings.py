"""Tells from the pieces of an answer whether it is over, and whether it is whole.

An answer ends with its marker, with a piece that is all of it, or by the connection being closed;
the last alone does not tell a whole answer from one that was cut off.
"""

from enum import Enum
from typing import Any

DONE = "[DONE]"
_MEDIA = ("imageUrl", "videoRawContent", "imageRawContent")


class Kind(Enum):
    """What was asked for."""

    CHAT = "chat"
    TRANSCRIPTION = "audio_transcription"
    SPEECH = "audio_speech"
    EMBEDDINGS = "embeddings"
    TOOLS = "tools"


class Ending:
    """Looks at each piece of one answer.

    `is_whole`: what came so far can be all there is.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.is_whole = False

    def is_marker(self, value: Any) -> bool:
        """Whether a piece says that it is over, and nothing else."""
        if self._kind is Kind.CHAT:
            marker = isinstance(value, str) and value == DONE
        else:
            marker = self._kind is Kind.SPEECH and value in (None, "")
        self.is_whole |= marker
        return marker

    def is_all(self, value: Any) -> bool:
        """Whether nothing can come after this piece."""
        over = self._is_last(value)
        self.is_whole |= over or _finishes(value)
        return over

    def _is_last(self, value: Any) -> bool:
        if self._kind is Kind.TOOLS:
            return True
        if self._kind is Kind.TRANSCRIPTION:
            return not (isinstance(value, dict) and value.get("type"))
        if not isinstance(value, dict):
            return False
        if self._kind is Kind.EMBEDDINGS:
            return isinstance(value.get("data"), list) and bool(value["data"])
        if self._kind is Kind.SPEECH:
            return False
        full = value.get("object") == "chat.completion" and bool(value.get("choices"))
        return full or any(isinstance(value.get(name), str) and value[name] for name in _MEDIA)


def _finishes(value: Any) -> bool:
    """Whether a piece of a stream says that its text ends with it."""
    if not isinstance(value, dict):
        return False
    if value.get("type") == "transcript.text.done":
        return True
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return isinstance(first, dict) and bool(first.get("finish_reason"))
