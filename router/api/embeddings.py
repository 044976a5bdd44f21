"""POST /v1/embeddings: vectors for texts, as numbers or as base64 of 32-bit floats."""

from typing import Any

from aiohttp import web

from router.api.call import Call, Route
from router.api.remote import REMOTE_HEADERS, Remote, RemoteModel
from router.backends.base import Backend
from router.backends.chat_answer import closing
from router.backends.embedding import embedding_list, read_embedding
from router.backends.fields import Fields
from router.consumer.remote import tokens_of, vectors_of
from router.errors import BackendError
from router.inference.library import ModelLibrary
from router.morrpc.endings import Kind


class Embeddings:
    """Turns texts into vectors."""

    def __init__(self, library: ModelLibrary, backend: Backend, remote: Remote) -> None:
        self._library = library
        self._backend = backend
        self._remote = remote

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
                refusals=(400, 402, 404, 408, 409, 413, 415, 423, 502, 503, 504),
                parameters=REMOTE_HEADERS,
            ),
        )

    async def embed(self, call: Call) -> web.Response:
        """Serve one request."""
        fields = await call.fields()
        chosen = await self._remote.chosen(call, fields.text("model"))
        if chosen is not None:
            return await self._through_session(call, fields, chosen)
        texts, encoding = read_embedding(fields)
        model = call.model(self._library, fields.text("model"))
        vectors, tokens = await self._backend.embed(model.id, texts)
        call.draft.used(tokens, 0)
        return call.answer(embedding_list(model.id, vectors, tokens, encoding))

    async def _through_session(
        self, call: Call, fields: Fields, chosen: RemoteModel
    ) -> web.Response:
        """Numbers are asked for and packed here: deployed providers cannot pack them."""
        asked = fields.raw("input")
        if asked in (None, "", []):
            raise fields.wrong("input", "a text or a list of texts", code="missing_field")
        encoding = fields.choice("encoding_format", ("float", "base64"))
        body = {**fields.values, "encoding_format": "float"}
        async with closing(values := self._remote.ask(chosen, body, Kind.EMBEDDINGS)):
            async for value in values:
                vectors, tokens = vectors_of(value, _count(asked)), tokens_of(value)
                call.draft.used(tokens, 0)
                return call.answer(embedding_list(chosen.id, vectors, tokens, encoding))
        raise BackendError("The provider gave no vectors.")


def _count(asked: Any) -> int:
    """How many vectors an input asks for: texts, or lists of token numbers."""
    if isinstance(asked, list) and not any(isinstance(item, int) for item in asked):
        return len(asked)
    return 1
