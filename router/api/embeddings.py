"""POST /v1/embeddings: vectors for texts, as numbers or as base64 of 32-bit floats."""

from aiohttp import web

from router.api.call import Call, Route
from router.backends.base import Backend
from router.backends.embedding import embedding_list, read_embedding
from router.inference.library import ModelLibrary


class Embeddings:
    """Turns texts into vectors."""

    def __init__(self, library: ModelLibrary, backend: Backend) -> None:
        self._library = library
        self._backend = backend

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "POST",
                "/v1/embeddings",
                self.embed,
                "Turn texts into vectors.",
                "Embeddings",
                scope="embeddings",
                body="EmbeddingRequest",
                answer="EmbeddingList",
                refusals=(400, 404, 408, 413, 415, 502, 503),
            ),
        )

    async def embed(self, call: Call) -> web.Response:
        """Serve one request."""
        fields = await call.fields()
        texts, encoding = read_embedding(fields)
        model = call.model(self._library, fields.text("model"))
        vectors, tokens = await self._backend.embed(model.id, texts)
        call.draft.used(tokens, 0)
        return call.answer(embedding_list(model.id, vectors, tokens, encoding))
