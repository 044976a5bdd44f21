"""A real node on a free port, with the real model, for tests with foreign clients."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from router.api.keys import ApiKeys
from router.api.server import ApiServer
from router.backends.local import LocalBackend
from router.config import Settings
from router.inference.host import InferenceHost
from router.inference.library import LocalModel, ModelLibrary
from router.money import Money
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database
from tests.support.model import model_path


@dataclass(frozen=True)
class RunningNode:
    """What a test needs of it; `url` ends in /v1, as clients want it."""

    url: str
    key: str
    server: ApiServer
    host: InferenceHost
    keys: ApiKeys
    chats: ChatStore
    model: LocalModel

    def kill_worker(self) -> None:
        """End the model's process as a crash would."""
        pid = self.host.state.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


@contextlib.asynccontextmanager
async def running_node(folder: Path) -> AsyncIterator[RunningNode]:
    """Serve the real model until the block is left; the model is loaded by the first question."""
    paths = Paths(folder)
    paths.prepare()
    settings = Settings(paths.settings, {"api.port": 0})
    library = ModelLibrary(paths, settings, bundled=model_path().parent)
    await library.scan()
    host = InferenceHost(library, settings)
    database = Database(None)
    await database.open()
    chats, keys = ChatStore(database), ApiKeys(paths.api_keys)
    server = ApiServer(
        settings, paths, library, LocalBackend(host), chats, keys, Money(paths, settings)
    )
    try:
        await server.start()
        _, _, password = (await asyncio.to_thread(paths.cookie.read_text)).partition(":")
        model = library.find("")
        yield RunningNode(f"{server.state.url}/v1", password, server, host, keys, chats, model)
    finally:
        await server.stop()
        await host.close()
        await database.close()
