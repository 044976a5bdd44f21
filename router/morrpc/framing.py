"""Cuts a stream of bytes into JSON objects: the end of one is its closing bracket."""

import re
from collections.abc import Iterator
from typing import Any

from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import Limits
from router.morrpc.parsing import MARK, end_of_text, parse_shallow

_SPACE = b" \t\r\n"
# What nearly all messages look like: an object, at most with objects in it, texts without escapes.
_PARTS = rb'[^"{}\[\]]*+(?:"[^"\\]*+"[^"{}\[\]]*+)*+'
_PLAIN = re.compile(rb"\{" + _PARTS + rb"(?:\{" + _PARTS + rb"\}" + _PARTS + rb")*+\}")
_PLAIN_DEPTH = 2


class Frames:
    """Collects bytes and gives back the objects that are complete.

    Each byte is looked at once, at the speed of the regular expressions, however it came.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._received = 0
        self._begin()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Take the next bytes and give what they complete, in order; has to be used up.

        Raises:
            WireError: after the last object that is within the limits. The rest of the stream is
                of no use.
        """
        room = max(0, self._limits.answer_bytes - self._received)
        self._received += len(data)
        self._rest += data[:room]
        while (end := self._scan()) is not None:
            frame = bytes(self._rest[:end])
            del self._rest[:end]
            self._begin()
            yield parse_shallow(frame)
        if len(data) > room:
            raise WireError(Fault.TOO_LARGE, "the whole answer")

    def end(self) -> None:
        """The connection was closed.

        Raises:
            WireError: in the middle of an object.
        """
        if self._rest:
            raise WireError(Fault.CUT_OFF)

    def _begin(self) -> None:
        self._at = 0
        self._depth = 0
        self._marks = 0
        self._in_text = False

    def _scan(self) -> int | None:
        """Where the first object ends, or None while it does not."""
        if not self._at and not self._skip_space():
            return None
        if not self._at and (end := self._plain_end()):
            return end
        limit = self._limits.frame_bytes
        while self._at < len(self._rest):
            if self._in_text and not self._leave_text():
                break
            if self._next_mark():
                break
        size = self._at if self._closed() else len(self._rest)
        if size > limit:
            raise WireError(Fault.TOO_LARGE, "one message")
        return self._at if self._closed() else None

    def _plain_end(self) -> int:
        """Where the first object ends if it is a plain one that is too small for any limit; or 0."""
        match = _PLAIN.match(self._rest)
        # No object has more marks than bytes.
        most = min(self._limits.marks, self._limits.frame_bytes)
        is_within = self._limits.depth >= _PLAIN_DEPTH
        return match.end() if match and is_within and match.end() <= most else 0

    def _closed(self) -> bool:
        return self._marks > 0 and self._depth == 0

    def _skip_space(self) -> bool:
        """Whether an object begins; nothing else may."""
        begin = len(self._rest) - len(self._rest.lstrip(_SPACE))
        del self._rest[:begin]
        if self._rest and self._rest[0] != ord("{"):
            raise WireError(Fault.NOT_A_FRAME, "no object begins")
        return bool(self._rest)

    def _leave_text(self) -> bool:
        """Go to the end of the text; False when it has not come yet."""
        self._at = end_of_text(self._rest, self._at)
        if self._at == len(self._rest) or self._rest[self._at] != ord('"'):
            return False
        self._at += 1
        self._in_text = False
        return True

    def _next_mark(self) -> bool:
        """Go behind the next bracket or quote; True when it closes the object."""
        match = MARK.search(self._rest, self._at)
        if match is None:
            self._at = len(self._rest)
            return False
        self._at = match.end()
        self._marks += 1
        if self._marks > self._limits.marks:
            raise WireError(Fault.TOO_DEEP, "too many parts")
        mark = match.group()
        if mark == b'"':
            self._in_text = True
            return False
        self._depth += 1 if mark in b"{[" else -1
        if self._depth > self._limits.depth:
            raise WireError(Fault.TOO_DEEP)
        return self._depth == 0
