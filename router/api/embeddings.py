"""POST /v1/embeddings: vectors for texts, as numbers or as base64 of 32-bit floats."""

import base64
import struct
from typing import Any

from aiohttp import web

from router.api.answering import usage
from router.api.call import Call, Route
from router.api.fields import Fields
from router.backends.base import Backend
from router.errors import BadRequest
from router.inference.library import ModelLibrary

MOST_TEXTS = 2048


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
        texts = _texts(fields)
        encoding = fields.choice("encoding_format", ("float", "base64"))
        if fields.raw("dimensions") is not None:
            raise BadRequest(
                "Vectors cannot be shortened: leave out dimensions.",
                param="dimensions",
                code="dimensions_not_supported",
            )
        model = call.model(self._library, fields.text("model"))
        vectors, tokens = await self._backend.embed(model.id, texts)
        call.draft.used(tokens, 0)
        counted = usage(tokens, 0)
        del counted["completion_tokens"]
        return call.answer(
            {
                "object": "list",
                "data": [
                    {
                        "object": "embedding",
                        "index": index,
                        "embedding": _base64(vector) if encoding == "base64" else vector,
                    }
                    for index, vector in enumerate(vectors)
                ],
                "model": model.id,
                "usage": counted,
            }
        )


def _texts(fields: Fields) -> list[str]:
    value: Any = fields.raw("input")
    if isinstance(value, list) and any(isinstance(item, int | list) for item in value):
        raise BadRequest(
            "Send the input as text, not as tokens.", param="input", code="tokens_not_supported"
        )
    texts = fields.texts("input", MOST_TEXTS)
    if not texts or not all(texts):
        raise fields.wrong(
            "input", "a text or a list of texts that are not empty", code="missing_field"
        )
    return texts


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
