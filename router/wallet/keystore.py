"""Key files of other wallets: Web3 Secret Storage version 3, read and written.

A file from elsewhere may ask for any amount of memory and time; it is looked at before anything
is computed.
"""

import json
from typing import Any

from eth_account import Account as EthAccount

from router.errors import MorpheusError, WalletError, WrongPassword
from router.outside import parse_json

LARGEST_FILE = 64 * 1024
MOST_MEMORY = 512 << 20  # bytes; what geth writes takes 256 MB
MOST_ROUNDS = 10_000_000
WRITTEN_N = 1 << 17


def read(data: bytes, password: str) -> bytes:
    """The private key of 32 bytes in a key file.

    Raises:
        WalletError: it is none, is damaged, or asks for too much.
        WrongPassword
    """
    file = _checked(data)
    try:
        key = bytes(EthAccount.decrypt(file, password))
    except (ValueError, KeyError, TypeError, NotImplementedError, MemoryError) as error:
        raise _refusal(error) from error
    claimed = str(file.get("address") or "").lower().removeprefix("0x")
    if claimed and claimed != str(EthAccount.from_key(key).address).lower()[2:]:
        raise WalletError(
            "The key in this file is not of the address that it names.",
            safe="Nothing was imported.",
        )
    return key


def write(key: bytes, password: str) -> bytes:
    """A key file for other wallets, encrypted with a password of its own."""
    file = EthAccount.encrypt(key, password, kdf="scrypt", iterations=WRITTEN_N)
    return json.dumps(file, indent=1).encode()


def _checked(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST_FILE:
        raise WalletError("This file is too large to be a key file.", safe="Nothing was imported.")
    try:
        file = parse_json(data, deepest=8)
    except ValueError as error:
        raise _damaged("it is not JSON") from error
    crypto = (file.get("crypto") or file.get("Crypto")) if isinstance(file, dict) else None
    if not isinstance(crypto, dict) or file.get("version") != 3:
        raise WalletError(
            "This is not a key file of version 3.",
            safe="Nothing was imported.",
            hint="Export it again from the other wallet, or import the private key.",
        )
    _check_cost(crypto.get("kdf"), crypto.get("kdfparams"))
    return {**file, "crypto": crypto}


def _check_cost(kdf: Any, params: Any) -> None:
    if not isinstance(params, dict):
        raise _damaged("it does not say how its key is made")
    if kdf == "scrypt":
        n, r, p = (_count(params, name) for name in ("n", "r", "p"))
        if n & (n - 1) or n < 2:
            raise _damaged("its cost is not a power of two")
        if 128 * n * r > MOST_MEMORY or n * r * p > MOST_MEMORY // 16:
            memory = 128 * n * r / (1 << 30)
            raise WalletError(
                f"This file asks for {memory:,.1f} GB of memory to be opened.",
                safe="Nothing was imported.",
                hint="Export it again from the other wallet.",
            )
    elif kdf == "pbkdf2":
        if _count(params, "c") > MOST_ROUNDS:
            raise WalletError(
                "This file asks for too much work to be opened.", safe="Nothing was imported."
            )
        if not str(params.get("prf")).startswith("hmac-"):
            raise _damaged("it makes its key in a way that this app does not know")
    else:
        raise _damaged("it makes its key in a way that this app does not know")
    if _count(params, "dklen") != 32:
        raise _damaged("its key has a strange length")


def _refusal(error: Exception) -> MorpheusError:
    """What it means that a file cannot be opened."""
    words = str(error).lower()
    if isinstance(error, ValueError) and "mac" in words:
        return WrongPassword("This is not the password of the key file.", hint="Try again.")
    if isinstance(error, MemoryError) or "while running scrypt" in words:
        return WalletError(
            "There is not enough memory to open this file.",
            safe="Nothing was imported.",
            hint="Close other programs, then try again.",
        )
    return _damaged(str(error))


def _count(params: dict[str, Any], name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _damaged(f"{name} is not a number")
    return value


def _damaged(why: str) -> WalletError:
    return WalletError(f"The key file is damaged: {why}.", safe="Nothing was imported.")
