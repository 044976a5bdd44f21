"""A provider: listens, knows its models and its sessions, and tells how it is.

Whoever starts it has registered the address with a stake, its models and its bids on the chain;
here nothing is sent to the chain, and the key signs nothing but approvals, reports and answers.
"""

import asyncio
import time
from collections.abc import Callable

import aiohttp

from router import __version__
from router.backends.base import Backend
from router.backends.openai import OpenAiBackend, open_session
from router.backends.raw import RawBackend
from router.backends.raw_local import LocalRaw
from router.chain.marketplace import Marketplace
from router.config import ProviderConfig, listen_address
from router.errors import MorpheusError
from router.morrpc.limits import INCOMING, Limits
from router.morrpc.signing import Signer
from router.paths import Paths
from router.provider.capacity import Capacity
from router.provider.checks import Checks
from router.provider.door import Door
from router.provider.ledger import Ledger
from router.provider.listener import STALL_S, Listener
from router.provider.live import Live, ProviderState
from router.provider.models_config import ModelConfig, ModelsFile
from router.provider.service import Parts, Service
from router.provider.uploads import Uploads
from router.tasks import Tasks, supervise

MIB = 1024 * 1024
MODELS_EVERY_S = 2.0
CHAIN_EVERY_S = 10.0
TIDY_EVERY_S = 3600.0


class Provider:
    """One provider on one network.

    Args:
        signer: the key of the provider, or of one that may sign for it.
        local: answers for entries of models-config.json with apiType "local".
        is_kept: whether what was served is kept in the data folder; not on networks that are gone
            at the end.
        limits: of requests. stall_s: after which a consumer that reads nothing is gone.
        now: seconds since 1970.
    """

    def __init__(
        self,
        config: ProviderConfig,
        paths: Paths,
        market: Marketplace,
        signer: Signer,
        local: Backend,
        *,
        is_kept: bool = True,
        limits: Limits = INCOMING,
        stall_s: float = STALL_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._listen = listen_address(config.listen)
        self._local = local
        self._tasks = Tasks()
        self._http: aiohttp.ClientSession | None = None
        self._live = Live(now)
        self._now = now
        self._tidied_at = now()
        self._ledger = Ledger(paths.served if is_kept else None, market.network.chain_id, now)
        self._capacity = Capacity(self._ledger, now)
        address = config.address or signer.address
        self._checks = Checks(market, self._ledger, self._capacity, address, now)
        self._models = ModelsFile(paths.served_models)
        self._uploads = Uploads(paths.uploads, config.upload_mb * MIB)
        self._door = Door(
            config.connections, config.connections_per_address, config.requests_a_minute
        )
        parts = Parts(
            self._ledger,
            self._capacity,
            self._checks,
            self._models,
            self._uploads,
            self._live,
            self._backend_of,
        )
        service = Service(
            parts, market.network.chain_id, __version__, skew_s=limits.skew_s, now=now
        )
        self._listener = Listener(
            signer, self._door, service.answer, now, limits=limits, stall_s=stall_s
        )
        self.changed = self._live.changed

    @property
    def state(self) -> ProviderState:
        """How it is now."""
        return self._live.state

    async def start(self) -> tuple[str, int]:
        """Begin to serve; the address and port at which it listens.

        Raises:
            StorageError: what was served cannot be read.
            ConfigError: the address cannot be used.
        """
        await self._ledger.open()
        await self._uploads.clear()
        self._http = open_session()
        self._live.update(served=await self._ledger.served())
        await self._look_at_models()
        address = await self._listener.start(*self._listen)
        self._live.update(address=address)
        self._tasks.spawn("served models", supervise("served models", self._follow_models))
        self._tasks.spawn("served sessions", supervise("served sessions", self._follow_chain))
        return address

    async def stop(self) -> None:
        """End what is being answered and let go of everything; after a failed start too."""
        await self._listener.stop()
        await self._tasks.close()
        if self._http is not None:
            await self._http.close()
        await self._uploads.clear()
        await self._ledger.close()
        self._live.update(address=None, running=())

    async def look(self) -> None:
        """See now which sessions there are and which were closed; else it is done by itself."""
        try:
            await self._checks.look()
        except MorpheusError as error:
            self._live.problem(error.message)
        self._live.update(
            sessions=tuple(await self._ledger.open_sessions(self._now())),
            turned_away=self._door.turned_away,
        )

    def _backend_of(self, model: ModelConfig) -> RawBackend:
        if model.api_type == "local":
            return LocalRaw(self._local, model.name)
        assert self._http is not None, "the provider runs"
        return OpenAiBackend(self._http, model.api_url, model.name, model.api_key)

    async def _follow_models(self) -> None:
        while True:
            await asyncio.sleep(MODELS_EVERY_S)
            await self._look_at_models()
            await self._uploads.sweep()

    async def _look_at_models(self) -> None:
        if await self._models.refresh():
            current = self._models.current
            self._live.update(
                models=tuple(current.by_id.values()),
                models_problem=self._models.problem or current.problem,
            )

    async def _follow_chain(self) -> None:
        while True:
            await self.look()
            await self._tidy()
            await asyncio.sleep(CHAIN_EVERY_S)

    async def _tidy(self) -> None:
        if self._now() - self._tidied_at >= TIDY_EVERY_S:
            self._tidied_at = self._now()
            await self._ledger.tidy()
