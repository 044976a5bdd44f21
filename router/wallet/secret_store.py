"""The keychain of the system, for what the user wants remembered; never instead of the password.

Some back ends of `keyring` keep nothing, or keep it readable by anybody. They are refused, and
the app works with the password alone.
"""

import asyncio
import contextlib
import logging
import secrets as random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer
from keyring.errors import KeyringError

from router.errors import WalletError

log = logging.getLogger(__name__)

T = TypeVar("T")

SERVICE = "Morpheus Desktop"
PROBE = "probe"
# A desktop may ask its user before it answers.
ANSWER_S = 60.0
REFUSED_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


@dataclass(frozen=True)
class Availability:
    """Whether secrets can be kept; `reason` in words when not, `name` of the keychain when so."""

    usable: bool
    name: str = ""
    reason: str = ""


class Keychain:
    """Secrets by name. Everything happens on a thread: a desktop may ask its user first.

    One question after the other: while the user is being asked, further ones would only pile up.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._asked: Future[Any] | None = None

    async def availability(self) -> Availability:
        """Look whether the keychain keeps what it is given, by giving it something."""
        backend = keyring.get_keyring()
        if (reason := _refusal(backend)) is not None:
            return Availability(False, reason=reason)
        try:
            kept = await self._on_thread(_probe)
        except (KeyringError, RuntimeError, TimeoutError) as error:
            log.info("the keychain cannot be used: %s", type(error).__name__)
            return Availability(False, reason="The keychain of the system does not answer.")
        if not kept:
            return Availability(False, reason="The keychain of the system keeps nothing.")
        return Availability(True, name=backend.name)

    async def get(self, name: str) -> str | None:
        """A secret, or None.

        Raises:
            WalletError: the keychain cannot be used.
        """
        return await self._safely(lambda: keyring.get_password(SERVICE, name))

    async def set(self, name: str, secret: str) -> None:
        """Keep a secret.

        Raises:
            WalletError: the keychain cannot be used, or would keep it readable by anybody.
        """
        await self._safely(lambda: keyring.set_password(SERVICE, name, secret))

    async def delete(self, name: str) -> None:
        """Forget a secret; it is fine if there is none.

        Raises:
            WalletError: the keychain cannot be used.
        """

        def forget() -> None:
            if keyring.get_password(SERVICE, name) is not None:
                keyring.delete_password(SERVICE, name)

        await self._safely(forget)

    async def _safely(self, work: Callable[[], T]) -> T:
        if (reason := _refusal(keyring.get_keyring())) is not None:
            raise _unusable(reason)
        try:
            return await self._on_thread(work)
        except (KeyringError, RuntimeError, TimeoutError) as error:
            raise _unusable("It does not answer, or access was refused.") from error

    async def _on_thread(self, work: Callable[[], T]) -> T:
        async with asyncio.timeout(ANSWER_S), self._turn:
            if self._asked is not None:  # whoever asked may have gone before it was answered
                with contextlib.suppress(Exception):
                    await asyncio.wrap_future(self._asked)
            asked = self._asked = _started(work)
            return await asyncio.wrap_future(asked)


def _started(work: Callable[[], T]) -> Future[T]:
    """Do it on a thread of its own, for which nothing else waits, not even the end of the app."""
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - for whoever asked
            answer.set_exception(error)
        else:
            answer.set_result(result)

    threading.Thread(target=run, name="keychain", daemon=True).start()
    return answer


def _probe() -> bool:
    value = random.token_hex(8)
    keyring.set_password(SERVICE, PROBE, value)
    kept = keyring.get_password(SERVICE, PROBE) == value
    if kept:
        keyring.delete_password(SERVICE, PROBE)
    return kept


def _refusal(backend: KeyringBackend) -> str | None:
    """Why a back end must not be given secrets, or None."""
    backends = list(backend.backends) if isinstance(backend, chainer.ChainerBackend) else [backend]
    for each in backends:
        module = type(each).__module__
        if module.startswith(REFUSED_MODULES) or "plaintext" in type(each).__name__.lower():
            return "There is no keychain here that keeps secrets safely."
    return None if backends else "There is no keychain on this system."


def _unusable(reason: str) -> WalletError:
    return WalletError(
        f"The keychain of the system cannot be used. {reason}",
        safe="The wallet and its password are unchanged.",
        hint="Use the password instead.",
    )
