"""router.curve: the same as coincurve's own classes, and nothing else."""

import pytest
from coincurve import PrivateKey, PublicKey
from hypothesis import given
from hypothesis import strategies as st

from router import curve

KEYS = st.integers(1, curve.ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
DIGESTS = st.binary(min_size=32, max_size=32)
POINT = PrivateKey(b"\x11" * 32).public_key.format(compressed=False)
NO_KEYS = (
    b"",
    bytes(32),
    b"\x01" * 31,
    b"\x01" * 33,
    curve.ORDER.to_bytes(32, "big"),
    b"\xff" * 32,
)
NO_POINTS = (
    b"",
    POINT[:-1],
    b"\x05" + POINT[1:],
    b"\x06" + POINT[1:],
    POINT[:-1] + b"\0",
    bytes(65),
)


@given(KEYS, DIGESTS)
def test_it_is_what_coincurve_says(key: bytes, digest: bytes) -> None:
    private, point = PrivateKey(key), PublicKey(POINT)
    signature = curve.sign(digest, key)
    assert signature == private.sign_recoverable(digest, hasher=None)
    assert curve.public_key(key) == private.public_key.format(compressed=False)
    assert curve.is_signed(digest, signature[:-1], curve.public_key(key))
    product = point.multiply(key).format(compressed=False)
    assert curve.multiplied(POINT, key) == product
    assert curve.multiplied_blind(POINT, key) == product


@given(DIGESTS, st.integers(0, 63), st.integers(1, 255))
def test_what_was_changed_is_not_signed(digest: bytes, at: int, change: int) -> None:
    key = b"\x11" * 32
    signature = bytearray(curve.sign(digest, key)[:-1])
    signature[at] ^= change
    assert not curve.is_signed(digest, bytes(signature), POINT)
    other = bytearray(digest)
    other[at // 2] ^= change
    assert not curve.is_signed(bytes(other), curve.sign(digest, key)[:-1], POINT)


def test_a_high_s_is_refused() -> None:
    signature = curve.sign(b"\x22" * 32, b"\x11" * 32)
    high = curve.ORDER - int.from_bytes(signature[32:64], "big")
    assert not curve.is_signed(b"\x22" * 32, signature[:32] + high.to_bytes(32, "big"), POINT)


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused(key: bytes) -> None:
    for call in (
        lambda: curve.public_key(key),
        lambda: curve.sign(b"\x22" * 32, key),
        lambda: curve.multiplied(POINT, key),
        lambda: curve.multiplied_blind(POINT, key),
    ):
        with pytest.raises(ValueError, match="no private key"):
            call()


@pytest.mark.parametrize("point", NO_POINTS)
def test_what_is_no_point_is_refused(point: bytes) -> None:
    key = b"\x33" * 32
    for multiply in (curve.multiplied, curve.multiplied_blind):
        with pytest.raises(ValueError, match="no point"):
            multiply(point, key)
    assert not curve.is_signed(b"\x22" * 32, curve.sign(b"\x22" * 32, key)[:-1], point)


def test_lengths_are_looked_at_before_c_reads() -> None:
    key = b"\x11" * 32
    with pytest.raises(ValueError, match="no digest"):
        curve.sign(b"\x22" * 31, key)
    assert not curve.is_signed(b"\x22" * 31, bytes(64), POINT)
    assert not curve.is_signed(b"\x22" * 32, bytes(63), POINT)


def test_new_keys_differ() -> None:
    assert len({curve.new_key() for _ in range(100)}) == 100
    assert all(curve.public_key(curve.new_key()) for _ in range(100))
