"""router.api.embeddings: vectors as numbers and as base64."""

import base64
import struct
from typing import Any

import pytest

from tests.support.api_client import Api

PATH = "/v1/embeddings"


async def test_vectors_as_numbers(api: Api) -> None:
    body = (await api.send("POST", PATH, {"input": ["ab", "c"]})).json
    assert body == {
        "object": "list",
        "model": "small-one",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [2.0, 0.5, -1.25]},
            {"object": "embedding", "index": 1, "embedding": [1.0, 0.5, -1.25]},
        ],
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    assert api.backend.texts == ["ab", "c"]
    assert api.server.request_log.records[0].prompt_tokens == 3


async def test_vectors_as_base64(api: Api) -> None:
    call = {"input": "abc", "encoding_format": "base64"}
    (item,) = (await api.send("POST", PATH, call)).json["data"]
    data = base64.b64decode(item["embedding"])
    assert struct.unpack("<3f", data) == (3.0, 0.5, -1.25)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "missing_field"),
        ({"input": ""}, "missing_field"),
        ({"input": []}, "missing_field"),
        ({"input": ["a", ""]}, "missing_field"),
        ({"input": [1]}, "tokens_not_supported"),
        ({"input": ["a"] * 2049}, "invalid_value"),
        ({"input": "a", "encoding_format": "hex"}, "invalid_value"),
        ({"input": "a", "dimensions": 3}, "dimensions_not_supported"),
        ({"input": "a", "model": "other"}, "model_not_found"),
    ],
)
async def test_refusals(api: Api, values: dict[str, Any], code: str) -> None:
    answer = await api.send("POST", PATH, values)
    assert answer.code == code
    assert answer.status == (404 if code == "model_not_found" else 400)
