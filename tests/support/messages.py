"""Messages of a chat, made up for tests."""

import itertools
from collections.abc import Callable
from typing import Any

from router.store.records import Message, Role

MakeMessage = Callable[..., Message]


def message_maker() -> MakeMessage:
    """A function that makes messages with rising ids; everything can be set."""
    ids = itertools.count(1)

    def make(role: Role = "assistant", content: str = "", **values: Any) -> Message:
        number = next(ids)
        known: dict[str, Any] = {
            "id": number,
            "chat_id": "0x" + "0" * 64,
            "parent_id": number - 1 or None,
            "reasoning": "",
            "state": "done",
            "error": "",
            "model": "SmolLM2 135M" if role == "assistant" else "",
            "origin": "local",
            "stats": None,
            "created_at": 1_790_000_000.0,
            "versions": (number,),
        }
        return Message(role=role, content=content, **{**known, **values})

    return make
