"""The node: builds its parts in order, starts each on its own, stops them in reverse.

Read top to bottom: every line of `__init__` uses only what stands above it. Building is cheap and
touches nothing but the settings file, so that the window can be painted first; `start` does the
work. aiohttp is imported there, on a thread: 0.2 s that the first frame does not wait for.
"""

import asyncio
from typing import TYPE_CHECKING

from router.api.keys import ApiKeys
from router.backends.base import Backend
from router.backends.local import LocalBackend
from router.backends.routing import RoutingBackend, is_remote
from router.chat import Conversations
from router.config import Config, Settings
from router.errors import MorpheusError, StorageError
from router.events import Emitter
from router.inference.download import Downloads
from router.inference.host import InferenceHost
from router.inference.library import ModelLibrary
from router.loading import load
from router.log import LogBook
from router.money import Money
from router.parts import Part
from router.paths import Paths
from router.services import Services
from router.serving import Serving
from router.store.chats import ChatStore
from router.store.db import Database
from router.tasks import Tasks

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.api.server import ApiServer


class Node:
    """A whole node. Each of `parts` can be retried by itself.

    `api` is None until the HTTP interface was started once; `api_started` tells of it.
    """

    def __init__(
        self, paths: Paths, settings: Settings, log: LogBook, passphrase: str = ""
    ) -> None:
        self._tasks = Tasks()
        self._database = Database(paths.database, backups=paths.backups)
        self._memory = Database(None)
        chats = ChatStore(self._database)
        temporary = ChatStore(self._memory)
        library = ModelLibrary(paths, settings)
        host = InferenceHost(library, settings)
        downloads = Downloads(paths, settings, library)
        self._local = LocalBackend(host)
        self._backend = RoutingBackend(self._local, self._remote)
        conversations = Conversations(chats, temporary, self._backend, name_of=self._name_of)
        keys = ApiKeys(paths.api_keys)
        self.services = Services(
            paths,
            settings,
            log,
            self._database,
            chats,
            temporary,
            library,
            host,
            downloads,
            conversations,
            keys,
        )
        self.money = Money(paths, settings, passphrase)
        self.serving = Serving(paths, settings, self.money, library, self._local)
        self._passphrase = passphrase
        self.api: ApiServer | None = None
        self.api_started: Emitter[ApiServer] = Emitter()
        self.store_part = Part("store", "Chat store", self._open_store, self._close_store)
        self.models_part = Part("models", "Local models", self._find_models, host.close)
        self.api_part = Part("api", "API server", self._start_api, self._stop_api)
        self.parts = (
            self.store_part,
            self.models_part,
            self.api_part,
            self.money.wallet_part,
            self.money.chain_part,
            self.serving.part,
        )
        self._config = settings.current
        self._stop_listening = settings.changed.subscribe(self._settings_changed)

    async def start(self) -> None:
        """Start all parts; never raises, each part's state tells how it went."""
        own = (self.store_part, self.models_part, self.api_part)
        await asyncio.gather(self.money.start(), *(part.start() for part in own))
        await self.serving.part.start()

    @property
    def problems(self) -> tuple[MorpheusError, ...]:
        """What the user should be told of after a start."""
        services, log = self.services, self.services.log.problem
        found = (
            services.settings.problem,
            StorageError(log, safe="Lines are kept in memory meanwhile.") if log else None,
            services.database.report.problem,
            *(part.state.error for part in self.parts),
            self.serving.problem,
        )
        return tuple(error for error in found if error is not None)

    async def stop(self) -> None:
        """Stop everything in reverse; afterwards no task, thread or child process is left."""
        self._stop_listening()
        await self._tasks.close()
        await self.services.downloads.close()
        await self.services.conversations.close()
        await self.serving.close()
        await self.money.close()
        for part in (self.api_part, self.models_part, self.store_part):
            await part.stop()

    def _remote(self) -> Backend | None:
        """What answers for models of the network that is connected now."""
        funds = self.money.funds
        return None if funds is None else funds.backend(self._local, lambda: self._name_of(""))

    def _name_of(self, model: str) -> str:
        """What people know a model by.

        Raises:
            NoModel, NotFound: it is not here.
        """
        if not is_remote(model):
            return self.services.library.find(model).name
        funds = self.money.funds
        return (funds.model_name(model) if funds is not None else "") or model

    async def _open_store(self) -> str:
        await self._memory.open()
        await self._database.open()
        await self.services.conversations.recover()
        count = len(await self.services.chats.list())
        return f"{count:,} {'chat' if count == 1 else 'chats'}"

    async def _close_store(self) -> None:
        await self._database.close()
        await self._memory.close()

    async def _find_models(self) -> str:
        self.services.host.open()
        count = len(await self.services.library.scan())
        await self.services.downloads.restore()
        return f"{count} {'model' if count == 1 else 'models'}"

    async def _start_api(self) -> str:
        services = self.services
        if not services.settings.current.api.enabled:
            return "Off"
        module = await asyncio.to_thread(load, "router.api.server")
        if self.api is None:
            self.api = module.ApiServer(
                services.settings,
                services.paths,
                services.library,
                self._backend,
                services.chats,
                services.keys,
                self.money,
                passphrase=self._passphrase,
            )
            self.api_started.emit(self.api)
        await self.api.start()
        return f"{self.api.state.host}:{self.api.state.port}"

    async def _stop_api(self) -> None:
        if self.api is not None:
            await self.api.stop()

    def _settings_changed(self, config: Config) -> None:
        old, self._config = self._config, config
        if config.api != old.api:
            self._tasks.spawn("restart the API", self.api_part.restart())
        if config.log != old.log:
            self.services.log.set_level(config.log.level)
