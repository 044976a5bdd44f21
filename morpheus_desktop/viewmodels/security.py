"""Settings, security: what protects the wallet, and what needs its password again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from router.backends.routing import SESSION
from router.config import Settings
from router.errors import MorpheusError
from router.money import Money

if TYPE_CHECKING:  # start-up cost: it brings the libraries of keys along
    from router.wallet.secret_store import Availability
    from router.wallet.wallet import Wallet, WalletState

GOES_ON = {
    "claims": "taking back returned stake",
    "provider": "serving models",
}  # by the grant's name


@dataclass(frozen=True)
class Held:
    """MOR that only this wallet can get back, in wei; `problem` says why it is not known."""

    in_sessions: int = 0
    on_hold: int = 0
    claimable: int = 0
    problem: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        return self.in_sessions + self.on_hold + self.claimable


class SecurityViewModel(QObject):
    """The wallet as the security settings see it. Dialogs call its coroutines.

    Signals:
        changed: wallet, settings or keychain are others.
        locked: the wallet was locked just now.
        said: a short message for a toast.
        refused: a MorpheusError about the keychain.
        failed: an exception that nobody expected.
    """

    changed = Signal()
    locked = Signal()
    said = Signal(str)
    refused = Signal(object)
    failed = Signal(object)

    def __init__(self, money: Money, settings: Settings) -> None:
        super().__init__()
        self.keychain: Availability | None = None
        self._money = money
        self._settings = settings
        self._tasks = UiTasks(self._went_wrong)
        self._unsubscribe: list[Callable[[], None]] = [
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            money.loaded.subscribe(lambda _: self._loaded()),
        ]
        if money.wallet is not None:
            self._loaded()

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    @property
    def wallet(self) -> "Wallet":
        """The wallet.

        Raises:
            NotReady, WalletError, StorageError: it is not open.
        """
        return self._money.needed_wallet()

    @property
    def state(self) -> "WalletState | None":
        """How the wallet is; None before it was looked for."""
        return self._money.wallet.state if self._money.wallet is not None else None

    @property
    def reason(self) -> str:
        """Why there is nothing here to protect, in a sentence; empty for a wallet with a key."""
        state = self.state
        if state is None or state.kind == "none":
            return "There is no wallet yet."
        if state.borrowed:
            return "The demo wallet has no password and is gone when the app ends."
        if state.kind == "watch":
            return "This wallet is only watched: there is no key here."
        return ""

    @property
    def phrase_reason(self) -> str:
        """Why there is no recovery phrase to show."""
        state = self.state
        if self.reason or state is None or state.has_phrase:
            return self.reason
        return "This wallet was made of a single key, so it has no recovery phrase."

    @property
    def exempt(self) -> tuple[str, ...]:
        """What goes on while the wallet is locked, in words."""
        names = self._money.wallet.grants if self._money.wallet is not None else ()
        sessions = sum(name.startswith(SESSION) for name in names)
        words = (fmt.counted(sessions, "running session") if sessions else "",)
        return (*filter(None, words), *(GOES_ON[name] for name in names if name in GOES_ON))

    @property
    def can_erase(self) -> bool:
        """Whether there is a wallet on this computer."""
        state = self.state
        return state is not None and state.kind != "none" and not state.borrowed

    @property
    def wait_s(self) -> float:
        """Seconds until the next password is looked at."""
        return self._money.wallet.wait_s if self._money.wallet is not None else 0.0

    @property
    def lock_after_s(self) -> int:
        """Seconds without anybody after which the wallet locks; 0 is never."""
        return self._settings.current.wallet.lock_after_s

    def set_lock_after(self, seconds: int) -> None:
        """Lock after another time."""
        try:
            if seconds != self.lock_after_s:
                self._settings.change({"wallet.lock_after_s": seconds})
        except MorpheusError as error:
            self.failed.emit(error)

    def lock(self) -> None:
        """Lock now."""
        self._money.lock()

    # The keychain

    @property
    def keychain_reason(self) -> str:
        """Why the keychain of the system cannot be used; empty when it can."""
        if self.reason:
            return self.reason
        if self.keychain is None:
            return "The keychain of the system is looked for."
        return self.keychain.reason

    def look_for_keychain(self) -> None:
        """Find out whether it keeps what it is given."""
        if self.keychain is None and not self._tasks.running("keychain"):
            self._tasks.start("keychain", self._look_for_keychain())

    async def _look_for_keychain(self) -> None:
        self.keychain = await self.wallet.keychain_availability()
        self.changed.emit()

    def forget_keychain(self) -> None:
        """Ask for the password from now on."""
        self._tasks.start("forget", self.wallet.forget())

    # What needs the password; all raise WrongPassword, WalletError, StorageError

    async def remember(self, password: str) -> None:
        """Let the keychain unlock the wallet from now on."""
        await self.wallet.remember(password)
        self.said.emit("The keychain unlocks the wallet from now on")

    async def phrase(self, password: str) -> tuple[str, ...]:
        """The words."""
        return tuple((await self.wallet.reveal_phrase(password)).split())

    async def key(self, password: str) -> str:
        """The private key in hexadecimal."""
        return await self.wallet.export_key(password)

    async def key_file(self, password: str, file_password: str) -> bytes:
        """A key file for other wallets."""
        return await self.wallet.export_keystore(password, file_password)

    async def change_password(self, old: str, new: str) -> None:
        """Another password."""
        await self.wallet.change_password(old, new)
        self.said.emit("The password was changed")

    async def erase(self, password: str, typed: str) -> None:
        """Remove the wallet from this computer."""
        await self.wallet.erase(password, typed)
        self.said.emit("The wallet was removed from this computer")

    async def held(self) -> Held:
        """MOR in sessions or on hold; never raises."""
        try:
            account = await self._money.needed_funds().account()
        except MorpheusError as error:
            return Held(problem=error.message)
        return Held(account.in_sessions, account.on_hold, account.claimable)

    def _loaded(self) -> None:
        assert self._money.wallet is not None
        wallet = self._money.wallet
        self._unsubscribe += [
            wallet.changed.subscribe(self._wallet_changed),
            wallet.grants_changed.subscribe(lambda _: self.changed.emit()),
        ]
        self.changed.emit()

    def _wallet_changed(self, state: "WalletState") -> None:
        if state.kind == "locked":
            self.locked.emit()
        self.changed.emit()

    def _went_wrong(self, error: Exception) -> None:
        if isinstance(error, MorpheusError):
            self.refused.emit(error)
            self.changed.emit()
        else:
            self.failed.emit(error)
