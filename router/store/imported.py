"""A chat as it stands in a file, before it is in the store."""

import hashlib
import re
from dataclasses import dataclass, field

from router.backends.base import Origin, Sampling
from router.store.records import NewMessage

CHAT_ID = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True)
class ImportedMessage:
    """A message of a file. `key` is its id there; its parent stands before it."""

    key: int
    parent: int | None
    message: NewMessage


@dataclass(frozen=True)
class ImportedChat:
    """A chat of a file.

    Args:
        keeps_ids: the keys are ids of ours: messages that are missing are added to a chat that
            is there already. Otherwise such a chat is left alone.
        head: key of the end of the branch in view.
    """

    id: str
    title: str
    messages: tuple[ImportedMessage, ...]
    created_at: float
    updated_at: float
    named: bool = True
    pinned: bool = False
    model: str = ""
    origin: Origin = "local"
    system_prompt: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    draft: str = ""
    head: int | None = None
    keeps_ids: bool = False


def id_from(kind: str, identity: str) -> str:
    """A chat id that is the same each time the same chat is imported."""
    return "0x" + hashlib.sha256(f"{kind}:{identity}".encode("utf-8", "replace")).hexdigest()
