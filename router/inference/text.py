"""From the bytes of tokens to text that may be shown: whole characters, no stop texts."""

import codecs
from collections.abc import Sequence


class TextStream:
    """Puts the bytes of tokens together and holds back what might become a stop text.

    `stopped` turns true when a stop text was reached; it and all after it is left out.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self.stopped = False
        self._stop = tuple(stop)
        self._held = ""
        # A character may be spread over several tokens: the decoder waits for its last byte.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, piece: bytes) -> str:
        """Take the bytes of the next token; returns the text that is now certain."""
        if self.stopped:
            return ""
        self._held += self._decoder.decode(piece)
        if not self._stop or not self._held:
            return self._take(len(self._held))
        found = [at for text in self._stop if (at := self._held.find(text)) >= 0]
        if found:
            self.stopped = True
            return self._take(min(found))
        return self._take(len(self._held) - held_back(self._held, self._stop))

    def finish(self) -> str:
        """The answer is over: what was held back for nothing. Half a character is dropped."""
        return "" if self.stopped else self._take(len(self._held))

    def _take(self, count: int) -> str:
        text, self._held = self._held[:count], self._held[count:]
        return text


def held_back(text: str, marks: Sequence[str]) -> int:
    """How many characters at the end of `text` could be the beginning of a mark."""
    longest = min(len(text), max(map(len, marks), default=1) - 1)
    for count in range(longest, 0, -1):
        tail = text[-count:]
        if any(mark.startswith(tail) for mark in marks):
            return count
    return 0
