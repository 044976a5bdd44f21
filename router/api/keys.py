"""Named keys of the HTTP interface: made, remembered as salted hashes, revoked at once.

A key reads `mk-<id>-<secret>`; only the id and a hash of the secret are kept. The secret has
190 random bits, so that one round of a salted hash is as good as a slow one.
"""

import asyncio
import dataclasses
import hashlib
import hmac
import json
import secrets
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.errors import BadRequest, NotFound, StorageError
from router.events import Emitter
from router.files import replace_private

SCOPES = ("models", "chat", "embeddings", "chats", "market", "wallet", "spend", "admin")
LONGEST_NAME = 60
MOST_KEYS = 1000

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class ApiKey:
    """One named key, without its secret.

    Args:
        scopes: what it may do; "admin" includes everything.
        models: ids of the models it may use; empty is all.
        created_at: seconds since 1970.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    models: tuple[str, ...]
    created_at: int
    salt: str = dataclasses.field(repr=False)
    hash: str = dataclasses.field(repr=False)


class ApiKeys:
    """All named keys and their file.

    `changed` tells of each new list, `revoked` of each key that is no longer valid.
    """

    def __init__(self, path: Path) -> None:
        self.changed: Emitter[tuple[ApiKey, ...]] = Emitter()
        self.revoked: Emitter[ApiKey] = Emitter()
        self._path = path
        self._keys: dict[str, ApiKey] = {}
        self._writing = asyncio.Lock()
        self._loaded = False
        self._damage: StorageError | None = None

    @property
    def all(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first."""
        return tuple(self._keys.values())

    async def load(self) -> None:
        """Read the file, again if need be; a missing one means no keys.

        Raises:
            StorageError: unreadable or damaged; no named key is valid then.
        """
        async with self._writing:
            await self._load()

    async def create(
        self, name: str, scopes: Sequence[str], models: Sequence[str] = ()
    ) -> tuple[ApiKey, str]:
        """Make a key; the text returned with it is shown once and kept nowhere.

        Raises:
            BadRequest: no name, a name in use, an unknown scope.
            StorageError: it could not be saved, or the file is damaged; there is no key then.
        """
        async with self._writing:
            await self._load_once()
            self._check(name, scopes)
            secret = random_text(32)
            salt = secrets.token_hex(16)
            key = ApiKey(
                id=secrets.token_hex(4),
                name=name.strip(),
                scopes=tuple(scope for scope in SCOPES if scope in scopes),
                models=tuple(dict.fromkeys(models)),
                created_at=int(time.time()),
                salt=salt,
                hash=_hash(salt, secret),
            )
            await self._store({**self._keys, key.id: key})
        self.changed.emit(self.all)
        return key, f"mk-{key.id}-{secret}"

    async def revoke(self, key_id: str) -> None:
        """Make a key invalid: for the next request, and for those being answered.

        Raises:
            NotFound: there is no such key.
            StorageError: invalid until the app ends, but the file still has it.
        """
        async with self._writing:
            await self._load_once()
            key = self._keys.pop(key_id, None)
            if key is None:
                raise NotFound("There is no key with this id.")
            self.revoked.emit(key)
            self.changed.emit(self.all)
            await self._store(self._keys)

    def match(self, text: str) -> ApiKey | None:
        """The key a client showed, or None. Takes the same time for every wrong secret."""
        _, _, rest = text.partition("mk-")
        key_id, _, secret = rest.partition("-")
        key = self._keys.get(key_id)
        salt, wanted = (key.salt, key.hash) if key else ("00", "")
        right = hmac.compare_digest(_hash(salt, secret), wanted)
        return key if right and text.startswith("mk-") else None

    def _check(self, name: str, scopes: Sequence[str]) -> None:
        if not 0 < len(name.strip()) <= LONGEST_NAME:
            raise BadRequest(
                f"Give the key a name of up to {LONGEST_NAME} characters.", param="name"
            )
        if any(key.name == name.strip() for key in self._keys.values()):
            raise BadRequest("There is already a key with this name.", param="name")
        if not scopes or any(scope not in SCOPES for scope in scopes):
            raise BadRequest(f"Choose from the scopes {', '.join(SCOPES)}.", param="scopes")
        if len(self._keys) >= MOST_KEYS:
            raise BadRequest(f"There are already {MOST_KEYS} keys. Revoke some first.")

    async def _load_once(self) -> None:
        """What is in the file must not be lost because nobody read it yet."""
        if not self._loaded:
            await self._load()

    async def _load(self) -> None:
        self._keys, self._damage = {}, None
        try:
            self._keys = await asyncio.to_thread(_read, self._path)
        except StorageError as error:
            self._damage = error
            raise
        finally:
            self._loaded = True
            self.changed.emit(self.all)

    async def _store(self, keys: dict[str, ApiKey]) -> None:
        if self._damage is not None:
            raise self._damage  # what people may still repair by hand is not written over
        rows = [dataclasses.asdict(key) for key in keys.values()]
        text = json.dumps({"version": 1, "keys": rows}, indent=1)
        await asyncio.to_thread(replace_private, self._path, text.encode())
        self._keys = keys


def random_text(length: int) -> str:
    """Random letters and digits from the system's secure source."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _read(path: Path) -> dict[str, ApiKey]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        keys = [_key(row) for row in table["keys"]]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"The named API keys in {path.name} cannot be read.",
            safe="The file was left as it is, and no named key is accepted.",
            hint="Put back a copy of the file, or delete it and make new keys.",
        ) from error
    return {key.id: key for key in keys}


def _key(row: dict[str, Any]) -> ApiKey:
    key = ApiKey(
        id=row["id"],
        name=row["name"],
        scopes=tuple(row["scopes"]),
        models=tuple(row["models"]),
        created_at=int(row["created_at"]),
        salt=row["salt"],
        hash=row["hash"],
    )
    texts = (key.id, key.name, *key.scopes, *key.models, key.salt, key.hash)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not a text")
    bytes.fromhex(key.salt)
    return key


def _hash(salt: str, secret: str) -> str:
    return hmac.new(
        bytes.fromhex(salt), secret.encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()
