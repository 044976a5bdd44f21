"""Reads the header of a GGUF model file without trusting a single byte of it.

Pure Python on an open file: what a file claims is checked against its real size before anything
is reserved for it, so a damaged or hostile file costs milliseconds and gives a plain reason.
Format: the GGUF specification, versions 2 and 3, little-endian.
"""

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from router.errors import ModelError
from router.inference.ggml import FILE_TYPES, TENSOR_TYPES
from router.untrusted import one_line

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 65_536
LONGEST_KEY = 65_535
LONGEST_STRING = 16 * 1024 * 1024
LONGEST_TENSOR_NAME = 63
MOST_DIMENSIONS = 4
LARGEST_NUMBER = 2**63 - 1
KEPT_ARRAY = 64

_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_UINT32, _BOOL, _STRING, _ARRAY = 4, 7, 8, 9
_ALIGNMENT = "general.alignment"

Value = int | float | bool | str | list["int | float | bool | str"] | None


@dataclass(frozen=True)
class Header:
    """What a model file says of itself; texts are as the file has them, make them inert to show.

    Args:
        values: metadata; long arrays are left out (None).
        parameters: number of weights, from the tensors.
        tensor_bytes: bytes of all tensors.
        dominant_type: name of the tensor type that most weights have.
    """

    version: int
    values: dict[str, Value] = field(repr=False)
    tensors: int
    parameters: int
    tensor_bytes: int
    dominant_type: str

    def text(self, key: str) -> str:
        """A text of the metadata, or empty."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int = 0) -> int:
        """A whole number of the metadata."""
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    @property
    def architecture(self) -> str:
        """For example "llama" or "qwen2"."""
        return one_line(self.text("general.architecture"), 32)

    @property
    def context_tokens(self) -> int:
        """The context the model was trained for, or 0."""
        return max(self.number(f"{self.architecture}.context_length"), 0)

    @property
    def chat_template(self) -> str:
        """The model's own Jinja template, or empty. Hostile: render it in a sandbox only."""
        return self.text("tokenizer.chat_template")

    @property
    def quantization(self) -> str:
        """For example "Q4_K_M"."""
        return FILE_TYPES.get(self.number("general.file_type", -1), self.dominant_type)


def read_header(path: Path) -> Header:
    """Read and check a model file's header; call it on a thread.

    Raises:
        ModelError: not a GGUF file, damaged, cut off, or of a version that is not known; the
            sentence says which.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _Reader(file, size).header()
    except OSError as error:
        raise ModelError(f"The file cannot be read: {error.strerror or error}.") from error


class _Reader:
    """Reads values in order; knows how much is left."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._at = 0

    def header(self) -> Header:
        self._check_magic()
        version = self._number("<I")
        if version not in VERSIONS:
            raise ModelError(f"The file has GGUF version {version}; 2 and 3 can be read.")
        tensors = self._count("<Q", "tensors", least_bytes=24)
        entries = self._count("<Q", "entries", least_bytes=13)
        values = self._values(entries)
        alignment = _alignment(values)
        return self._tensors(version, values, tensors, alignment)

    def _check_magic(self) -> None:
        magic = self._take(min(4, self._size))
        if magic == MAGIC:
            return
        if self._size == 0:
            raise ModelError("The file is empty.")
        if magic.lstrip()[:1] == b"<":
            raise ModelError("This is a web page that was saved as a model file.")
        if magic == b"vers":
            raise ModelError("This is a pointer to a model file (Git LFS), not the file itself.")
        raise ModelError("This is not a GGUF model file.")

    def _values(self, entries: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for _ in range(entries):
            key = self._string(LONGEST_KEY, "name")
            if not key:
                raise ModelError("The file is damaged: an entry has no name.")
            if key in values:
                raise ModelError("The file is damaged: an entry is there twice.")
            kind = self._number("<I")
            if key == _ALIGNMENT and kind != _UINT32:
                raise ModelError("The file is damaged: its alignment is impossible.")
            values[key] = self._value(kind)
        return values

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._string(LONGEST_STRING, "text")
        if kind == _ARRAY:
            return self._array()
        return self._scalar(kind)

    def _scalar(self, kind: int) -> int | float | bool:
        code = _SCALARS.get(kind)
        if code is None:
            raise ModelError("The file is damaged: an entry has an unknown type.")
        raw = self._take(struct.calcsize(code))
        if kind == _BOOL and raw not in (b"\0", b"\1"):
            raise ModelError("The file is damaged: a yes-or-no entry is neither.")
        value: int | float | bool = struct.unpack(code, raw)[0]
        return value

    def _array(self) -> Value:
        kind = self._number("<I")
        if kind == _STRING:
            count = self._count("<Q", "texts", least_bytes=8, most=self._size)
            kept = [self._text_or_skip(count) for _ in range(count)]
            return [text for text in kept if text is not None] if count <= KEPT_ARRAY else None
        code = _SCALARS.get(kind)
        if code is None:
            raise ModelError("The file is damaged: a list has an unknown type.")
        width = struct.calcsize(code)
        count = self._count("<Q", "numbers", least_bytes=width, most=self._size)
        if count > KEPT_ARRAY:
            self._skip(count * width)
            return None
        return [self._scalar(kind) for _ in range(count)]

    def _text_or_skip(self, count: int) -> str | None:
        if count <= KEPT_ARRAY:
            return self._string(LONGEST_STRING, "text")
        self._skip(self._length(LONGEST_STRING, "text"))
        return None

    def _tensors(
        self, version: int, values: dict[str, Value], count: int, alignment: int
    ) -> Header:
        names: set[str] = set()
        weights: dict[str, int] = {}
        expected = 0
        for _ in range(count):
            name = self._string(LONGEST_TENSOR_NAME, "tensor name")
            if name in names:
                raise ModelError("The file is damaged: a tensor is there twice.")
            names.add(name)
            shape = self._shape()
            type_name, size = _tensor_size(self._number("<I"), shape)
            if self._number("<Q") != expected:
                raise ModelError("The file is damaged: tensors are not where they should be.")
            expected += -(-size // alignment) * alignment
            weights[type_name] = weights.get(type_name, 0) + math.prod(shape)
        self._check_end(expected, alignment, has_tensors=count > 0)
        dominant = max(weights, key=lambda name: weights[name]) if weights else ""
        return Header(version, values, count, sum(weights.values()), expected, dominant)

    def _check_end(self, data: int, alignment: int, *, has_tensors: bool) -> None:
        if not has_tensors:
            return
        begin = -(-self._at // alignment) * alignment
        # The last tensor may lack its padding.
        missing = begin + data - self._size
        if missing >= alignment:
            raise ModelError(
                f"The file ends early: {missing:,} bytes are missing.",
                hint="Download it again, or copy it again from where it came.",
            )

    def _shape(self) -> tuple[int, ...]:
        dimensions = self._number("<I")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise ModelError(
                "The file is damaged: a tensor has an impossible number of dimensions."
            )
        shape = tuple(self._number("<Q") for _ in range(dimensions))
        if any(side > LARGEST_NUMBER for side in shape) or math.prod(shape) > LARGEST_NUMBER:
            raise ModelError("The file is damaged: a tensor is impossibly large.")
        return shape

    def _string(self, longest: int, what: str) -> str:
        raw = self._take(self._length(longest, what))
        return raw.decode("utf-8", "replace")

    def _length(self, longest: int, what: str) -> int:
        length = self._number("<Q")
        if length > longest:
            raise ModelError(f"The file is damaged: a {what} is impossibly long.")
        return length

    def _count(self, code: str, what: str, *, least_bytes: int, most: int = MOST_ENTRIES) -> int:
        count = self._number(code)
        if count > most:
            raise ModelError(f"The file is damaged: it claims {count:,} {what}.")
        if count * least_bytes > self._size - self._at:
            raise ModelError(f"The file is damaged or cut off: it claims {count:,} {what}.")
        return count

    def _number(self, code: str) -> int:
        value: int = struct.unpack(code, self._take(struct.calcsize(code)))[0]
        return value

    def _take(self, length: int) -> bytes:
        self._need(length)
        data = self._file.read(length)
        if len(data) != length:
            raise ModelError("The file changed while it was being read.")
        self._at += length
        return data

    def _skip(self, length: int) -> None:
        self._need(length)
        self._file.seek(length, 1)
        self._at += length

    def _need(self, length: int) -> None:
        if length > self._size - self._at:
            raise ModelError(
                "The file ends early.",
                hint="Download it again, or copy it again from where it came.",
            )


def _alignment(values: dict[str, Value]) -> int:
    alignment = values.get(_ALIGNMENT, 32)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
        raise ModelError("The file is damaged: its alignment is impossible.")
    return alignment


def _tensor_size(kind: int, shape: tuple[int, ...]) -> tuple[str, int]:
    known = TENSOR_TYPES.get(kind)
    if known is None:
        raise ModelError("The file uses a number format that this version cannot read.")
    name, block, width = known
    if shape[0] % block:
        raise ModelError("The file is damaged: a tensor does not fit its number format.")
    size = math.prod(shape) // block * width
    if size > LARGEST_NUMBER:
        raise ModelError("The file is damaged: a tensor is impossibly large.")
    return name, size
