"""How much memory a model needs, and whether this computer has it. An estimate, and it says so.

Weights are as large as their file, or all parts of it. The cache holds a key and a value of 16
bits for every layer and token. The rest (buffers of the computation, the process itself) was
measured with SmolLM2 135M and grows with the vocabulary and the embedding.
"""

from dataclasses import dataclass
from typing import Literal

import psutil

from router.inference.gguf import Header

Verdict = Literal["fits", "tight", "too_big"]

CACHE_BYTES = 2  # of one number in the cache
BATCH_TOKENS = 512
PROCESS_BYTES = 60_000_000
ERROR_SHARE = 0.15
KEEP_FREE = 500_000_000


@dataclass(frozen=True)
class Need:
    """Bytes a model needs with one context; `error` is how wrong `total` may be, either way."""

    weights: int
    cache: int
    buffers: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.buffers

    @property
    def error(self) -> int:
        """How far off the total may be."""
        return round(self.total * ERROR_SHARE)


@dataclass(frozen=True)
class Memory:
    """Main memory of this computer, in bytes."""

    total: int
    free: int


def memory() -> Memory:
    """What this computer has now; what the system can free at once counts as free."""
    now = psutil.virtual_memory()
    return Memory(now.total, now.available)


def need(header: Header, file_bytes: int, context_tokens: int) -> Need:
    """The estimate for a model and a context.

    Args:
        file_bytes: of the file, or of all parts of a split one.
    """
    embedding = header.of_architecture("embedding_length")
    heads = max(header.of_architecture("attention.head_count"), 1)
    kv_heads = header.of_architecture("attention.head_count_kv") or heads
    layers = header.of_architecture("block_count")
    key = header.of_architecture("attention.key_length") or embedding // heads
    value = header.of_architecture("attention.value_length") or embedding // heads
    cache = layers * context_tokens * kv_heads * (key + value) * CACHE_BYTES
    vocabulary = header.of_architecture("vocab_size")
    wide = max(header.of_architecture("feed_forward_length"), embedding)
    batch = min(BATCH_TOKENS, context_tokens)
    buffers = batch * (vocabulary + 4 * wide) * 4 + heads * batch * context_tokens * 4
    return Need(file_bytes, cache, buffers + PROCESS_BYTES)


def verdict(wanted: Need, now: Memory) -> Verdict:
    """Whether it fits into what is free, leaving something for others."""
    if wanted.total > now.free:
        return "too_big"
    return "tight" if wanted.total + wanted.error + KEEP_FREE > now.free else "fits"
