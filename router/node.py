"""The node: builds its parts in order, starts each on its own, stops them in reverse.

Read top to bottom: every line of `__init__` uses only what stands above it. Building is cheap and
touches nothing but the settings file, so that the window can be painted first; `start` does the
work. aiohttp is imported there, on a thread: 0.2 s that the first frame does not wait for.
"""

import asyncio
import importlib
from typing import TYPE_CHECKING

from router.backends.local import LocalBackend
from router.chat import Conversations
from router.config import Config, Settings
from router.inference.host import InferenceHost
from router.inference.library import ModelLibrary
from router.log import LogBook
from router.parts import Part
from router.paths import Paths
from router.services import Services
from router.store.chats import ChatStore
from router.store.db import Database
from router.tasks import Tasks

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.api.server import ApiServer


class Node:
    """A whole node. `parts` are in the order of starting; each can be retried by itself."""

    def __init__(self, paths: Paths, settings: Settings, log: LogBook) -> None:
        self._tasks = Tasks()
        self._database = Database(paths.database, backups=paths.backups)
        self._memory = Database(None)
        chats = ChatStore(self._database)
        temporary = ChatStore(self._memory)
        library = ModelLibrary(paths, settings)
        host = InferenceHost(library, settings)
        conversations = Conversations(chats, temporary, LocalBackend(host))
        self.services = Services(
            paths, settings, log, library, host, chats, temporary, conversations
        )
        self.api: ApiServer | None = None
        self.store_part = Part("store", "Chat store", self._start_store, self._stop_store)
        self.models_part = Part("models", "Local model", self._start_models, host.close)
        self.api_part = Part("api", "API server", self._start_api, self._stop_api)
        self.parts = (self.store_part, self.models_part, self.api_part)
        self._stop_listening = settings.changed.subscribe(self._settings_changed)
        self._api_config = settings.current.api

    async def start(self) -> None:
        """Start all parts at the same time; never raises, each part's state tells how it went."""
        await asyncio.gather(*(part.start() for part in self.parts))

    async def stop(self) -> None:
        """Stop everything in reverse; afterwards no task, thread or child process is left."""
        self._stop_listening()
        await self._tasks.close()
        for part in reversed(self.parts):
            await part.stop()

    async def _start_store(self) -> str:
        await self._memory.open()
        await self._database.open()
        await self.services.conversations.recover()
        return f"{await self.services.chats.count()} chats"
