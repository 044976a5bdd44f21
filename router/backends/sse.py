"""Reads a stream of server-sent events, in whatever pieces it comes (WHATWG, pure).

What only a client that connects again would need (ids, the time to wait) is passed over.
"""

import codecs
from dataclasses import dataclass

from router.errors import BackendError

LONGEST_EVENT = 8 * 1024 * 1024


@dataclass(frozen=True)
class ServerEvent:
    """One event; `kind` is "message" when it was not named."""

    data: str
    kind: str = "message"


class EventParser:
    """Takes bytes and gives the events that are complete.

    Args:
        longest: characters of one event, with what of the next line is there.
    """

    def __init__(self, longest: int = LONGEST_EVENT) -> None:
        self._longest = longest
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line: list[str] = []
        self._data: list[str] = []
        self._kind = ""
        self._size = 0
        self._at_start = True
        self._after_return = False

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that these bytes complete.

        Raises:
            BackendError: an event is longer than accepted.
        """
        text = self._decoder.decode(data)
        if self._at_start and text:
            text = text.removeprefix("\ufeff")
            self._at_start = False
        if self._after_return and text:
            text = text.removeprefix("\n")
            self._after_return = False
        self._after_return = self._after_return or text.endswith("\r")
        self._size += len(text)
        *whole, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        events = []
        for part in whole:
            line = "".join((*self._line, part))
            self._line.clear()
            if (event := self._end_of(line)) is not None:
                events.append(event)
        self._line += [rest] if rest else []
        if self._size > self._longest:
            raise BackendError("The model server sent more at once than is accepted.")
        return events

    def _end_of(self, line: str) -> ServerEvent | None:
        """Take in a whole line; the event that it ends, if it does."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, kind = self._data, self._kind
        self._data, self._kind, self._size = [], "", 0
        return ServerEvent("\n".join(data), kind or "message") if data else None
