"""Who signed what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.morrpc.errors import Fault, WireError
from router.morrpc.messages import Frame, Ping
from router.morrpc.signing import (
    address_of,
    checked_key,
    digest_of,
    has_low_s,
    is_signed_by,
    key_of,
    recover,
    sign,
    verify,
    verify_by_address,
)
from tests.support.wire import CONSUMER, PROVIDER

MESSAGE = sign(Frame(message="ab", timestamp_ms=1), PROVIDER)
KEY = key_of(PROVIDER)


def test_a_signed_message_is_signed_anew_from_its_text() -> None:
    assert sign(MESSAGE, PROVIDER) == MESSAGE
    assert digest_of(MESSAGE) == digest_of(MESSAGE.with_signature(b""))
    verify(MESSAGE, KEY)
    assert verify_by_address(MESSAGE, [CONSUMER.address, PROVIDER.address]) == KEY
    assert address_of(KEY) == PROVIDER.address.lower()
    assert has_low_s(MESSAGE.signature)


@pytest.mark.parametrize(
    "changed",
    [
        Frame(message="aB", timestamp_ms=1, signature=MESSAGE.signature),
        Frame(message="ab", timestamp_ms=2, signature=MESSAGE.signature),
        Ping(nonce=b"\xab", signature=MESSAGE.signature),
        MESSAGE.with_signature(b""),
        MESSAGE.with_signature(bytes(65)),
        MESSAGE.with_signature(b"\xff" * 65),
    ],
)
def test_what_was_changed_is_refused(changed: Frame) -> None:
    for check in (
        lambda: verify(changed, KEY),
        lambda: verify_by_address(changed, [PROVIDER.address]),
    ):
        with pytest.raises(WireError) as caught:
            check()
        assert caught.value.fault is Fault.BAD_SIGNATURE


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_noise_is_no_signature_and_no_key(signature: bytes, key: bytes) -> None:
    digest = digest_of(MESSAGE)
    assert not is_signed_by(digest, signature, KEY)
    assert not is_signed_by(digest, MESSAGE.signature, key)
    if len(signature) != 65 or signature[-1] > 1:
        with pytest.raises(WireError):
            recover(digest, signature)


def test_no_address_means_nobody() -> None:
    with pytest.raises(WireError):
        verify_by_address(MESSAGE, [])


def test_keys_for_encryption_are_whole_points() -> None:
    assert checked_key(KEY) == KEY
    for bad in (b"", KEY[:64], b"\x06" + KEY[1:], b"\x04" + bytes(64), b"\x02" + KEY[1:33]):
        with pytest.raises(WireError) as caught:
            checked_key(bad)
        assert caught.value.fault is Fault.BAD_MESSAGE
