"""Schemas that become grammars, and those that are refused in bounded time."""

import pytest

from router.errors import BadRequest
from router.inference import grammar

GOOD = [
    {},
    {"type": "object"},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 1000},
    {"type": "string", "enum": ["a", 'b"c', "\n"]},
    {"anyOf": [{"type": "null"}, {"const": 3}]},
    {"$defs": {"n": {"type": "number"}}, "properties": {"x": {"$ref": "#/$defs/n"}}},
    {
        "$defs": {"t": {"properties": {"next": {"$ref": "#/$defs/t"}}}},
        "properties": {"head": {"$ref": "#/$defs/t"}},
    },
    {"type": "object", "properties": {"größe": {"type": "boolean"}}, "required": ["größe"]},
]

deep: dict[str, object] = {}
for _ in range(100):
    deep = {"properties": {"a": deep}}

BAD = [
    {"type": "nonsense"},
    {"type": 3},
    {"properties": 3},
    {"$ref": "https://example.com/schema"},
    {"$ref": "#/nowhere"},
    {"type": "string", "maxLength": 10**9},
    {"type": "array", "items": {}, "minItems": -1},
    {"enum": list(range(10_000))},
    {"type": "array", "items": {"type": "string", "minLength": float("inf")}},
    {"type": "string", "pattern": "^a{999999999}$"},
    deep,
]


@pytest.mark.parametrize("schema", GOOD, ids=str)
def test_a_schema_becomes_a_grammar(schema: dict[str, object]) -> None:
    assert "root ::=" in grammar.from_schema(schema)


@pytest.mark.parametrize("schema", BAD, ids=lambda schema: str(schema)[:60])
def test_a_bad_schema_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(BadRequest) as refused:
        grammar.from_schema(schema)
    assert refused.value.code == "invalid_json_schema"
    assert refused.value.param == "response_format"
