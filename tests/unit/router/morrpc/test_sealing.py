"""Boxes open for their owner, whole, or not at all; why not is not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import WalletLocked
from router.morrpc.errors import Fault, WireError
from router.morrpc.sealing import OVERHEAD, seal, unseal
from router.morrpc.signing import key_of
from router.wallet.account import Account
from tests.support.wire import CONSUMER, STRANGER

KEY = key_of(CONSUMER)
BOX = seal(b"a secret", KEY)
PRIME = 2**256 - 2**32 - 977
TWIST = b"\x04" + (5).to_bytes(32, "big") + (1).to_bytes(32, "big")


@given(st.binary())
def test_what_was_sealed_opens(plain: bytes) -> None:
    box = seal(plain, KEY)
    assert len(box) == len(plain) + OVERHEAD
    assert unseal(box, CONSUMER) == plain
    assert seal(plain, KEY)[:65] != box[:65]


@given(st.integers(0, len(BOX) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_refused(at: int, change: int) -> None:
    changed = BOX[:at] + bytes([BOX[at] ^ change]) + BOX[at + 1 :]
    with pytest.raises(WireError) as caught:
        unseal(changed, CONSUMER)
    assert (caught.value.fault, str(caught.value)) == (Fault.UNREADABLE, CONSTANT)


CONSTANT = str(WireError(Fault.UNREADABLE))


@pytest.mark.parametrize(
    "box",
    [
        b"",
        BOX[:-1],
        BOX + b"\x00",
        BOX[: OVERHEAD - 1],
        b"\x04" + bytes(64) + BOX[65:],
        TWIST + BOX[65:],
        b"\x04" + PRIME.to_bytes(32, "big") + BOX[33:],
        b"\x02" + BOX[1:],
        b"\x06" + BOX[1:],
        seal(b"a secret", key_of(STRANGER)),
    ],
)
def test_damaged_points_and_boxes_give_the_same_answer(box: bytes) -> None:
    with pytest.raises(WireError) as caught:
        unseal(box, CONSUMER)
    assert (caught.value.fault, str(caught.value)) == (Fault.UNREADABLE, CONSTANT)


@pytest.mark.parametrize("key", [b"", TWIST, b"\x04" + bytes(64), b"\x02" + KEY[1:33]])
def test_nothing_is_sealed_for_a_key_that_is_none(key: bytes) -> None:
    with pytest.raises(WireError):
        seal(b"", key)


def test_a_locked_wallet_opens_nothing() -> None:
    account = Account(b"\x44" * 32)
    box = seal(b"", key_of(account))
    account.wipe()
    with pytest.raises(WalletLocked):
        unseal(box, account)
