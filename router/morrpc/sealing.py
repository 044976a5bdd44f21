"""Encryption for one key: ECIES as deployed (secp256k1, AES-128-CTR, HMAC-SHA256).

A box is 65 bytes of an ephemeral key, 16 of the counter's start, the ciphertext, 32 of a tag.
There is no forward secrecy: who gets the recipient's key can open every box that was kept.
"""

import hmac
import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from router import curve
from router.morrpc.errors import Fault, WireError
from router.morrpc.signing import Signer

KEY_BYTES, IV_BYTES, TAG_BYTES = 65, 16, 32
OVERHEAD = KEY_BYTES + IV_BYTES + TAG_BYTES


def seal(plain: bytes, public_key: bytes) -> bytes:
    """A box that only the owner of `public_key` (65 bytes) opens.

    Raises:
        WireError: that is no key.
    """
    return seal_with(plain, public_key, curve.new_key(), secrets.token_bytes(IV_BYTES))


def seal_with(plain: bytes, public_key: bytes, ephemeral: bytes, iv: bytes) -> bytes:
    """Like `seal`, with what is otherwise drawn at random; never use a pair twice."""
    # The time this takes depends on the scalar, which is used this once.
    try:
        shared = curve.multiplied(public_key, ephemeral)[1:33]
    except ValueError as error:
        raise WireError(Fault.UNREADABLE) from error
    cipher_key, tag_key = _keys(shared)
    body = iv + _crypt(cipher_key, iv, plain)
    tag = hmac.digest(tag_key, body, "sha256")
    return curve.public_key(ephemeral) + body + tag


def unseal(box: bytes, signer: Signer) -> bytes:
    """What is in a box for the signer.

    Raises:
        WireError: it is damaged or for somebody else; why is not told apart.
        WalletLocked: the key is gone.
    """
    if len(box) < OVERHEAD:
        raise WireError(Fault.UNREADABLE)
    key, body, tag = box[:KEY_BYTES], box[KEY_BYTES:-TAG_BYTES], box[-TAG_BYTES:]
    try:
        cipher_key, tag_key = _keys(signer.shared_x(key))
    except ValueError as error:
        raise WireError(Fault.UNREADABLE) from error
    if not hmac.compare_digest(hmac.digest(tag_key, body, "sha256"), tag):
        raise WireError(Fault.UNREADABLE)
    return _crypt(cipher_key, body[:IV_BYTES], body[IV_BYTES:])


def _keys(shared: bytes) -> tuple[bytes, bytes]:
    """The key of the cipher and that of the tag."""
    made = sha256(b"\x00\x00\x00\x01" + shared).digest()
    return made[:16], sha256(made[16:]).digest()


def _crypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update(data)
