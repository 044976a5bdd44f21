"""Embeddings in OpenAI's shapes: what is asked, and vectors as numbers or base64 of 32-bit floats."""

import base64
import struct
from typing import Any

from router.backends.chat_answer import usage
from router.backends.fields import Fields
from router.errors import BadRequest

MOST_TEXTS = 2048


def read_embedding(fields: Fields) -> tuple[list[str], str | None]:
    """The texts and the encoding that a request asks for.

    Raises:
        BadRequest: names the first field that is wrong or cannot be served.
    """
    texts = _texts(fields)
    encoding = fields.choice("encoding_format", ("float", "base64"))
    if fields.raw("dimensions") is not None:
        raise BadRequest(
            "Vectors cannot be shortened: leave out dimensions.",
            param="dimensions",
            code="dimensions_not_supported",
        )
    return texts, encoding


def embedding_list(
    model_id: str, vectors: list[list[float]], tokens: int, encoding: str | None
) -> dict[str, Any]:
    """The answer with vectors in the order of the texts."""
    counted = usage(tokens, 0)
    del counted["completion_tokens"]
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": _base64(vector) if encoding == "base64" else vector,
            }
            for index, vector in enumerate(vectors)
        ],
        "model": model_id,
        "usage": counted,
    }


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
