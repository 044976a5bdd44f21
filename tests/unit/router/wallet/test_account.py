"""An account signs while it has its key."""

import secrets

import pytest
from coincurve import PublicKey
from eth_account import Account as EthAccount
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak
from hypothesis import assume, example, given
from hypothesis import strategies as st

from router.errors import WalletLocked
from router.wallet.account import Account

KEY = b"\x11" * 32
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELDS = {
    "chainId": 8453, "nonce": 0, "to": "0x" + "22" * 20, "value": 1, "data": b"", "gas": 21_000,
    "maxFeePerGas": 2, "maxPriorityFeePerGas": 1, "type": 2,
}  # fmt: skip


def test_what_it_signs_is_of_its_address():
    account = Account(KEY)
    signed = account.sign_transaction(FIELDS)
    assert EthAccount.recover_transaction(signed.raw) == account.address
    assert len(signed.tx_hash) == 66
    message = account.sign_message(b"hello")
    assert account.sign_payload(b"words") == account.sign_message(keccak(b"words"))
    assert len(message) == 65
    recovered = EthAccount.recover_message(encode_defunct(b"hello"), signature=message)
    assert recovered == account.address
    assert len(account.public_key) == 64


def test_its_text_hides_the_key():
    assert repr(Account(KEY)) == f"Account({Account(KEY).address})"


def test_wiped_it_signs_nothing_and_the_bytes_are_gone():
    account = Account(KEY)
    kept = account._key
    account.wipe()
    assert bytes(kept) == b""
    for sign in (
        lambda: account.sign_transaction(FIELDS),
        lambda: account.sign_message(b""),
        lambda: account.public_key,
        lambda: account.sign_object(b"{}"),
        lambda: account.shared_x(b"\x04" + Account(b"\x22" * 32).public_key),
    ):
        with pytest.raises(WalletLocked):
            sign()


def test_it_signs_objects_and_nothing_that_could_be_a_payment():
    account = Account(KEY)
    signature = account.sign_object(b'{"a":1}')
    assert len(signature) == 65
    assert signature[64] in (0, 1)
    signed = PublicKey.from_signature_and_message(signature, keccak(b'{"a":1}'), hasher=None)
    assert signed.format(compressed=False)[1:] == account.public_key
    transaction = account.sign_transaction(FIELDS).raw
    for text in (
        b"",
        transaction,
        b"\x19Ethereum Signed Message:\n32",
        b"\x19\x01",
        b"[{}]",
        b" {",
    ):
        with pytest.raises(ValueError, match="objects"):
            account.sign_object(text)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
@example(KEY, KEY)
@example((1).to_bytes(32, "big"), (ORDER - 1).to_bytes(32, "big"))
def test_two_keys_have_one_secret_in_common(one: bytes, other: bytes):
    assume(all(0 < int.from_bytes(key, "big") < ORDER for key in (one, other)))
    first, second = Account(one), Account(other)
    shared = first.shared_x(b"\x04" + second.public_key)
    assert shared == second.shared_x(b"\x04" + first.public_key)
    plain = PublicKey.from_secret(other).multiply(one).format(compressed=False)[1:33]
    assert shared == plain


def test_the_secret_is_the_same_however_the_key_is_split(monkeypatch):
    account, point = Account(KEY), b"\x04" + Account(b"\x22" * 32).public_key
    shared, number = account.shared_x(point), int.from_bytes(KEY, "big")
    for half in (1, number, number - 1, ORDER - 1, number * pow(2, -1, ORDER) % ORDER):
        monkeypatch.setattr(secrets, "randbelow", lambda _most, half=half: half - 1)
        assert account.shared_x(point) == shared


def test_what_is_no_point_has_nothing_in_common():
    with pytest.raises(ValueError):
        Account(KEY).shared_x(b"\x04" + bytes(64))


def test_a_copy_is_wiped_by_itself():
    account = Account(KEY)
    copy = account.copy()
    copy.wipe()
    assert copy.address == account.address
    assert len(account.sign_message(b"")) == 65
    account.wipe()
    with pytest.raises(WalletLocked):
        account.copy()
