"""router.backends.embedding: what is asked for, and vectors in both encodings."""

import base64
import struct

import pytest

from router.backends.embedding import embedding_list, read_embedding
from router.backends.fields import Fields
from router.errors import BadRequest


def test_what_is_asked_is_read() -> None:
    assert read_embedding(Fields({"input": "a"})) == (["a"], None)
    assert read_embedding(Fields({"input": ["a", "b"], "encoding_format": "base64"})) == (
        ["a", "b"],
        "base64",
    )


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": [""]}, "input"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": "a", "dimensions": 3}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_what_cannot_be_served_is_named(body: dict[str, object], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_embedding(Fields(body))
    assert caught.value.param == param


def test_vectors_keep_their_order_in_both_encodings() -> None:
    vectors = [[0.5, 1.0], [2.0, -1.0]]
    plain = embedding_list("m", vectors, 3, None)
    assert [item["embedding"] for item in plain["data"]] == vectors
    assert [item["index"] for item in plain["data"]] == [0, 1]
    assert plain["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    coded = embedding_list("m", vectors, 3, "base64")["data"][1]["embedding"]
    assert struct.unpack("<2f", base64.b64decode(coded)) == (2.0, -1.0)
