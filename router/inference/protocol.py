"""Line-JSON between the host and its worker process: one object a line, in both directions.

Pure: bytes go in, objects come out, however the bytes were cut on their way. What the objects
say is the business of `router.inference.messages`.
"""

import json
from collections.abc import Mapping
from typing import Any

LONGEST_LINE = 16 * 1024 * 1024


class ProtocolError(Exception):
    """The bytes are not what the other side of this protocol would ever send."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One line for one message.

    Raises:
        ProtocolError: the line would be longer than the other side accepts.
    """
    # ASCII only: text from anywhere may hold lone surrogates, which UTF-8 cannot carry.
    line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > LONGEST_LINE:
        raise ProtocolError(f"a message of {len(line)} bytes is over the limit of {LONGEST_LINE}")
    return line


class Decoder:
    """Collects bytes and gives back the messages that are complete."""

    def __init__(self, longest_line: int = LONGEST_LINE) -> None:
        self._longest_line = longest_line
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take the next bytes; returns what they complete, in order.

        Raises:
            ProtocolError: a line is too long, not JSON, or not an object. The decoder is of no
                use afterwards: there is no telling where the next message starts.
        """
        searched = len(self._rest)
        self._rest += data
        end = self._rest.rfind(b"\n", searched)
        if end < 0:
            self._check_length(len(self._rest))
            return []
        lines = bytes(self._rest[:end]).split(b"\n")
        del self._rest[: end + 1]
        self._check_length(len(self._rest))
        return [self._message(line) for line in lines]

    def _message(self, line: bytes) -> dict[str, Any]:
        self._check_length(len(line))
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"a line is not JSON: {line[:80]!r}") from error
        if not isinstance(message, dict):
            raise ProtocolError(f"a line is not an object: {line[:80]!r}")
        return message

    def _check_length(self, length: int) -> None:
        # The line feed counts, so that what `encode` allows is exactly what is read.
        if length + 1 > self._longest_line:
            raise ProtocolError(f"a line is over the limit of {self._longest_line} bytes")
