"""Who is calling: the key of this installation, named keys, and patience with wrong ones."""

import base64
import binascii
import hmac
import logging
import math
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from router.api.errors import ApiError
from router.api.keys import SCOPES, ApiKey, ApiKeys, random_text
from router.errors import ConfigError, StorageError
from router.files import replace_private

log = logging.getLogger(__name__)

USER = "admin"
LONGEST_COOKIE = 4096

FREE_TRIES = 5
LONGEST_WAIT_S = 60.0
FORGET_S = 300.0
MOST_ADDRESSES = 1024


@dataclass(frozen=True)
class Caller:
    """Somebody with a valid key. `key` is None for the key of the installation."""

    name: str
    key: ApiKey | None = None

    @property
    def id(self) -> str:
        """What no other caller has; a name can be given again. Ids of keys are hexadecimal."""
        return USER if self.key is None else self.key.id

    def may(self, scope: str) -> bool:
        """Whether the key has a scope."""
        return self.key is None or scope in self.key.scopes or "admin" in self.key.scopes

    def may_use(self, model_id: str) -> bool:
        """Whether the key is good for a model."""
        return self.key is None or not self.key.models or model_id in self.key.models


@dataclass(frozen=True)
class Cookie:
    """The key of this installation, `user:password`. `problem` says what was corrected."""

    user: str
    password: str
    problem: str = ""

    def matches(self, user: str | None, password: str) -> bool:
        """Compare in constant time; without a user (Bearer) the whole line is right too."""
        if user is not None:
            return _same(user, self.user) & _same(password, self.password)
        return _same(password, self.password) | _same(password, f"{self.user}:{self.password}")


def load_cookie(path: Path) -> Cookie:
    """Read the key of this installation, or make it: `admin:` and 32 random characters.

    A file that others may read is closed to them, which `problem` tells. Blocks: call it on
    a thread.

    Raises:
        ConfigError: the file holds no key.
        StorageError: it cannot be read or written.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_COOKIE).decode("utf-8", "replace").strip()
            problem = _close_to_others(path, file.fileno())
    except FileNotFoundError:
        replace_private(path, f"{USER}:{random_text(32)}".encode())
        return load_cookie(path)
    except OSError as error:
        raise StorageError(
            f"The API key in {path.name} cannot be read: {error.strerror or error}.",
            hint="Correct the permissions of the file.",
        ) from error
    user, colon, password = text.partition(":")
    if not (user and colon and password) or "\n" in text:
        raise ConfigError(
            f"The file {path.name} holds no key in the form user:password.",
            safe="It was left as it is.",
            hint="Delete the file and start the API again: a new key is made.",
        )
    return Cookie(user, password, problem)


class Doorkeeper:
    """Tells callers by their Authorization header.

    A wrong key costs its address nothing five times; from then on it waits, twice as long
    after each further one, up to a minute. Only wrong keys are kept waiting: a program with
    an old key must not be able to lock out the others on the same computer, and with 190
    random bits there is nothing to be guessed.
    """

    def __init__(
        self, cookie: Cookie, keys: ApiKeys, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cookie = cookie
        self._keys = keys
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}  # address -> wrong keys, waits until

    def admit(self, header: str | None, address: str) -> Caller:
        """The caller behind an Authorization header.

        Raises:
            ApiError: 401 no key or a wrong one, 429 too many wrong ones.
        """
        if header is None:
            raise _refusal("missing_key", "This address needs a key: send it as Bearer token.")
        user, password = _credentials(header)
        if self._cookie.matches(user, password):
            return Caller(self._cookie.user)
        key = self._keys.match(password)
        if key is not None:
            return Caller(key.name, key)
        self._count(address)
        raise _refusal("invalid_key", "The key is not valid, or was revoked.")

    def _count(self, address: str) -> None:
        now = self._clock()
        failures, until = self._wrong.pop(address, (0, 0.0))
        if now > until + FORGET_S:
            failures = 0
        if now < until:
            self._wrong[address] = (failures, until)
            wait = math.ceil(until - now)
            raise ApiError(
                429,
                "too_many_wrong_keys",
                f"Too many wrong keys. Wait {wait} s, and correct the key.",
                headers={"Retry-After": str(wait)},
            )
        failures += 1
        over = failures - FREE_TRIES
        wait_s = min(2.0**over, LONGEST_WAIT_S) if over >= 0 else 0.0
        self._wrong[address] = (failures, now + wait_s)
        if over == 0:
            log.warning("%d wrong keys from %s", failures, address)
        while len(self._wrong) > MOST_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]


def check_scope(caller: Caller, scope: str) -> None:
    """Refuse a caller whose key lacks a scope.

    Raises:
        ApiError: 403 insufficient_scope.
    """
    if scope and not caller.may(scope):
        raise ApiError(
            403,
            "insufficient_scope",
            f"The key {caller.name} does not have the scope {scope}. Scopes: {', '.join(SCOPES)}.",
        )


def check_model(caller: Caller, model_id: str) -> None:
    """Refuse a caller whose key is not for a model.

    Raises:
        ApiError: 403 model_not_allowed.
    """
    if not caller.may_use(model_id):
        raise ApiError(
            403,
            "model_not_allowed",
            f"The key {caller.name} is not for the model {model_id}.",
            param="model",
        )


def _credentials(header: str) -> tuple[str | None, str]:
    """User and password of Basic, or None and the token of Bearer."""
    scheme, _, value = header.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return None, value
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            text = ""
        user, colon, password = text.partition(":")
        if colon and password:
            return user, password
    raise _refusal("malformed_key", "The Authorization header is neither Basic nor Bearer.")


def _refusal(code: str, message: str) -> ApiError:
    return ApiError(401, code, message, headers={"WWW-Authenticate": 'Bearer realm="Morpheus"'})


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _close_to_others(path: Path, descriptor: int) -> str:
    """Take away what group and others may do with an open file; says so when it had to."""
    if os.name != "posix":
        return ""  # Windows protects the data folder by its access list instead
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if not mode & 0o077:
        return ""
    os.fchmod(descriptor, 0o600)
    return (
        f"Other users of this computer could read {path.name}; that was corrected. "
        "If others use this computer, delete the file to get a new key."
    )
