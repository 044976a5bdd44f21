"""One account that can sign: its key is here only while the wallet is unlocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account as EthAccount
from eth_account.messages import encode_defunct
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from router import curve
from router.errors import WalletLocked


@dataclass(frozen=True)
class SignedTx:
    """A transaction as it is sent; its hash is known before."""

    raw: bytes
    tx_hash: str


class Account:
    """An address with its key.

    Args:
        key: 32 bytes; `wipe` overwrites the only copy that is kept.
    """

    def __init__(self, key: bytes) -> None:
        self._key = bytearray(key)
        self.address = str(to_checksum_address(EthAccount.from_key(bytes(key)).address))

    def __repr__(self) -> str:
        return f"Account({self.address})"

    @property
    def public_key(self) -> bytes:
        """Uncompressed, 64 bytes without a prefix."""
        return curve.public_key(self._secret())[1:]

    def sign_transaction(self, fields: Mapping[str, Any]) -> SignedTx:
        """Sign exactly these fields, as eth_account names them.

        Raises:
            WalletLocked: the key was wiped.
        """
        signed = EthAccount.sign_transaction(dict(fields), self._secret())
        return SignedTx(bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex())

    def sign_message(self, message: bytes) -> bytes:
        """A signature of 65 bytes over a message with the prefix of EIP-191.

        Raises:
            WalletLocked: the key was wiped.
        """
        signed = EthAccount.sign_message(encode_defunct(message), self._secret())
        return bytes(signed.signature)

    def sign_payload(self, payload: bytes) -> bytes:
        """A signature of 65 bytes over words that a contract reads: the message is their hash.

        Raises:
            WalletLocked: the key was wiped.
        """
        return self.sign_message(keccak(payload))

    def sign_object(self, text: bytes) -> bytes:
        """A signature of 65 bytes over the text of a JSON object, without a prefix; v is 0 or 1.

        Raises:
            ValueError: the text does not begin as an object does. No transaction and no other
                signed thing of Ethereum begins like that, so this cannot sign one unseen.
            WalletLocked: the key was wiped.
        """
        if not text.startswith(b"{"):
            raise ValueError("only objects are signed like this")
        return curve.sign(keccak(text), self._secret())

    def shared_x(self, public_key: bytes) -> bytes:
        """What this key and another of 65 bytes have in common: 32 bytes.

        The key is split at random for each call, because multiplying takes a time that depends
        on the number, and strangers choose the point and can measure.

        Raises:
            ValueError: that is no key.
            WalletLocked: the key was wiped.
        """
        return curve.multiplied_blind(public_key, self._secret())[1:33]

    def copy(self) -> "Account":
        """The same account with a key of its own, which is wiped by itself.

        Raises:
            WalletLocked: the key was wiped.
        """
        return Account(self._secret())

    def wipe(self) -> None:
        """Overwrite the key. Signing raises WalletLocked from now on."""
        for position in range(len(self._key)):
            self._key[position] = 0
        self._key.clear()

    def _secret(self) -> bytes:
        if not self._key:
            raise WalletLocked(
                "The wallet is locked.", safe="Nothing was signed.", hint="Unlock it first."
            )
        return bytes(self._key)
