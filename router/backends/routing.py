"""Sends each request to who can answer it: this computer, or the network."""

import re
from collections.abc import AsyncIterator, Callable

from router.backends.base import Backend, Event, Request
from router.errors import NoModel

SESSION = "session:"
_ON_CHAIN = re.compile(rf"({SESSION})?0x[0-9a-f]{{64}}", re.IGNORECASE)


def is_remote(model: str) -> bool:
    """Whether a model id is one of the network: of the chain, or "session:" and a session's id."""
    return _ON_CHAIN.fullmatch(model) is not None


def is_named(model: str, session_id: str, model_id: str) -> bool:
    """Whether a model id of the network means a session: by its own id, or that of its model."""
    return model != "" and model.lower() in (SESSION + session_id.lower(), model_id.lower())


class RoutingBackend:
    """One backend for all models.

    Args:
        remote: the one of the network that is connected now; None while none is.
    """

    def __init__(self, local: Backend, remote: Callable[[], Backend | None] = lambda: None) -> None:
        self._local = local
        self._remote = remote

    def complete(self, request: Request) -> AsyncIterator[Event]:
        """Stream one answer; see Backend.

        Raises:
            NoModel: it is a model of the network, and none is connected.
        """
        return self._chosen(request.model).complete(request)

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors for texts; see Backend."""
        return await self._chosen(model).embed(model, texts)

    def _chosen(self, model: str) -> Backend:
        if not is_remote(model):
            return self._local
        remote = self._remote()
        if remote is None:
            raise NoModel(
                "This model is one of the network, and no network is connected.",
                safe="Your question is kept. Nothing was sent, and nothing was paid.",
                hint="Connect to the network, or choose a local model.",
            )
        return remote
