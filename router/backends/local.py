"""Answers from the models on this computer."""

from collections.abc import AsyncIterator

from router.backends.base import Event, Request
from router.inference.host import InferenceHost


class LocalBackend:
    """The local model as a Backend.

    Raises what InferenceHost raises.
    """

    def __init__(self, host: InferenceHost) -> None:
        self._host = host

    def complete(self, request: Request) -> AsyncIterator[Event]:
        """Stream one answer; see Backend."""
        return self._host.complete(request)

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors for texts; see Backend."""
        return await self._host.embed(model, texts)
