"""The user's wallet: none, watched only, locked, or unlocked with one account that can sign.

Locked means locked: the key is in memory only between unlock and lock, and everything that signs
asks `signer`, which raises WalletLocked otherwise. The one exception is named and counted: a
`Grant` for what was paid for already. Slow work (deriving the key of the file) is done on a thread.
"""

import asyncio
import base64
import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from router.errors import (
    BadRequest,
    Busy,
    StorageError,
    WalletError,
    WalletLocked,
    WrongPassword,
)
from router.events import Emitter
from router.files import replace_private
from router.wallet import derive, keystore, mnemonic
from router.wallet.account import Account
from router.wallet.backoff import Backoff
from router.wallet.checks import check_password, checked_address, private_key
from router.wallet.grant import Grant, Target
from router.wallet.secret_store import Availability, Keychain
from router.wallet.vault import COST, Cost, Vault

log = logging.getLogger(__name__)

T = TypeVar("T")

Kind = Literal["none", "watch", "locked", "unlocked"]

KEYCHAIN_NAME = "wallet-unlock"
ERASE_WORD = "erase"


@dataclass(frozen=True)
class WalletState:
    """How the wallet is.

    Args:
        path: where the account was derived; empty for a single key.
        borrowed: it is of the demo network and not kept.
    """

    kind: Kind = "none"
    address: str = ""
    path: str = ""
    has_phrase: bool = False
    in_keychain: bool = False
    borrowed: bool = False


class Wallet:
    """One wallet in one folder.

    Args:
        folder: of wallet.json and what belongs to it.
        clock: seconds since 1970; it goes on during sleep, so that waking up locks.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keychain: Keychain | None = None,
        cost: Cost = COST,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = WalletState()
        self.changed: Emitter[WalletState] = Emitter()
        self.grants_changed: Emitter[tuple[str, ...]] = Emitter()
        self._grants: dict[str, Grant] = {}
        self._vault = Vault(folder / "wallet.json", cost, clock)
        self._remembered = folder / "wallet-keychain.bin"
        self._backoff = Backoff(folder / "wallet-tries.json", clock)
        self._keychain = keychain or Keychain()
        self._account: Account | None = None
        self._lock = asyncio.Lock()

    @property
    def wait_s(self) -> float:
        """Seconds until the next password is looked at."""
        return self._backoff.wait_s

    async def open(self) -> None:
        """Find out what there is.

        Raises:
            WalletError: the file is damaged, or of a newer version.
            StorageError: it cannot be read.
        """
        await asyncio.to_thread(self._vault.sweep)
        if not await asyncio.to_thread(lambda: self._vault.exists):
            self._show(WalletState())
            return
        self._show(self._state_from(await asyncio.to_thread(self._vault.public), "locked"))

    # Making one

    async def create(
        self, phrase: str, password: str, *, passphrase: str = "", path: str = ""
    ) -> WalletState:
        """Keep the account of a recovery phrase, new or imported; unlocked afterwards.

        Raises:
            BadRequest: the phrase, path or password is wrong; says which.
            Busy: there is a wallet already.
            StorageError: it could not be written; there is none then.
        """
        where = derive.checked_path(path or derive.STANDARD.format(index=0))
        words = mnemonic.check(phrase)
        key = await asyncio.to_thread(
            lambda: derive.derive(mnemonic.seed(phrase, passphrase), where)
        )
        secrets = {"phrase": words.phrase, "passphrase": passphrase, "key": key.hex()}
        return await self._make(secrets, key, password, path=where)

    async def import_key(self, key_text: str, password: str) -> WalletState:
        """Keep a single private key; unlocked afterwards.

        Raises:
            BadRequest: it is no private key, or the password is too short.
            Busy: there is a wallet already.
            StorageError
        """
        key = private_key(key_text)
        return await self._make({"key": key.hex()}, key, password)

    async def import_keystore(self, data: bytes, file_password: str, password: str) -> WalletState:
        """Keep the key of another wallet's key file; unlocked afterwards.

        Raises:
            WalletError: the file is none, or damaged.
            WrongPassword: of the file.
            Busy, BadRequest, StorageError
        """
        key = await asyncio.to_thread(keystore.read, data, file_password)
        return await self._make({"key": key.hex()}, key, password)

    async def watch(self, address: str) -> WalletState:
        """Look at an account without being able to sign for it.

        Raises:
            BadRequest: it is no address.
            Busy: there is a wallet already.
            StorageError
        """
        async with self._lock:
            await self._make_room()
            public = {"address": checked_address(address), "kind": "watch"}
            await asyncio.to_thread(self._vault.save, {}, public, "")
            self._drop_borrowed()
            return self._show(self._state_from(public, "watch"))

    def borrow(self, key: bytes) -> WalletState:
        """Use an account that is not kept: the demo network's, when there is no wallet.

        Raises:
            Busy: there is a wallet of the user's own.
        """
        self._require_none()
        self._drop_borrowed()
        self._account = Account(key)
        return self._show(WalletState("unlocked", self._account.address, borrowed=True))

    def give_back(self) -> None:
        """Forget a borrowed account; a wallet of the user's own stays."""
        if self.state.borrowed:
            self._drop_borrowed()
            self._show(WalletState())

    # Using it

    def signer(self) -> Account:
        """The account that signs.

        Raises:
            WalletLocked
            WalletError: there is no wallet, or it is only watched.
        """
        if self.state.kind == "none":
            raise WalletError("There is no wallet.", hint="Create or import one.")
        if self.state.kind == "watch":
            raise WalletError(
                "This wallet is only watched, so it cannot sign.",
                safe="Nothing was signed.",
                hint="Import its recovery phrase or key to use it.",
            )
        if self._account is None:
            raise WalletLocked(
                "The wallet is locked.", safe="Nothing was signed.", hint="Unlock it first."
            )
        return self._account

    @property
    def grants(self) -> tuple[str, ...]:
        """Names of what can still be done while the wallet is locked."""
        return tuple(self._grants)

    def grant(self, name: str, target: Target | None = None) -> Grant:
        """A narrow use of the key that survives `lock`; the same one for the same name.

        Args:
            name: "provider", "claims", or "session:" and its id.
            target: where a grant of that name may close its session, or take stake back.

        Raises:
            WalletLocked
            WalletError: there is no wallet, or it is only watched.
        """
        if name not in self._grants:
            self._grants[name] = Grant(name, self.signer().copy(), target, self._let_go)
            self.grants_changed.emit(self.grants)
        return self._grants[name]

    def revoke(self) -> None:
        """End all grants: the app ends, or the account goes."""
        for grant in tuple(self._grants.values()):
            grant.wipe()

    def _let_go(self, name: str) -> None:
        if self._grants.pop(name, None) is not None:
            self.grants_changed.emit(self.grants)

    async def unlock(self, password: str) -> WalletState:
        """Make signing possible; a file with a cost below today's is written anew.

        Raises:
            WrongPassword: with the time until the next try.
            WalletError, StorageError
        """
        async with self._lock:
            if self.state.kind != "locked":
                return self.state
            secrets = await self._opened(password)
            return self._unlocked(bytes.fromhex(secrets["key"]))

    def lock(self) -> None:
        """Forget the key; grants stay, as a session that was paid for has to be closed."""
        if self.state.borrowed:
            return  # play money, and no password that would unlock it again
        if self._account is not None:
            self._account.wipe()
            self._account = None
        if self.state.kind == "unlocked":
            self._show(replace(self.state, kind="locked"))

    # What needs the password again

    async def reveal_phrase(self, password: str) -> str:
        """The recovery phrase.

        Raises:
            WrongPassword
            WalletError: there is none, because a single key was imported.
        """
        async with self._lock:
            secrets = await self._opened(password)
        if not secrets.get("phrase"):
            raise WalletError(
                "This wallet was made of a single key, so it has no recovery phrase.",
                hint="Export the key instead.",
            )
        return str(secrets["phrase"])

    async def export_key(self, password: str) -> str:
        """The private key in hexadecimal.

        Raises:
            WrongPassword, WalletError
        """
        async with self._lock:
            return "0x" + str((await self._opened(password))["key"])

    async def export_keystore(self, password: str, file_password: str) -> bytes:
        """A key file for other wallets, under a password of its own.

        Raises:
            WrongPassword, WalletError
            BadRequest: the new password is too short.
        """
        check_password(file_password)
        async with self._lock:
            key = bytes.fromhex((await self._opened(password))["key"])
        return await asyncio.to_thread(keystore.write, key, file_password)

    async def change_password(self, old: str, new: str) -> None:
        """Encrypt the file with another password; interrupted, exactly one of the two works.

        Raises:
            WrongPassword, BadRequest, WalletError, StorageError
        """
        check_password(new)
        async with self._lock:
            secrets = await self._opened(old)
            public = await asyncio.to_thread(self._vault.public)
            await asyncio.to_thread(self._vault.save, secrets, public, new)
            if self.state.in_keychain:
                await self._remember_instead(new)

    async def erase(self, password: str, typed: str) -> None:
        """Remove the wallet from this computer.

        Raises:
            BadRequest: the word was not typed.
            WrongPassword, WalletError, StorageError
        """
        if typed.strip().lower() != ERASE_WORD:
            raise BadRequest(
                f'Type "{ERASE_WORD}" to remove the wallet.', param="word", safe="It is still here."
            )
        async with self._lock:
            if self.state.kind != "watch":
                await self._opened(password)
            if self.state.in_keychain:
                # What a keychain that does not answer keeps is of no use without our file.
                with contextlib.suppress(WalletError):
                    await self._forget()
            self.lock()
            self.revoke()
            await asyncio.to_thread(self._vault.remove)
            self._show(WalletState())

    # The system's keychain

    async def keychain_availability(self) -> Availability:
        """Whether the keychain keeps what it is given, or why not."""
        return await self._keychain.availability()

    async def remember(self, password: str) -> None:
        """Let the keychain of the system unlock it from now on.

        Raises:
            WrongPassword
            WalletError: the keychain cannot be used.
            StorageError
        """
        async with self._lock:
            await self._opened(password)
            await self._remember(password)
            self._show(replace(self.state, in_keychain=True))

    async def forget(self) -> None:
        """Ask for the password again from now on.

        Raises:
            WalletError: the keychain cannot be used; what it knows is of no use without a file
                that is gone now.
        """
        async with self._lock:
            await self._forget()
            self._show(replace(self.state, in_keychain=False))

    async def unlock_with_keychain(self) -> WalletState:
        """Unlock without the password.

        Raises:
            WalletError: the keychain does not have it, or cannot be used.
        """
        secret = await self._keychain.get(KEYCHAIN_NAME)
        try:
            sealed = await asyncio.to_thread(self._remembered.read_bytes)
            key = base64.b64decode(secret or "", validate=True)
            password = AESGCM(key).decrypt(sealed[:12], sealed[12:], None).decode()
        except (OSError, ValueError, InvalidTag) as error:
            raise WalletError(
                "The keychain of the system does not know this wallet.",
                hint="Use the password instead.",
            ) from error
        return await self.unlock(password)

    async def _remember(self, password: str) -> None:
        """The keychain gets a key, a file the password under it: neither is enough alone."""
        key, nonce = os.urandom(32), os.urandom(12)
        sealed = nonce + AESGCM(key).encrypt(nonce, password.encode(), None)
        await self._keychain.set(KEYCHAIN_NAME, base64.b64encode(key).decode())
        await asyncio.to_thread(replace_private, self._remembered, sealed)

    async def _remember_instead(self, password: str) -> None:
        """After a change; it holds whether the keychain takes part or not."""
        try:
            await self._remember(password)
        except (WalletError, StorageError) as error:
            log.warning("the keychain did not take the new password: %s", error)
            await asyncio.to_thread(self._remembered.unlink, missing_ok=True)
            self._show(replace(self.state, in_keychain=False))

    async def _forget(self) -> None:
        await asyncio.to_thread(self._remembered.unlink, missing_ok=True)
        await self._keychain.delete(KEYCHAIN_NAME)

    # Inside

    async def _make(
        self, secrets: Mapping[str, Any], key: bytes, password: str, *, path: str = ""
    ) -> WalletState:
        check_password(password)
        async with self._lock:
            await self._make_room()
            account = Account(key)
            public = {
                "address": account.address,
                "kind": "own",
                "path": path,
                "has_phrase": "phrase" in secrets,
            }
            account.wipe()
            await asyncio.to_thread(self._vault.save, secrets, public, password)
            self._drop_borrowed()
            self._show(self._state_from(public, "locked"))
            return self._unlocked(key)

    def _drop_borrowed(self) -> None:
        if self.state.borrowed and self._account is not None:
            self.revoke()
            self._account.wipe()
            self._account = None

    async def _make_room(self) -> None:
        """There is no wallet of the user's own; a damaged file is kept under another name."""
        is_free = self.state.kind == "none" or self.state.borrowed
        if is_free and await asyncio.to_thread(lambda: self._vault.is_damaged):
            await asyncio.to_thread(self._vault.set_aside)
            # What the keychain knows is the password of that file.
            await asyncio.to_thread(self._remembered.unlink, missing_ok=True)
        self._require_none()

    def _require_none(self) -> None:
        """There is no wallet of the user's own; a lent one stays until its place is taken."""
        if (self.state.kind != "none" and not self.state.borrowed) or self._vault.exists:
            raise Busy(
                "There is a wallet already.",
                safe="It was not changed.",
                hint="Erase it in Settings, Security, before another one is made.",
            )

    async def _opened(self, password: str) -> dict[str, Any]:
        """The secrets; counts wrong tries."""
        self._backoff.check()
        try:
            opened = await asyncio.to_thread(self._vault.open, password)
        except WrongPassword as error:
            self._backoff.failed()
            wait = self._backoff.wait_s
            hint = f"The next try is possible in {round(wait)} s." if wait else "Try again."
            raise WrongPassword(error.message, wait_s=wait, safe=error.safe, hint=hint) from error
        self._backoff.worked()
        if opened.is_weak:
            try:
                public = await asyncio.to_thread(self._vault.public)
                await asyncio.to_thread(self._vault.save, opened.secrets, public, password)
                log.info("the wallet file was written anew with a higher cost")
            except (StorageError, WalletError) as error:
                # A full disk, or too little memory, keeps nobody from their money.
                log.warning("the cost of the wallet file was not raised: %s", error)
        return opened.secrets

    def _unlocked(self, key: bytes) -> WalletState:
        self._account = Account(key)
        if self._account.address != self.state.address:
            self._account.wipe()
            self._account = None
            raise WalletError(
                "The key in the wallet file is not of its address.",
                safe="Nothing was changed.",
                hint="Restore a copy of the file, or import the recovery phrase again.",
            )
        return self._show(replace(self.state, kind="unlocked"))

    def _state_from(self, public: Mapping[str, Any], kind: Kind) -> WalletState:
        return WalletState(
            "watch" if public.get("kind") == "watch" else kind,
            str(public.get("address", "")),
            str(public.get("path", "")),
            bool(public.get("has_phrase")),
            self._remembered.exists(),
        )

    def _show(self, state: WalletState) -> WalletState:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
        return state
