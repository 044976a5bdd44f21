"""What host and worker say to each other, as values here and as JSON objects on the line.

Host to worker: {"op": "load" | "complete" | "embed" | "count", "id": n, ...}, and at any time
{"op": "stop", "id": n}. The worker answers with objects {"id": n, "event": ...}; the last one
for an id is one of LAST.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from router import errors
from router.backends.base import (
    Called,
    Delta,
    Finished,
    Request,
    Said,
    Sampling,
    Started,
    ToolCall,
    Turn,
)

# The events that end the answer to a command.
LAST = frozenset({"loaded", "finished", "embedded", "counted", "stopped", "error"})

_EVENTS: dict[str, type[Said]] = {
    "started": Started,
    "delta": Delta,
    "called": Called,
    "finished": Finished,
}
_NAMES = {kind: name for name, kind in _EVENTS.items()}

_ERRORS: dict[str, type[errors.MorpheusError]] = {
    kind.__name__: kind
    for kind in (
        errors.BackendError,
        errors.BadRequest,
        errors.ContextTooLong,
        errors.ModelError,
        errors.NoModel,
    )
}


def from_event(event: Said) -> dict[str, Any]:
    """An event as an object."""
    if isinstance(event, Delta):
        # The one that comes a hundred times a second.
        return {"event": "delta", "text": event.text, "tokens": event.tokens}
    return {"event": _NAMES[type(event)], **dataclasses.asdict(event)}


def to_event(message: Mapping[str, Any]) -> Said | None:
    """The event an object tells of; None for an object that is no event of an answer."""
    kind = _EVENTS.get(message["event"])
    if kind is None:
        return None
    values = {key: value for key, value in message.items() if key not in ("id", "event")}
    if kind is Called:
        return Called(tuple(ToolCall(**call) for call in values["calls"]))
    return kind(**values)


def from_request(request: Request) -> dict[str, Any]:
    """A request as an object."""
    return dataclasses.asdict(request)


def to_request(value: Mapping[str, Any]) -> Request:
    """The request of an object."""
    sampling = dict(value["sampling"])
    sampling["stop"] = tuple(sampling["stop"])
    return Request(
        model=value["model"],
        turns=to_turns(value["turns"]),
        prompt=value["prompt"],
        sampling=Sampling(**sampling),
        tools=tuple(value["tools"]),
    )


def to_turns(values: list[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """The turns of a list of objects."""
    return tuple(
        Turn(**{**value, "tool_calls": tuple(ToolCall(**call) for call in value["tool_calls"])})
        for value in values
    )


def from_error(error: errors.MorpheusError) -> dict[str, Any]:
    """An error as an object."""
    return {
        "event": "error",
        "kind": type(error).__name__,
        "message": error.message,
        "safe": error.safe,
        "hint": error.hint,
        "param": getattr(error, "param", None),
        "code": error.code,
    }


def to_error(message: Mapping[str, Any]) -> errors.MorpheusError:
    """The error an object tells of."""
    if message["kind"] == errors.BadRequest.__name__:
        return errors.BadRequest(message["message"], param=message["param"], code=message["code"])
    kind = _ERRORS.get(message["kind"], errors.BackendError)
    return kind(message["message"], safe=message["safe"], hint=message["hint"])
