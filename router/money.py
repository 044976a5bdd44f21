"""The wallet and the network of a node, brought in after the first frame.

Their libraries take most of a second to import, so this module imports none of them: it loads
them on a thread when its parts start. Until then there is no wallet and no network, and `None`
says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from router.config import Config, Settings
from router.errors import MorpheusError, NotReady
from router.events import Emitter
from router.loading import load
from router.networks import DEMO
from router.parts import Part
from router.paths import Paths
from router.tasks import Tasks
from router.wallet.node_keys import NodeKeys

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.funds import Funds
    from router.wallet.autolock import AutoLock
    from router.wallet.secret_store import Keychain
    from router.wallet.wallet import Wallet, WalletState

log = logging.getLogger(__name__)

OFF = "Not connected"


class Money:
    """Owns the wallet and the connection to a network.

    `wallet`, `autolock` and `funds` are None until the wallet part was started once; `loaded`
    tells of them.

    Args:
        passphrase: of a node without a window: nobody is there to unlock its wallet, so it is
            unlocked at the start and stays so.
        keychain: that of the system if None.

    Attributes:
        node_keys: has the keys in the addresses of nodes.
        wallet_part: the wallet file; it can be retried.
        chain_part: the network. Without a wallet only the demo network is connected: nothing
            leaves the computer then.
        leaving: awaited before the network is let go.
    """

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        passphrase: str = "",
        *,
        keychain: "Keychain | None" = None,
    ) -> None:
        self.wallet: Wallet | None = None
        self.autolock: AutoLock | None = None
        self.funds: Funds | None = None
        self.loaded: Emitter[None] = Emitter()
        self.wallet_part = Part("wallet", "Wallet", self._open_wallet, self._close_wallet)
        self.chain_part = Part("chain", "Network", self._connect, self._disconnect)
        self.leaving: list[Callable[[], Awaitable[None]]] = []
        self.node_keys = NodeKeys(settings, keychain)
        self._keychain = keychain
        self._paths = paths
        self._settings = settings
        self._passphrase = passphrase
        self._tasks = Tasks()
        self._watching: asyncio.Task[None] | None = None
        self._network = settings.current.network, settings.current.chain
        self._letting_go = False
        self._was_own = False
        self._closed = False
        self._stop_listening = settings.changed.subscribe(self._settings_changed)

    async def start(self) -> None:
        """Open the wallet, then connect; never raises, each part's state tells how it went."""
        await self.wallet_part.start()
        await self.chain_part.start()

    async def close(self) -> None:
        """Let go of everything; the wallet is locked."""
        self._closed = True
        self._stop_listening()
        await self._tasks.close()
        await self.chain_part.stop()
        await self.wallet_part.stop()
        await self.node_keys.close()

    def needed_wallet(self) -> "Wallet":
        """The wallet.

        Raises:
            NotReady: it is not open yet.
            WalletError, StorageError: it could not be opened; says why.
        """
        if self.wallet is None or self.wallet_part.state.phase != "ready":
            raise self.wallet_part.state.error or NotReady(
                "The wallet is not open yet.", hint="Try again in a moment."
            )
        return self.wallet

    def needed_funds(self) -> "Funds":
        """The money side; whether a network is connected is another question.

        Raises:
            NotReady, WalletError, StorageError, ChainUnavailable: it is not there; says why.
        """
        self.needed_wallet()
        assert self.funds is not None
        if self.chain_part.state.error is not None:
            raise self.chain_part.state.error
        return self.funds

    def lock(self) -> None:
        """Lock the wallet, if there is one."""
        if self.wallet is not None:
            self.wallet.lock()

    async def _open_wallet(self) -> str:
        if self.wallet is None:
            await asyncio.to_thread(self._load)
            self.loaded.emit(None)
        assert self.wallet is not None
        assert self.autolock is not None
        if not _is_own(self.wallet.state) or self.wallet.state.kind == "locked":
            await self.wallet.open()
        if self._passphrase:
            await self.wallet.unlock(self._passphrase)
        else:
            self._watching = self._tasks.spawn("lock the wallet when idle", self.autolock.run())
        return self._say(self.wallet.state)

    async def _close_wallet(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self.lock()
        if self.wallet is not None:
            self.wallet.revoke()

    def _load(self) -> None:
        """Import and build; on a thread, because importing is all that takes time here."""
        wallet = load("router.wallet.wallet")
        autolock = load("router.wallet.autolock")
        funds = load("router.funds")
        self.wallet = wallet.Wallet(self._paths.wallet, keychain=self._keychain)
        after = self._settings
        self.autolock = autolock.AutoLock(
            self.wallet, lambda: float(after.current.wallet.lock_after_s)
        )
        self.funds = funds.Funds(self._paths, self._settings, self.wallet, self.node_keys)
        self.wallet.changed.subscribe(self._wallet_changed)

    def _say(self, state: "WalletState") -> str:
        return {"none": "None", "watch": "Watched", "locked": "Locked", "unlocked": "Unlocked"}[
            state.kind
        ]

    async def _connect(self) -> str:
        funds, wallet = self.funds, self.wallet
        if funds is None or wallet is None:
            return OFF
        if not self._is_wanted(wallet.state):
            return OFF
        title = await funds.start()
        if wallet.state.kind == "none":
            self._lend()
        else:
            await funds.give_play_money()
        return title

    def _lend(self) -> None:
        """On the demo network, let somebody without a wallet use its account."""
        funds, wallet = self.funds, self.wallet
        if funds is None or wallet is None or not funds.is_connected:
            return
        demo = funds.connection.demo
        is_free = wallet.state.kind == "none" and self.wallet_part.state.phase != "failed"
        if demo is not None and is_free:
            wallet.borrow(bytes.fromhex(demo.announced.keys["user"].removeprefix("0x")))

    async def _disconnect(self) -> None:
        for leave in self.leaving:
            await leave()
        if self.funds is None or self.wallet is None:
            return
        self._letting_go = True
        try:
            self.wallet.give_back()
            await self.funds.stop()
        finally:
            self._letting_go = False

    def _wallet_changed(self, state: "WalletState") -> None:
        """The first account connects, the last one gone lets go; another is only looked at."""
        funds = self.funds
        was_own, self._was_own = self._was_own, _is_own(state)
        phase = self.chain_part.state.phase
        if self._was_own and not was_own and self.wallet_part.state.phase == "failed":
            # It took the place of a file that could not be opened: it is to lock itself too.
            self._tasks.spawn("watch the new wallet", self.wallet_part.start())
        if funds is None or self._letting_go or self._closed or phase in ("waiting", "starting"):
            return
        if funds.is_connected != self._is_wanted(state):
            self._tasks.spawn("connect for the wallet", self.chain_part.restart())
        else:
            funds.changed.emit(None)
            if state.address and not state.borrowed and phase == "ready":
                self._tasks.spawn("play money", self._give_play_money(funds))
            elif was_own and state.kind == "none":
                # Later: whoever else listens is to hear of this state before the next one.
                asyncio.get_running_loop().call_soon(self._lend)

    async def _give_play_money(self, funds: "Funds") -> None:
        try:
            await funds.give_play_money()
        except MorpheusError as error:
            if not self._letting_go:
                log.warning("%s", error)

    def _is_wanted(self, state: "WalletState") -> bool:
        return _is_own(state) or self._settings.current.network == DEMO

    def _settings_changed(self, config: Config) -> None:
        if (config.network, config.chain) != self._network:
            self._network = config.network, config.chain
            self._tasks.spawn("change the network", self.chain_part.restart())


def _is_own(state: "WalletState") -> bool:
    """Whether there is a wallet of the user's own, watched ones too."""
    return bool(state.address) and not state.borrowed
