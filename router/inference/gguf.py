"""Reads the header of a GGUF model file without trusting a single byte of it.

Pure Python on an open file: what a file claims is checked against its real size before anything
is reserved for it, so a damaged or hostile file costs milliseconds and gives a plain reason.
Format: the GGUF specification, versions 2 and 3, little-endian.
"""

import math
import stat
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from router.errors import ModelError
from router.inference.bounded import BoundedReader
from router.inference.ggml import FILE_TYPES, GUESSED, TENSOR_TYPES
from router.untrusted import one_line

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 65_536
LONGEST_KEY = 65_535
LONGEST_STRING = 16 * 1024 * 1024
LONGEST_TENSOR_NAME = 63
MOST_DIMENSIONS = 4
LARGEST_NUMBER = 2**63 - 1
KEPT_ARRAY = 1024  # longer lists are vocabularies; shorter ones may be one number a layer
MOST_TEXTS = 4_000_000  # in all lists together: some eight times the largest vocabulary known

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
        dominant_type: name of the tensor type that most weights have.
    """

    version: int
    values: dict[str, Value] = field(repr=False)
    tensors: int
    parameters: int
    dominant_type: str

    def text(self, key: str) -> str:
        """A text of the metadata, or empty."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int = 0) -> int:
        """A whole number of the metadata."""
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def of_architecture(self, key: str) -> int:
        """A whole number of the metadata that is named after the architecture; 0 without one.

        Where the file has one number a layer, it is the largest.
        """
        full = f"{self.text('general.architecture')}.{key}"
        value = self.values.get(full)
        if isinstance(value, list):
            return max((item for item in value if isinstance(item, int)), default=0)
        return max(self.number(full), 0)

    @property
    def architecture(self) -> str:
        """For example "llama" or "qwen2"."""
        return one_line(self.text("general.architecture"), 32)

    @property
    def licence(self) -> str:
        """The licence the file names, or empty."""
        return one_line(self.text("general.license"), 40)

    @property
    def kind(self) -> str:
        """ "model", or for example "adapter" or "mmproj"; files without it are models."""
        return one_line(self.text("general.type"), 32) or "model"

    @property
    def context_tokens(self) -> int:
        """The context the model was trained for, or 0."""
        return self.of_architecture("context_length")

    @property
    def chat_template(self) -> str:
        """The model's own Jinja template, or empty. Hostile: render it in a sandbox only."""
        return self.text("tokenizer.chat_template")

    @property
    def quantization(self) -> str:
        """For example "Q4_K_M"."""
        said = self.number("general.file_type", -1)
        return FILE_TYPES.get(said & ~GUESSED, self.dominant_type)


def read_header(path: Path) -> Header:
    """Read and check a model file's header; call it on a thread.

    Raises:
        ModelError: not a GGUF file, damaged, cut off, or of a version that is not known; the
            sentence says which.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its other end
            raise ModelError("This is not a file.")
        with path.open("rb") as file:
            return _Reader(file, status.st_size).header()
    except FileNotFoundError as error:
        raise ModelError("The file is no longer there.") from error
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else None
        raise ModelError(f"The file cannot be read: {words or error}.") from error


class _Reader:
    """Reads the parts of a header in their order."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._bytes = BoundedReader(file, size)
        self._empty = size == 0
        self._texts_left = MOST_TEXTS

    def header(self) -> Header:
        self._check_magic()
        version = self._bytes.number("<I")
        if version not in VERSIONS:
            if version.to_bytes(4, "big") in [known.to_bytes(4, "little") for known in VERSIONS]:
                raise ModelError("The file was made for another kind of processor (big-endian).")
            raise ModelError(f"The file has GGUF version {version}; 2 and 3 can be read.")
        tensors = self._bytes.count("tensors", least_bytes=24, most=MOST_ENTRIES)
        entries = self._bytes.count("entries", least_bytes=13, most=MOST_ENTRIES)
        values = self._values(entries)
        return self._tensors(version, values, tensors)

    def _check_magic(self) -> None:
        if self._empty:
            raise ModelError("The file is empty.")
        magic = self._bytes.take(min(4, self._bytes.left))
        if magic == MAGIC:
            return
        if magic.lstrip()[:1] == b"<":
            raise ModelError("This is a web page that was saved as a model file.")
        if magic == b"vers":
            raise ModelError("This is a pointer to a model file (Git LFS), not the file itself.")
        raise ModelError("This is not a GGUF model file.")

    def _values(self, entries: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for _ in range(entries):
            key = self._bytes.text(LONGEST_KEY, "name")
            if not key:
                raise ModelError("The file is damaged: an entry has no name.")
            if key in values:
                raise ModelError("The file is damaged: an entry is there twice.")
            kind = self._bytes.number("<I")
            if key == _ALIGNMENT and kind != _UINT32:
                raise ModelError("The file is damaged: its alignment is impossible.")
            values[key] = self._value(kind)
        return values

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._bytes.text(LONGEST_STRING, "text")
        if kind == _ARRAY:
            return self._array()
        return self._scalar(kind)

    def _scalar(self, kind: int) -> int | float | bool:
        code = _SCALARS.get(kind)
        if code is None:
            raise ModelError("The file is damaged: an entry has an unknown type.")
        raw = self._bytes.take(struct.calcsize(code))
        if kind == _BOOL and raw not in (b"\0", b"\1"):
            raise ModelError("The file is damaged: a yes-or-no entry is neither.")
        value: int | float | bool = struct.unpack(code, raw)[0]
        return value

    def _array(self) -> Value:
        kind = self._bytes.number("<I")
        if kind == _STRING:
            return self._texts()
        code = _SCALARS.get(kind)
        if code is None:
            raise ModelError("The file is damaged: a list has an unknown type.")
        width = struct.calcsize(code)
        count = self._bytes.count("numbers", least_bytes=width, most=LARGEST_NUMBER)
        if count > KEPT_ARRAY:
            self._bytes.skip(count * width)
            return None
        return [self._scalar(kind) for _ in range(count)]

    def _texts(self) -> Value:
        count = self._bytes.count("texts", least_bytes=8, most=self._texts_left)
        self._texts_left -= count
        if count <= KEPT_ARRAY:
            return [self._bytes.text(LONGEST_STRING, "text") for _ in range(count)]
        for _ in range(count):
            self._bytes.skip_text(LONGEST_STRING, "text")
        return None

    def _tensors(self, version: int, values: dict[str, Value], count: int) -> Header:
        alignment = _alignment(values)
        names: set[str] = set()
        weights: dict[str, int] = {}
        expected = end = 0
        for _ in range(count):
            name = self._bytes.text(LONGEST_TENSOR_NAME, "tensor name")
            if name in names:
                raise ModelError("The file is damaged: a tensor is there twice.")
            names.add(name)
            shape = self._shape()
            type_name, size = _tensor_size(self._bytes.number("<I"), shape)
            if self._bytes.number("<Q") != expected:
                raise ModelError("The file is damaged: tensors are not where they should be.")
            end = expected + size
            expected = _aligned(end, alignment)
            weights[type_name] = weights.get(type_name, 0) + math.prod(shape)
        if end > LARGEST_NUMBER:
            raise ModelError("The file is damaged: its tensors are impossibly large.")
        if count:
            self._bytes.need_until(_aligned(self._bytes.at, alignment) + end)
        dominant = max(weights, key=lambda name: weights[name]) if weights else ""
        return Header(version, values, count, sum(weights.values()), dominant)

    def _shape(self) -> tuple[int, ...]:
        dimensions = self._bytes.number("<I")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise ModelError(
                "The file is damaged: a tensor has an impossible number of dimensions."
            )
        shape = tuple(self._bytes.number("<Q") for _ in range(dimensions))
        if any(side > LARGEST_NUMBER for side in shape) or math.prod(shape) > LARGEST_NUMBER:
            raise ModelError("The file is damaged: a tensor is impossibly large.")
        return shape


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment


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
