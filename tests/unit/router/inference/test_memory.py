"""The estimate of memory before a model is loaded."""

import pytest

from router.inference import memory
from router.inference.gguf import Header, Value, read_header
from router.inference.memory import Memory, Need, need, verdict
from tests.support.model import model_path

GIGABYTE = 1_000_000_000


def header(**values: Value) -> Header:
    full = {f"llama.{key.replace('__', '.')}": value for key, value in values.items()}
    return Header(3, {"general.architecture": "llama", **full}, 1, 1000, "F16")


SMALL = {
    "embedding_length": 64,
    "block_count": 2,
    "attention__head_count": 4,
    "attention__head_count_kv": 2,
}


def test_the_cache_is_counted_exactly() -> None:
    # 2 layers, 100 tokens, 2 heads, a key and a value of 16 numbers each, 2 bytes a number.
    assert need(header(**SMALL), 1000, 100).cache == 2 * 100 * 2 * (16 + 16) * 2


def test_the_weights_are_the_file() -> None:
    assert need(header(**SMALL), 1000, 100).weights == 1000


def test_keys_and_values_of_their_own_length() -> None:
    one = header(**SMALL, attention__key_length=32, attention__value_length=8)
    assert need(one, 1000, 100).cache == 2 * 100 * 2 * (32 + 8) * 2


def test_without_groups_every_head_has_its_cache() -> None:
    one = header(**{**SMALL, "attention__head_count_kv": 0})
    assert need(one, 1000, 100).cache == 2 * need(header(**SMALL), 1000, 100).cache


def test_numbers_that_are_told_layer_by_layer() -> None:
    one = header(**{**SMALL, "attention__head_count_kv": [1, 2]})
    assert need(one, 1000, 100) == need(header(**SMALL), 1000, 100)


def test_it_grows_with_context_vocabulary_and_width() -> None:
    base = need(header(**SMALL), 1000, 512).total
    assert need(header(**SMALL), 1000, 1024).total > base
    assert need(header(**SMALL, vocab_size=1000), 1000, 512).total > base
    assert need(header(**SMALL, feed_forward_length=5000), 1000, 512).total > base


def test_a_header_that_says_nothing_or_nonsense() -> None:
    assert need(header(), 1000, 8192).cache == 0
    wrong = header(embedding_length=-5, block_count="two", attention__head_count=-1)
    assert need(wrong, 1000, 8192).total > 1000


def test_the_bundled_model_is_estimated_near_what_was_measured() -> None:
    # 572 MB with all 8,192 tokens in use; see docs/models.md.
    found = need(read_header(model_path()), model_path().stat().st_size, 8192)
    assert abs(found.total - 572e6) < found.error


@pytest.mark.parametrize(
    ("total", "free", "wanted"),
    [
        (1 * GIGABYTE, 8 * GIGABYTE, "fits"),
        (4 * GIGABYTE, 5 * GIGABYTE, "tight"),
        (1 * GIGABYTE, 1 * GIGABYTE, "tight"),
        (2 * GIGABYTE, 1 * GIGABYTE, "too_big"),
    ],
)
def test_the_verdict(total: int, free: int, wanted: str) -> None:
    assert verdict(Need(total, 0, 0), Memory(16 * GIGABYTE, free)) == wanted


def test_this_computer_has_memory() -> None:
    now = memory.memory()
    assert 0 < now.free <= now.total
