"""The HTTP server of the node: it listens, stops, and tells where it can be reached."""

import asyncio
import logging
from dataclasses import dataclass

from aiohttp import web

from router.api.audio import Audio
from router.api.auth import Cookie, Doorkeeper, load_cookie
from router.api.blockchain import Blockchain
from router.api.body import Limits
from router.api.call import Route
from router.api.chat_completions import ChatCompletions
from router.api.chats import Chats
from router.api.completions import Completions
from router.api.connection import Site, bind, url_of
from router.api.embeddings import Embeddings
from router.api.errors import ApiError
from router.api.gate import Gate
from router.api.keys import ApiKey, ApiKeys
from router.api.models import Models
from router.api.named_keys import NamedKeys
from router.api.openapi import document
from router.api.origin import Doorway
from router.api.proxy import Proxy
from router.api.registering import Registering
from router.api.remote import Remote
from router.api.request_log import RequestLog
from router.api.running import Running
from router.api.sessions import SessionRoutes
from router.api.system import System
from router.api.wallet import WalletRoutes
from router.backends.base import Backend
from router.config import ApiConfig, Settings, is_loopback
from router.errors import StorageError
from router.events import Emitter
from router.inference.library import ModelLibrary
from router.money import Money
from router.paths import Paths
from router.store.chats import ChatStore

log = logging.getLogger(__name__)

STOP_LIMIT_S = 1.0
SHUTDOWN_S = 0.2  # for what did not end within STOP_LIMIT_S; aiohttp waits so long up to twice

_REVOKED = ApiError(401, "key_revoked", "The key was revoked.")
_STOPPING = ApiError(503, "server_stopping", "The interface is being stopped.")


@dataclass(frozen=True)
class ApiState:
    """How the interface is.

    Args:
        url: where it can be reached, or empty while it is off.
        moved_from: the port that was wanted but is taken by another program, or 0.
        warnings: sentences the user has to see.
    """

    url: str = ""
    host: str = ""
    port: int = 0
    moved_from: int = 0
    warnings: tuple[str, ...] = ()


class ApiServer:
    """Serves the HTTP interface inside the running loop.

    `changed` tells each new state. Settings are read at `start`: to apply new ones, stop and
    start.
    """

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        library: ModelLibrary,
        backend: Backend,
        chats: ChatStore,
        keys: ApiKeys,
        money: Money,
        *,
        passphrase: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.state = ApiState()
        self.changed: Emitter[ApiState] = Emitter()
        self.request_log = RequestLog()
        self._settings = settings
        self._paths = paths
        self._keys = keys
        self._limits = limits or Limits()
        self._running = Running()
        remote = Remote(library, money.needed_funds)
        self._groups = (
            System(
                settings,
                paths.cookie,
                money.needed_funds,
                money.needed_wallet,
                lambda: document(self.routes),
            ),
            Models(library, remote),
            ChatCompletions(library, backend, chats, remote),
            Completions(library, backend),
            Embeddings(library, backend, remote),
            Audio(library, remote),
            Chats(chats),
            NamedKeys(keys),
            WalletRoutes(money.needed_wallet, settings, passphrase, money.node_keys),
            Blockchain(money.needed_funds),
            Registering(money.needed_funds),
            SessionRoutes(money.needed_funds),
            Proxy(money.needed_funds, money.needed_wallet),
        )
        self._runner: web.AppRunner | None = None
        self._lock = asyncio.Lock()
        keys.revoked.subscribe(self._revoked)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every address that is served."""
        return tuple(route for group in self._groups for route in group.routes)

    async def start(self) -> None:
        """Begin to listen; a taken port is followed by the next free one. Twice is fine.

        Raises:
            ConfigError: the address cannot be used, or no port near the wanted one is free.
            StorageError: the key of this installation cannot be read or made.
        """
        async with self._lock:
            if self._runner is not None:
                return
            config = self._settings.current.api
            cookie = await asyncio.to_thread(load_cookie, self._paths.cookie)
            problem = await self._load_keys()
            host, port = await self._listen(config, cookie)
            moved = config.port if config.port not in (0, port) else 0
            warnings = _warnings(config, cookie.problem, problem)
            self._set(ApiState(url_of(host, port), host, port, moved, warnings))
            for warning in warnings:
                log.warning("%s", warning)
            log.info("listening on %s", self.state.url)

    async def stop(self) -> None:
        """End every stream with an error event, close all connections. Twice is fine."""
        async with self._lock:
            if self._runner is None:
                return
            runner, self._runner = self._runner, None
            for site in runner.sites:
                await site.stop()
            self._running.cut(lambda caller: True, _STOPPING)
            await self._running.ended(STOP_LIMIT_S)
            await runner.cleanup()
            self._set(ApiState())

    async def _load_keys(self) -> str:
        """Read the named keys; without them the key of the installation still works."""
        try:
            await self._keys.load()
        except StorageError as error:
            return f"{error.message} {error.safe} {error.hint}"
        return ""

    async def _listen(self, config: ApiConfig, cookie: Cookie) -> tuple[str, int]:
        listener = bind(config.host, config.port)
        host, port = listener.getsockname()[:2]
        gate = Gate(
            Doorway(host, port),
            Doorkeeper(cookie, self._keys),
            self._running,
            self.request_log,
            self._limits,
            keep_bodies=config.log_bodies,
        )
        # The handler is cancelled as soon as its client is gone: that is what stops the model.
        self._runner = web.AppRunner(
            gate.application(self.routes),
            handler_cancellation=True,
            shutdown_timeout=SHUTDOWN_S,
        )
        await self._runner.setup()
        await Site(self._runner, listener, self._limits).start()
        return host, port

    def _revoked(self, key: ApiKey) -> None:
        self._running.cut(
            lambda caller: caller.key is not None and caller.key.id == key.id, _REVOKED
        )

    def _set(self, state: ApiState) -> None:
        self.state = state
        self.changed.emit(state)


def _warnings(config: ApiConfig, *problems: str) -> tuple[str, ...]:
    lan = (
        f"Other computers can reach the API on {config.host}. What they send and get is not "
        "encrypted, and whoever has a key can use your models and read your chats."
    )
    return tuple(text for text in (*problems, "" if is_loopback(config.host) else lan) if text)
