"""router.outside: what nests too deeply never reaches a parser."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.outside import deeper_than, parse_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(item) for item in value), default=0)
    return 0


@settings(max_examples=40, deadline=None)
@given(JSON, st.booleans())
def test_depth_is_exact(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    levels = depth(value)
    assert not deeper_than(data, levels)
    assert levels == 0 or deeper_than(data, levels - 1)


@pytest.mark.parametrize(
    "data",
    [b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"a": [1}', b"[1", b"\xff"],
)
def test_what_is_no_bounded_json_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(data)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_numbers_that_json_does_not_have(text: str) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        parse_json(text.encode())


def test_many_escapes_take_no_longer_than_other_texts() -> None:
    assert parse_json(json.dumps(['\\"' * 200_000]).encode()) == ['\\"' * 200_000]


def test_on_a_thread_with_a_small_stack() -> None:
    """The stack that some threads have is gone after 5,000 brackets without a bound."""
    seen: list[str] = []

    def work() -> None:
        try:
            parse_json(b"[" * 100_000 + b"]" * 100_000)
        except ValueError:
            seen.append("refused")
        seen.append(str(parse_json(b"[" * 100 + b"]" * 100) is not None))

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert seen == ["refused", "True"]
