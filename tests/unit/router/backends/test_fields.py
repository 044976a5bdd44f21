"""router.backends.fields: a wrong field is named."""

from typing import Any

import pytest

from router.backends.fields import Fields
from router.errors import BadRequest


@pytest.mark.parametrize(
    ("method", "arguments", "value"),
    [
        ("text", (), 3),
        ("needed_text", (), ""),
        ("needed_text", (), None),
        ("flag", (), "yes"),
        ("flag", (), 1),
        ("whole", (0, 10), 11),
        ("whole", (0, 10), 1.5),
        ("whole", (0, 10), True),
        ("whole", (0, 10), "3"),
        ("number", (0, 2), 2.01),
        ("number", (0, 2), True),
        ("number", (0, 2), 10**400),
        ("choice", (("a", "b"),), "c"),
        ("choice", (("a", "b"),), ["a"]),
        ("table", (), []),
        ("tables", (5,), "x"),
        ("tables", (5,), [1]),
        ("tables", (1,), [{}, {}]),
        ("texts", (5,), [1]),
        ("texts", (1,), ["a", "b"]),
    ],
)
def test_wrong_values_are_refused_by_name(
    method: str, arguments: tuple[Any, ...], value: Any
) -> None:
    fields = Fields({"x": value}, "messages[3]")
    with pytest.raises(BadRequest) as caught:
        getattr(fields, method)("x", *arguments)
    assert caught.value.param is not None
    assert caught.value.param.startswith("messages[3].x")


def test_right_values_are_read() -> None:
    fields = Fields(
        {"t": "a", "f": True, "w": 3.0, "n": 1, "c": "a", "o": {"i": 1}, "l": [{"k": "v"}]}
    )
    assert fields.text("t") == "a"
    assert fields.flag("f") is True
    assert fields.whole("w", 0, 5) == 3
    assert fields.number("n", 0, 5) == 1.0
    assert fields.choice("c", ("a", "b")) == "a"
    inner = fields.table("o")
    assert inner is not None
    assert inner.path("i") == "o.i"
    assert fields.tables("l", 5)[0].where == "l[0]"
    assert fields.texts("t", 5) == ["a"]


def test_null_is_missing() -> None:
    fields = Fields({"x": None})
    assert fields.text("x") is None
    assert fields.flag("x") is False
    assert fields.whole("x", 1, 2) is None
    assert fields.number("x", 1, 2) is None
    assert fields.choice("x", ("a",)) is None
    assert fields.table("x") is None
    assert fields.tables("x", 1) == []
    assert fields.texts("x", 1) == []
