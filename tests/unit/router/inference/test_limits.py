"""Memory that may be had, and then again."""

import sys

import pytest

from router.inference.limits import memory_limit

MEGABYTE = 1024 * 1024


def fill(megabytes: int) -> int:
    return len(bytearray(megabytes * MEGABYTE)) // MEGABYTE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_more_than_allowed_is_refused() -> None:
    with pytest.raises(MemoryError), memory_limit(16 * MEGABYTE):
        fill(64)


def test_less_is_given_and_the_limit_is_lifted_afterwards() -> None:
    with memory_limit(128 * MEGABYTE):
        assert fill(16) == 16
    with pytest.raises(ValueError, match="inside"), memory_limit(16 * MEGABYTE):
        raise ValueError("inside")
    assert fill(256) == 256
