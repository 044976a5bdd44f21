"""An account signs while it has its key."""

import pytest
from eth_account import Account as EthAccount
from eth_account.messages import encode_defunct

from router.errors import WalletLocked
from router.wallet.account import Account

KEY = b"\x11" * 32
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
    ):
        with pytest.raises(WalletLocked):
            sign()


def test_a_copy_is_wiped_by_itself():
    account = Account(KEY)
    copy = account.copy()
    copy.wipe()
    assert copy.address == account.address
    assert len(account.sign_message(b"")) == 65
    account.wipe()
    with pytest.raises(WalletLocked):
        account.copy()
