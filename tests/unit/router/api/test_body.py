"""router.api.body: what is not a bounded JSON object never reaches a handler."""

import json

import pytest

from router.api.body import parse
from router.api.errors import ApiError


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":[' * 65 + b"]}" * 65,
        b'{"a": [1}',
    ],
)
def test_deep_or_unpaired_brackets_are_refused(data: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        parse(data, 64)
    assert (caught.value.status, caught.value.code) == (400, "json_too_deep")


def test_brackets_in_texts_do_not_count() -> None:
    assert parse(json.dumps({"a": '[{"\\' * 500}).encode(), 64) == {"a": '[{"\\' * 500}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\uDC00x"}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b"{'a': 1}",
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_what_is_not_a_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        parse(data, 64)
    assert caught.value.status == 400


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00"}', 64) == {"a": "\U0001f600"}
