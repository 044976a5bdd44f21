"""What the chat store holds, as frozen values. Times are seconds since 1970 (UTC)."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from router.backends.base import Origin, Sampling

Role = Literal["user", "assistant"]
State = Literal["done", "writing", "stopped", "cut_off", "failed"]
Change = Literal["created", "changed", "messages", "deleted", "restored", "purged", "all"]


_LARGEST = 2**63  # no count and no time comes near it


@dataclass(frozen=True)
class Stats:
    """What one answer took. Times are in seconds.

    Args:
        reasoning_tokens: those of `answer_tokens` that are not part of the text.
        dropped_turns: oldest messages that did not fit the context.
        finish: "stop", or "length" when the answer reached its longest length.
        provider, session_id: who answered, and through which session; empty for this computer.
        cost: of the time it took at the session's price, in wei.
        is_direct: the cost was paid out of the session's amount, which otherwise comes back.
        claimed: the tokens are what the provider says.
        rerouted: who failed before, in sentences, one a line.
        choices: what can be done after a failure, as stable names: "retry", "other_provider",
            "local", "open" (a session), "unlock" (the wallet).
    """

    prompt_tokens: int = 0
    answer_tokens: int = 0
    first_token_s: float = 0.0
    total_s: float = 0.0
    reasoning_tokens: int = 0
    reasoning_s: float = 0.0
    context_tokens: int = 0
    dropped_turns: int = 0
    finish: str = "stop"
    provider: str = ""
    session_id: str = ""
    cost: int = 0
    is_direct: bool = False
    claimed: bool = False
    rerouted: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a question.

    `data` is None in what the store lists; `ChatStore.attachment_data` reads it.
    """

    name: str
    mime: str
    size: int
    data: bytes | None = field(default=None, repr=False)
    id: int = 0

    @property
    def is_text(self) -> bool:
        """Whether `data` is UTF-8 text that can stand in a prompt."""
        return self.mime.startswith("text/")


@dataclass(frozen=True)
class NewMessage:
    """A message to be stored; `created_at` None means now. Attachments carry their data."""

    role: Role
    content: str = ""
    reasoning: str = ""
    state: State = "done"
    error: str = ""
    model: str = ""
    origin: Origin = "local"
    stats: Stats | None = None
    attachments: tuple[Attachment, ...] = ()
    created_at: float | None = None


@dataclass(frozen=True)
class Message:
    """One message of a chat.

    Args:
        parent_id: the message before it, None for a first one.
        error: why it is cut off or failed, as a sentence for people.
        model: the model's name as it was shown when it answered.
        versions: ids of all messages with the same parent, oldest first, with its own.
    """

    id: int
    chat_id: str
    parent_id: int | None
    role: Role
    content: str
    reasoning: str
    state: State
    error: str
    model: str
    origin: Origin
    stats: Stats | None
    created_at: float
    attachments: tuple[Attachment, ...] = ()
    versions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chat:
    """One conversation.

    Args:
        id: "0x" and 64 hexadecimal digits.
        named: the user chose the title, so nothing else changes it.
        model: id of the model to ask; empty is the default one.
        origin: where its newest answer came from.
        head: the message at the end of the branch in view, None while there is none.
        draft: what was typed and not sent.
        updated_at: when the newest message was added.
        deleted_at: when it was deleted, None unless it can still be restored.
    """

    id: str
    title: str
    named: bool
    pinned: bool
    model: str
    origin: Origin
    system_prompt: str
    sampling: Sampling
    head: int | None
    draft: str
    created_at: float
    updated_at: float
    deleted_at: float | None = None


@dataclass(frozen=True)
class ChatChanged:
    """Something in the store changed. `chat_id` is empty when `what` is "all"."""

    chat_id: str
    what: Change


@dataclass(frozen=True)
class SearchHit:
    """One place where a search found its words, best first.

    Args:
        message_id: None when it was found in the title.
        text: the words around it, as plain text.
        marks: (start, end) of each found word in `text`.
    """

    chat_id: str
    title: str
    message_id: int | None
    role: Role | None
    text: str
    marks: tuple[tuple[int, int], ...]
    created_at: float


def storable(text: str) -> str:
    """Text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def stats_to_json(stats: Stats | None) -> str | None:
    """Stats as the database and exports keep them."""
    return None if stats is None else json.dumps(dataclasses.asdict(stats))


def stats_from(value: object) -> Stats | None:
    """Stats from parsed JSON; unknown or impossible fields are left out."""
    if not isinstance(value, dict):
        return None
    known = _known(value, _STATS)
    if "choices" in known:
        known["choices"] = tuple(known["choices"])
    return Stats(**known)


def sampling_values(sampling: Sampling) -> dict[str, Any]:
    """What of a Sampling differs from the model's own defaults."""
    values = dataclasses.asdict(sampling)
    return {name: value for name, value in values.items() if value not in (None, ())}


def sampling_from(value: object) -> Sampling:
    """A Sampling from parsed JSON; unknown or impossible fields are left out."""
    known = _known(value, _SAMPLING) if isinstance(value, dict) else {}
    if "stop" in known:
        known["stop"] = tuple(known["stop"])
    return Sampling(**known)


def _known(value: dict[str, Any], checks: dict[str, Callable[[object], bool]]) -> dict[str, Any]:
    return {name: given for name, given in value.items() if name in checks and checks[name](given)}


def _is_whole(value: object) -> bool:
    return type(value) is int and abs(value) <= _LARGEST


def _is_number(value: object) -> bool:
    return _is_whole(value) or (type(value) is float and abs(value) <= _LARGEST)


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**256


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


_CHECKS: dict[str, Callable[[object], bool]] = {
    "int": _is_whole,
    "float": _is_number,
    "bool": _is_flag,
    "str": _is_text,
    "tuple[str, ...]": _is_texts,
    "dict[str, Any]": _is_table,
}


def _checks(kind: type) -> dict[str, Callable[[object], bool]]:
    """What a value of each field must be; a field of a new type fails here, at import."""
    return {
        entry.name: _CHECKS[_type_name(entry.type).removesuffix(" | None")]
        for entry in dataclasses.fields(kind)
    }


def _type_name(kind: Any) -> str:
    return kind.__name__ if type(kind) is type else str(kind).replace("typing.", "")


_STATS = {**_checks(Stats), "cost": _is_amount}
_SAMPLING = _checks(Sampling)
