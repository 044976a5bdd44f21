"""The wallet file: secrets under a password, changed in one step, never half.

Argon2id makes the key, AES-256-GCM encrypts and authenticates, and everything that is not secret
is authenticated with it. What is written is decrypted and compared before it replaces the file
that was there, so at any moment exactly one password opens it.
"""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from router.errors import StorageError, WalletError, WrongPassword
from router.files import replace_private, sweep
from router.outside import parse_json

log = logging.getLogger(__name__)

FORMAT = "morpheus-desktop-wallet"
VERSION = 1
LARGEST_FILE = 64 * 1024
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32


@dataclass(frozen=True)
class Cost:
    """How hard it is to try a password: passes over so many KiB, in so many lanes."""

    passes: int
    memory_kib: int
    lanes: int

    def is_below(self, other: "Cost") -> bool:
        """Whether it protects less."""
        return self.passes * self.memory_kib < other.passes * other.memory_kib


COST = Cost(3, 128 * 1024, 4)
# A file from elsewhere may ask for anything; this is what it gets at most.
MOST = Cost(20, 1024 * 1024, 16)
MOST_WORK = 4 * 1024 * 1024  # passes times KiB


class Damaged(WalletError):
    """No version of the app can open the file."""


@dataclass(frozen=True)
class Opened:
    """What a vault held, and whether it should be written again with today's cost."""

    secrets: dict[str, Any] = field(repr=False)
    is_weak: bool


class Vault:
    """One wallet file. All methods block: call them on a thread."""

    def __init__(
        self, path: Path, cost: Cost = COST, clock: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self._cost = cost
        self._clock = clock

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    @property
    def is_damaged(self) -> bool:
        """Whether there is a file that no version of the app can open."""
        try:
            self._read()
        except Damaged:
            return True
        except (WalletError, StorageError):
            return False
        return False

    def public(self) -> dict[str, Any]:
        """What can be read without the password.

        Raises:
            WalletError: the file is damaged, or of a newer version.
            StorageError: it cannot be read.
        """
        return dict(self._read()["public"])

    def open(self, password: str) -> Opened:
        """The secrets.

        Raises:
            WrongPassword
            WalletError: the file is damaged, or of a newer version.
            StorageError: it cannot be read.
        """
        file = self._read()
        return Opened(_opened(file, password), _cost_of(file).is_below(self._cost))

    def save(self, secrets: Mapping[str, Any], public: Mapping[str, Any], password: str) -> None:
        """Write the file anew; afterwards only this password opens it.

        Raises:
            StorageError: it could not be written; the file before it is unchanged.
        """

        def check(written: bytes) -> None:
            if _opened(_checked(written, self.path.name), password) != dict(secrets):
                raise StorageError(
                    "What was written cannot be read back.", safe="The old file is unchanged."
                )

        replace_private(self.path, self._encrypted(secrets, public, password), check)

    def sweep(self) -> None:
        """Remove what a change that was cut short left behind."""
        sweep(self.path)

    def set_aside(self) -> Path:
        """Keep a damaged file under another name, so that a new one can be made.

        Raises:
            StorageError
        """
        target = self.path.with_name(f"{self.path.name}.damaged-{int(self._clock())}")
        try:
            self.path.rename(target)
        except OSError as error:
            raise StorageError(
                f"{self.path.name} is damaged and cannot be renamed: {error.strerror}.",
                safe="It was not changed.",
                hint="Move it to another folder yourself, then try again.",
            ) from error
        log.warning("the damaged wallet file was kept as %s", target.name)
        return target

    def remove(self) -> None:
        """Overwrite and delete the file.

        Raises:
            StorageError
        """
        try:
            size = self.path.stat().st_size
            with self.path.open("r+b") as file:
                file.write(os.urandom(size))
                file.flush()
                os.fsync(file.fileno())
            self.path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(f"{self.path.name} cannot be removed: {error.strerror}.") from error

    def _encrypted(
        self, secrets: Mapping[str, Any], public: Mapping[str, Any], password: str
    ) -> bytes:
        salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        file: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "public": dict(public),
            "kdf": {
                "name": "argon2id",
                "passes": self._cost.passes,
                "memory_kib": self._cost.memory_kib,
                "lanes": self._cost.lanes,
                "salt": salt.hex(),
            },
            "cipher": {"name": "aes-256-gcm", "nonce": nonce.hex()},
        }
        key = _key(password, salt, self._cost)
        text = json.dumps(dict(secrets)).encode()
        file["data"] = AESGCM(key).encrypt(nonce, text, _authenticated(file)).hex()
        file["sha256"] = _checksum(file)
        return json.dumps(file, indent=1).encode()

    def _read(self) -> dict[str, Any]:
        return _checked(self._bytes(), self.path.name)

    def _bytes(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(LARGEST_FILE + 1)
        except FileNotFoundError as error:
            raise WalletError("There is no wallet.", hint="Create or import one.") from error
        except OSError as error:
            raise StorageError(
                f"The wallet file cannot be read: {error.strerror or error}.",
                safe="It was not changed.",
            ) from error


def _checked(data: bytes, name: str) -> dict[str, Any]:
    """A file whose form is right; what it says of its secrets is not trusted yet."""
    try:
        if len(data) > LARGEST_FILE:
            raise ValueError("too large")
        file = parse_json(data, deepest=16)
        if not isinstance(file, dict) or file.get("format") != FORMAT:
            raise ValueError("not a wallet file")
        version = file["version"]
        if isinstance(version, int) and version > VERSION:
            raise WalletError(
                f"{name} was made by a newer version of the app.",
                safe="It was not changed.",
                hint="Update the app, then open it again.",
            )
        if version != VERSION or not isinstance(file["public"], dict):
            raise ValueError("fields of the wrong kind")
        if file["kdf"]["name"] != "argon2id" or file["cipher"]["name"] != "aes-256-gcm":
            raise ValueError("an unknown method")
        if file["sha256"] != _checksum(file):
            raise ValueError("its checksum is wrong")
        bytes.fromhex(file["data"])
        _salt_and_nonce(file)
        cost = _cost_of(file)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"The wallet file {name} is damaged ({error}).",
            safe="It was not changed.",
            hint="Restore a copy of it, or import the recovery phrase again.",
        ) from error
    if cost.memory_kib > MOST.memory_kib or cost.passes * cost.memory_kib > MOST_WORK:
        raise WalletError(
            f"This wallet file asks for {cost.memory_kib / (1 << 20):,.1f} GB of memory.",
            safe="It was not opened.",
        )
    return file


def _cost_of(file: Mapping[str, Any]) -> Cost:
    kdf = file["kdf"]
    values = [kdf["passes"], kdf["memory_kib"], kdf["lanes"]]
    if not all(type(value) is int and value > 0 for value in values):
        raise ValueError("its cost is no number")
    cost = Cost(*values)
    if cost.memory_kib < 8 * cost.lanes or cost.lanes > MOST.lanes or cost.passes > MOST.passes:
        raise ValueError("its cost is impossible")
    return cost


def _salt_and_nonce(file: Mapping[str, Any]) -> tuple[bytes, bytes]:
    salt, nonce = bytes.fromhex(file["kdf"]["salt"]), bytes.fromhex(file["cipher"]["nonce"])
    if len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("its salt or nonce is of another length")
    return salt, nonce


def _opened(file: Mapping[str, Any], password: str) -> dict[str, Any]:
    salt, nonce = _salt_and_nonce(file)
    key = _key(password, salt, _cost_of(file))
    try:
        text = AESGCM(key).decrypt(nonce, bytes.fromhex(file["data"]), _authenticated(file))
    except InvalidTag as error:
        raise WrongPassword("The password is wrong.", safe="Nothing was changed.") from error
    secrets = parse_json(text)
    assert isinstance(secrets, dict), "it was authenticated, so it is what was written"
    return secrets


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    values = password.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES
    try:
        return hash_secret_raw(*values, Type.ID)
    except HashingError as error:  # all that can fail here is asking the system for memory
        raise WalletError(
            f"There is not enough memory: a password takes {cost.memory_kib >> 10:,} MB for a "
            "moment.",
            safe="The wallet file was not changed.",
            hint="Close other programs, then try again.",
        ) from error


def _authenticated(file: Mapping[str, Any]) -> bytes:
    """What is not secret but must not be changed: all but the encrypted part."""
    plain = {name: value for name, value in file.items() if name not in ("data", "sha256")}
    return json.dumps(plain, sort_keys=True).encode()


def _checksum(file: Mapping[str, Any]) -> str:
    """Tells a damaged file from a wrong password; protects from nothing else."""
    rest = {name: value for name, value in file.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
