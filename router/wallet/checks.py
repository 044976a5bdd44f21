"""What people type about keys: passwords, private keys, addresses. Secrets are never repeated."""

from collections.abc import Iterable

from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from router.errors import BadRequest

LEAST_PASSWORD = 8
LONGEST_PASSWORD = 1024
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BURN = "0x000000000000000000000000000000000000dEaD"
PRECOMPILES = 0x1000
# As many characters at each end are what people compare.
COMPARED = 4


def check_password(password: str) -> None:
    """Refuse what does not protect.

    Raises:
        BadRequest
    """
    if len(password) < LEAST_PASSWORD:
        raise BadRequest(
            f"The password needs at least {LEAST_PASSWORD} characters.", param="password"
        )
    if len(password) > LONGEST_PASSWORD:
        raise BadRequest("The password is too long.", param="password")
    if len(set(password)) < 4:
        raise BadRequest("The password repeats too few characters.", param="password")


def private_key(text: str) -> bytes:
    """The 32 bytes of a private key in hexadecimal; the text is never repeated in an error.

    Raises:
        BadRequest
    """
    typed = text.strip().removeprefix("0x").removeprefix("0X")
    problem = BadRequest(
        "This is not a private key: it has 64 hexadecimal digits.", param="privateKey"
    )
    if len(typed) != 64 or not all(c in "0123456789abcdefABCDEF" for c in typed):
        raise problem
    key = bytes.fromhex(typed)
    if not 0 < int.from_bytes(key, "big") < CURVE_ORDER:
        raise problem
    return key


def checked_address(text: str) -> str:
    """An address with its checksum (EIP-55).

    Raises:
        BadRequest: it is none, or its checksum is wrong; the text is not repeated.
    """
    typed = text.strip()
    if not typed.isascii() or not typed.startswith("0x") or not is_hex_address(typed):
        raise BadRequest("This is not an address.", param="address", hint="It begins with 0x.")
    digits = typed[2:]
    mixed = digits not in (digits.lower(), digits.upper())
    if mixed and not is_checksum_address(typed):
        raise BadRequest(
            "The checksum of this address is wrong.",
            param="address",
            hint="One character differs; copy it again from where it is from.",
        )
    return str(to_checksum_address(typed.lower()))


def danger_of(address: str) -> str:
    """Why nothing should be sent to an address, in a sentence; empty for ordinary ones."""
    if address == BURN:
        return "Nobody has the key of this address; what is sent there is lost."
    number = int(address, 16)
    if number == 0:
        return "This is the zero address; what is sent there is lost."
    if number < PRECOMPILES:
        return "This address belongs to the network itself; what is sent there is lost."
    return ""


def look_alikes(address: str, known: Iterable[str]) -> tuple[str, ...]:
    """Known addresses that begin and end like this one but are others: a way to be robbed."""
    ends = address[2 : 2 + COMPARED].lower(), address[-COMPARED:].lower()
    return tuple(
        other
        for other in known
        if other != address and (other[2 : 2 + COMPARED].lower(), other[-COMPARED:].lower()) == ends
    )
