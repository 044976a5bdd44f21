"""Signatures of messages: Keccak-256 of their canonical text, secp256k1, r‖s‖v with v of 0 or 1."""

from collections.abc import Collection
from typing import Protocol, TypeVar

from coincurve import PublicKey
from eth_utils.crypto import keccak

from router import curve
from router.morrpc.errors import Fault, WireError
from router.morrpc.members import Signed

SIGNATURE_BYTES = 65
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
S = TypeVar("S", bound=Signed)


class Signer(Protocol):
    """An account while it is unlocked; `router.wallet.account.Account` is one.

    All methods raise WalletLocked when the key is gone.
    """

    address: str

    @property
    def public_key(self) -> bytes:
        """64 bytes without a prefix."""

    def sign_object(self, text: bytes) -> bytes:
        """65 bytes over the Keccak-256 of a JSON object, v of 0 or 1."""

    def sign_payload(self, payload: bytes) -> bytes:
        """65 bytes over the Keccak-256 of a payload with the prefix of EIP-191, v of 27 or 28.

        A grant of an account signs only what it is for, and raises BadRequest.
        """

    def shared_x(self, public_key: bytes) -> bytes:
        """32 bytes: what this key and another (65 bytes) have in common."""


def sign(message: S, signer: Signer) -> S:
    """The same message with its signature."""
    unsigned = message.with_signature(b"") if message.signature else message
    return unsigned.with_signature(signer.sign_object(unsigned.text().encode()))


def digest_of(message: Signed) -> bytes:
    """What is signed of a message: the same whatever its signature, 32 bytes."""
    return keccak(message.with_signature(b"").text().encode())


def verify(message: Signed, public_key: bytes) -> None:
    """Raises WireError unless the message was signed with this key. The last byte is not looked at."""
    if not is_signed_by(digest_of(message), message.signature, public_key):
        raise WireError(Fault.BAD_SIGNATURE)


def is_signed_by(digest: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether the key made the signature; a high s is refused."""
    return len(signature) == SIGNATURE_BYTES and curve.is_signed(digest, signature[:-1], public_key)


def verify_by_address(message: Signed, addresses: Collection[str] | None) -> bytes:
    """The key (65 bytes) that signed the message, if it is of one of the addresses.

    None lets it be any key: who calls has to find out whose it is.

    Raises:
        WireError: it is of none.
    """
    key = recover(digest_of(message), message.signature)
    if addresses is not None and address_of(key) not in {entry.lower() for entry in addresses}:
        raise WireError(Fault.BAD_SIGNATURE)
    return key


def recover(digest: bytes, signature: bytes) -> bytes:
    """The key (65 bytes) that made a signature with v of 0 or 1; s may be high.

    Raises:
        WireError: no key made it.
    """
    try:
        if len(signature) != SIGNATURE_BYTES or signature[-1] > 1:
            raise ValueError
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError as error:
        raise WireError(Fault.BAD_SIGNATURE) from error
    return bytes(key.format(compressed=False))


def has_low_s(signature: bytes) -> bool:
    """Whether it is of the form that contracts accept."""
    return int.from_bytes(signature[32:64], "big") <= _HALF_ORDER


def address_of(public_key: bytes) -> str:
    """The address of a key of 65 bytes, in small letters."""
    return "0x" + keccak(public_key[1:])[12:].hex()


def key_of(signer: Signer) -> bytes:
    """The signer's key as it is sent: 65 bytes."""
    return b"\x04" + signer.public_key


def checked_key(public_key: bytes) -> bytes:
    """The same key.

    Raises:
        WireError: it is not an uncompressed point of the curve; nothing could be encrypted for it.
    """
    try:
        good = len(public_key) == SIGNATURE_BYTES and public_key[0] == 4 and PublicKey(public_key)
    except ValueError:
        good = False
    if not good:
        raise WireError(Fault.BAD_MESSAGE, "no key")
    return public_key
