"""router.store.fields: JSON of others is bounded before it is parsed, typed when it is used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadRequest
from router.store import fields
from router.store.fields import Fields, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_is_read(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert read_json(path) == value
    path.write_text("\ufeff" + json.dumps(value), encoding="utf-8")
    assert read_json(path) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[1] [2]",
        b"[" * 201 + b"]" * 201,
        b"[" * 1_000_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" + b"9" * 5_000 + b"]",
        b'"\\',
        b"]" * 50,
        b"[" * 50_000_000,
        b"[" + b"0," * 20_000_001 + b"0]",
        b'"' + b'\\"' * 5_000_000,
        b'"' + b'\\"' * 5_000_000 + b"\\",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_not_json_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    with pytest.raises(BadRequest, match=r"^bad\.json is not a file of chats: ") as caught:
        read_json(path)
    assert caught.value.safe == "Nothing was changed."
    assert len(caught.value.message) < 200


def test_brackets_in_texts_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    value = {"a": "[" * 5_000 + '"\\' + "{" * 5_000, "deep": json.loads("[" * 150 + "]" * 150)}
    path.write_text(json.dumps(value))
    assert read_json(path) == value


def test_size_is_looked_at_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(fields.LARGEST_FILE + 1)
    with pytest.raises(BadRequest, match=r"huge\.json is larger than 512 MB"):
        read_json(path)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(BadRequest, match="cannot be read"):
            read_json(path)


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (lambda f: f.text("x"), ["", "a"], [None, 1, ["a"], {}]),
        (lambda f: f.text("x", ""), ["a"], [1, None]),
        (lambda f: f.flag("x"), [True, False], [0, "true", None]),
        (lambda f: f.whole("x"), [1, 2**61, None], [0, -1, 2**62, 1.0, "1", True]),
        (lambda f: f.items("x"), [[], [1]], [{}, "a", 1, None]),
        (lambda f: f.one_of("x", ("a", "b")), ["a", "b"], ["c", "", 1, None]),
        (lambda f: f.time("x", 5.0), [0, 1.5, 10**9], [-1, 2**41, "1", True, 10**400]),
    ],
)
def test_values_are_what_they_must_be(
    read: Callable[[Fields], Any], good: list[object], bad: list[object]
) -> None:
    for value in good:
        assert read(Fields({"x": value}, "message 3")) == value
    for value in bad:
        with pytest.raises(BadRequest, match="'x' of message 3 must be "):
            read(Fields({"x": value}, "message 3"))


def test_defaults_of_what_is_not_there() -> None:
    nothing = Fields({}, "chat 1")
    assert (nothing.text("x", "d"), nothing.flag("x"), nothing.whole("x")) == ("d", False, None)
    assert (nothing.items("x"), nothing.time("x", 5.0), nothing.raw("x")) == ([], 5.0, None)
    assert nothing.time("x", 5.0) == Fields({"x": None}, "chat 1").time("x", 5.0)
    with pytest.raises(BadRequest):
        nothing.text("x")


@pytest.mark.parametrize("value", [None, [], "a", 1])
def test_only_objects_have_fields(value: object) -> None:
    with pytest.raises(BadRequest, match="chat 1 is not an object"):
        Fields(value, "chat 1")
