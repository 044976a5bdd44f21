"""Writes small GGUF files, sound and broken, byte by byte as the format's specification says."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

UINT32, FLOAT32, BOOL, STRING, ARRAY, UINT64 = 4, 6, 7, 8, 9, 10
F32, Q8_0 = 0, 8

CHAT: dict[str, Any] = {
    "general.architecture": "llama",
    "general.name": "Little Talker",
    "general.license": "apache-2.0",
    "general.file_type": 7,
    "llama.context_length": 4096,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
}
TENSORS = (("token_embd.weight", (64, 8), Q8_0), ("output_norm.weight", (64,), F32))


def text(value: str | bytes) -> bytes:
    """A text with its length before it."""
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def entry(key: str | bytes, kind: int, raw: bytes) -> bytes:
    """One entry of the metadata from its parts."""
    return text(key) + struct.pack("<I", kind) + raw


def value_entry(key: str, value: Any) -> bytes:
    """One entry of the metadata from a Python value."""
    if isinstance(value, list):
        kind, raws = STRING, [text(item) for item in value if isinstance(item, str)]
        if not raws:
            kind, raws = UINT32, [struct.pack("<I", item) for item in value]
        return entry(key, ARRAY, struct.pack("<IQ", kind, len(value)) + b"".join(raws))
    kind, raw = _scalar(value)
    return entry(key, kind, raw)


def gguf(
    values: Mapping[str, Any] | None = None,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = TENSORS,
    *,
    version: int = 3,
    cut: int = 0,
) -> bytes:
    """A whole file whose weights are zero.

    Args:
        values: metadata; None is a small chat model's.
        tensors: names, shapes and types (F32 or Q8_0).
        cut: so many bytes are missing at the end.
    """
    values = CHAT if values is None else values
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(values))
    head += b"".join(value_entry(key, value) for key, value in values.items())
    offset = 0
    for name, shape, kind in tensors:
        head += text(name) + struct.pack("<I", len(shape))
        head += b"".join(struct.pack("<Q", side) for side in shape)
        head += struct.pack("<IQ", kind, offset)
        offset += _padded(_size(shape, kind))
    data = b"\0" * offset
    whole = head + b"\0" * (_padded(len(head)) - len(head)) + data
    return whole[: len(whole) - cut]


def write(path: Path, values: Mapping[str, Any] | None = None, **how: Any) -> Path:
    """Write such a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gguf(values, **how))
    return path


def _scalar(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return BOOL, bytes([value])
    if isinstance(value, int):
        return (
            (UINT32, struct.pack("<I", value))
            if value < 2**32
            else (
                UINT64,
                struct.pack("<Q", value),
            )
        )
    if isinstance(value, float):
        return FLOAT32, struct.pack("<f", value)
    return STRING, text(value)


def _size(shape: tuple[int, ...], kind: int) -> int:
    count = 1
    for side in shape:
        count *= side
    return count * 4 if kind == F32 else count // 32 * 34


def _padded(length: int) -> int:
    return -(-length // 32) * 32
