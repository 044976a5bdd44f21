"""Reads numbers and texts from a file that may claim anything: nothing is reserved unchecked."""

import struct
from typing import BinaryIO

from router.errors import ModelError

KEPT_BYTES = 64 * 1024 * 1024  # of all texts together


class BoundedReader:
    """Reads little-endian values in order and knows how much of the file is left.

    Every length is checked against the rest of the file before it is read.

    Raises:
        ModelError: the file ends early, or claims what cannot be; the sentence says which.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._kept = 0
        self.at = 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return self._size - self.at

    def number(self, code: str) -> int:
        """A whole number; `code` is of the struct module."""
        value: int = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return value

    def count(self, what: str, *, least_bytes: int, most: int) -> int:
        """How many of something follow, each at least so long."""
        count = self.number("<Q")
        if count > most:
            raise ModelError(f"The file is damaged: it claims {count:,} {what}.")
        if count * least_bytes > self.left:
            raise ModelError(f"The file is damaged or cut off: it claims {count:,} {what}.")
        return count

    def text(self, longest: int, what: str) -> str:
        """A text with its length before it; wrong UTF-8 becomes replacement signs."""
        length = self._length(longest, what)
        self._kept += length
        if self._kept > KEPT_BYTES:
            raise ModelError("The file is damaged: its texts are impossibly long.")
        return self.take(length).decode("utf-8", "replace")

    def skip_text(self, longest: int, what: str) -> None:
        """Go past a text."""
        self.skip(self._length(longest, what))

    def take(self, length: int) -> bytes:
        """The next bytes."""
        self._need(length)
        data = self._file.read(length)
        if len(data) != length:
            raise ModelError("The file changed while it was being read.")
        self.at += length
        return data

    def skip(self, length: int) -> None:
        """Go past bytes without reading them."""
        self._need(length)
        self._file.seek(length, 1)
        self.at += length

    def need_until(self, end: int) -> None:
        """Check that the file reaches to this byte."""
        if end > self._size:
            raise _ends_early(f"The file ends early: {_amount(end - self._size)} are missing.")

    def _length(self, longest: int, what: str) -> int:
        length = self.number("<Q")
        if length > longest:
            raise ModelError(f"The file is damaged: a {what} is impossibly long.")
        return length

    def _need(self, length: int) -> None:
        if length > self.left:
            raise _ends_early("The file ends early.")


def _ends_early(message: str) -> ModelError:
    return ModelError(message, hint="Download it again, or copy it again from where it came.")


def _amount(count: int) -> str:
    return f"{count:,} bytes" if count < 100_000 else f"{count / 1e6:,.1f} MB"
