"""secp256k1 for messages: signing, verifying, multiplying, with nothing in between.

The classes of coincurve work out the public key, twice, whenever they see a private one; at
thousands of pieces a second that is half of the time.
"""

import secrets
from typing import Any

from coincurve._libsecp256k1 import ffi, lib  # type: ignore[import-not-found]  # compiled
from coincurve.context import GLOBAL_CONTEXT
from coincurve.flags import EC_UNCOMPRESSED

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY_BYTES, POINT_BYTES, DIGEST_BYTES = 32, 65, 32
_CONTEXT = GLOBAL_CONTEXT.ctx


def new_key() -> bytes:
    """A private key, drawn at random."""
    return (1 + secrets.randbelow(ORDER - 1)).to_bytes(KEY_BYTES, "big")


def public_key(key: bytes) -> bytes:
    """The point of a private key: 65 bytes.

    Raises:
        ValueError: it is none.
    """
    point = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_create(_CONTEXT, point, _secret(key)):
        raise ValueError("this is no private key")
    return _written(point)


def sign(digest: bytes, key: bytes) -> bytes:
    """A signature of 65 bytes: r, s (low), and v of 0 or 1. The same for the same digest.

    Raises:
        ValueError: the key is none.
    """
    if len(digest) != DIGEST_BYTES:
        raise ValueError("this is no digest")
    signature = ffi.new("secp256k1_ecdsa_recoverable_signature *")
    made = lib.secp256k1_ecdsa_sign_recoverable(
        _CONTEXT, signature, digest, _secret(key), ffi.NULL, ffi.NULL
    )
    if not made:
        raise ValueError("this is no private key")
    compact, v = ffi.new("unsigned char [64]"), ffi.new("int *")
    lib.secp256k1_ecdsa_recoverable_signature_serialize_compact(_CONTEXT, compact, v, signature)
    return bytes(ffi.buffer(compact)) + bytes((v[0],))


def is_signed(digest: bytes, signature: bytes, point: bytes) -> bool:
    """Whether a point's key made a signature of 64 bytes; a high s is refused."""
    if len(digest) != DIGEST_BYTES or len(signature) != 64:
        return False
    found = ffi.new("secp256k1_ecdsa_signature *")
    if not lib.secp256k1_ecdsa_signature_parse_compact(_CONTEXT, found, signature):
        return False
    try:
        return bool(lib.secp256k1_ecdsa_verify(_CONTEXT, found, digest, _read(point)))
    except ValueError:
        return False


def multiplied(point: bytes, key: bytes) -> bytes:
    """A point times a key: 65 bytes. The time this takes depends on the key.

    Raises:
        ValueError: one of them is none.
    """
    return _written(_times(_read(point), key))


def multiplied_blind(point: bytes, key: bytes) -> bytes:
    """Like `multiplied`, but the key is split at random, so that time tells nothing of it.

    Raises:
        ValueError: one of them is none.
    """
    whole = int.from_bytes(_secret(key), "big")
    if not 0 < whole < ORDER:
        raise ValueError("this is no private key")
    half = 1 + secrets.randbelow(ORDER - 1)
    parts = [part.to_bytes(KEY_BYTES, "big") for part in (half, (whole - half) % ORDER) if part]
    points = [_times(_read(point), part) for part in parts]
    total = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_combine(_CONTEXT, total, points, len(points)):
        raise ValueError("this is no private key")
    return _written(total)


def _secret(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:  # C would read on
        raise ValueError("this is no private key")
    return key


def _read(point: bytes) -> Any:
    found = ffi.new("secp256k1_pubkey *")
    if (
        len(point) != POINT_BYTES
        or point[0] != 4
        or not lib.secp256k1_ec_pubkey_parse(_CONTEXT, found, point, POINT_BYTES)
    ):
        raise ValueError("this is no point of the curve")
    return found


def _times(point: Any, key: bytes) -> Any:
    """Multiplies the point where it lies."""
    if not lib.secp256k1_ec_pubkey_tweak_mul(_CONTEXT, point, _secret(key)):
        raise ValueError("this is no private key")
    return point


def _written(point: Any) -> bytes:
    out, size = ffi.new("unsigned char [65]"), ffi.new("size_t *", POINT_BYTES)
    lib.secp256k1_ec_pubkey_serialize(_CONTEXT, out, size, point, EC_UNCOMPRESSED)
    return bytes(ffi.buffer(out))
