"""Serving models to others, as a part of the node: the user's provider, and the demo network's.

Both need a connected network: they start after it and are stopped before it is let go. Nothing of
a provider is imported before that, because it takes a while: see router.money.
"""

import asyncio
from typing import TYPE_CHECKING

from router.backends.base import Backend
from router.config import Config, Settings
from router.errors import MorpheusError
from router.events import Emitter
from router.inference.library import ModelLibrary
from router.loading import load
from router.money import Money
from router.parts import Part, PartState
from router.paths import Paths
from router.tasks import Tasks

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.demo import DemoProviders
    from router.funds import Connection
    from router.provider.provider import Provider
    from router.wallet.grant import Grant
    from router.wallet.wallet import WalletState

GRANT = "provider"
OFF, NO_NETWORK = "Off", "Waits for a network"


class Serving:
    """Owns the providers of this process.

    `provider` is the user's own, None while it does not run; `changed` tells what it is doing, and
    whether it runs.
    """

    def __init__(
        self, paths: Paths, settings: Settings, money: Money, library: ModelLibrary, local: Backend
    ) -> None:
        self.provider: Provider | None = None
        self.demo: DemoProviders | None = None
        self.changed: Emitter[None] = Emitter()
        self.part = Part("provider", "Provider", self._start, self._stop)
        self._paths = paths
        self._settings = settings
        self._money = money
        self._library = library
        self._local = local
        self._tasks = Tasks()
        self._config = settings.current.provider
        self._starting: asyncio.Timeout | None = None
        self._is_leaving = False
        money.leaving.append(self._leave)
        self._stop_listening = [
            settings.changed.subscribe(self._settings_changed),
            money.chain_part.changed.subscribe(self._chain_changed),
            money.loaded.subscribe(self._money_loaded),
        ]

    @property
    def problem(self) -> MorpheusError | None:
        """Why the user's provider serves no models although it runs."""
        return None if self.provider is None else self.provider.state.models_problem

    async def close(self) -> None:
        """Stop serving for good."""
        for stop_listening in self._stop_listening:
            stop_listening()
        await self._leave()  # first: what is being stopped is not cancelled in the middle
        await self._tasks.close()

    async def _start(self) -> str:
        # Coming to the market takes seconds; whoever lets go of the network does not wait for it.
        try:
            async with asyncio.timeout(None) as self._starting:
                return await self._start_all()
        except TimeoutError:
            if self._starting is None or not self._starting.expired():
                raise
            return NO_NETWORK
        finally:
            self._starting = None

    async def _leave(self) -> None:
        """Stop all; those of the demo network outlive a restart of the user's own."""
        self._is_leaving = True  # until the next network
        if self._starting is not None:
            self._starting.reschedule(asyncio.get_running_loop().time())
        await self.part.stop()
        await self._stop()  # what was cancelled while it started
        if self.demo is not None:
            await self.demo.stop()
            self.demo = None

    async def _start_all(self) -> str:
        funds = self._money.funds
        can_be_used = funds is not None and funds.is_connected and not self._is_leaving
        connection = funds.connection if funds is not None and can_be_used else None
        is_wanted = self._settings.current.provider.enabled
        if not is_wanted:
            self._give_up_grant()
        if connection is None:
            return NO_NETWORK if is_wanted else OFF
        if connection.demo is not None and self.demo is None:
            await self._start_demo(connection)
        if is_wanted and (grant := self._grant()) is not None:
            await self._start_own(connection, grant)
        return self._words()

    async def _start_own(self, connection: "Connection", grant: "Grant") -> None:
        module = await asyncio.to_thread(load, "router.provider.provider")
        config = self._settings.current.provider
        self.provider = module.Provider(
            config,
            self._paths,
            connection.market,
            grant,
            self._local,
            is_kept=connection.demo is None,
            now=connection.now,
        )
        self.provider.changed.subscribe(lambda _: self._tell())
        await self.provider.start()
        self.changed.emit(None)

    async def _start_demo(self, connection: "Connection") -> None:
        module = await asyncio.to_thread(load, "router.demo")
        model = self._library.default
        demo = module.DemoProviders(
            self._paths.demo,
            connection.market,
            self._local,
            f"{model.name if model is not None else 'Local model'} (demo)",
            connection.now,
        )
        try:
            await demo.start()
        except BaseException:
            await demo.stop()
            raise
        self.demo = demo

    async def _stop(self) -> None:
        if self.provider is not None:
            await self.provider.stop()
            self.provider = None  # not before: whoever was cancelled here stops it again
        self.changed.emit(None)

    def _grant(self) -> "Grant | None":
        """The use of the wallet's key; None until there is a wallet that is unlocked.

        Raises:
            WalletError: it is only watched.
        """
        wallet = self._money.wallet
        if wallet is None or (
            GRANT not in wallet.grants and wallet.state.kind in ("none", "locked")
        ):
            return None
        return wallet.grant(GRANT)

    def _give_up_grant(self) -> None:
        wallet = self._money.wallet
        if wallet is not None and GRANT in wallet.grants:
            wallet.grant(GRANT).wipe()

    def _words(self) -> str:
        """What is shown of it: where it listens and how many models it serves."""
        if self.provider is not None and self.provider.state.address is not None:
            host, port = self.provider.state.address
            count = len(self.provider.state.models)
            at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            return f"{at}, {count} {'model' if count == 1 else 'models'}"
        if self._settings.current.provider.enabled:
            return "Waits until the wallet is unlocked"
        return f"{len(self.demo.running)} of the demo network" if self.demo is not None else OFF

    def _tell(self) -> None:
        self.part.tell(self._words())
        self.changed.emit(None)

    # What others tell

    def _chain_changed(self, state: PartState) -> None:
        if state.phase == "ready":
            self._is_leaving = False
            is_started = self.part.state.phase == "ready"
            start = self.part.restart if is_started else self.part.start
            self._tasks.spawn("start the provider", start())

    def _settings_changed(self, config: Config) -> None:
        if config.provider != self._config:
            self._config = config.provider
            self._tasks.spawn("restart the provider", self.part.restart())

    def _money_loaded(self, _: None) -> None:
        assert self._money.wallet is not None
        self._stop_listening.append(self._money.wallet.changed.subscribe(self._wallet_changed))

    def _wallet_changed(self, state: "WalletState") -> None:
        """Begin when the wallet is unlocked first; end with the account."""
        if self.part.state.phase not in ("starting", "ready") or not self._config.enabled:
            return
        grants = self._money.wallet.grants if self._money.wallet is not None else ()
        can_serve = GRANT in grants or state.kind == "unlocked"
        if can_serve != (self.provider is not None):
            self._tasks.spawn("restart the provider", self.part.restart())
