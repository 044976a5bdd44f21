"""router.api.schemas: sound schemas that take what is right and refuse what is wrong."""

from typing import Any

import jsonschema
import pytest

from router.api.schemas import SCHEMAS, Schema, array, choice, either, number, table, text

USER = {"role": "user", "content": "Hello"}


def fits(name: str, value: Any) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema_of_the_draft_that_openapi_names(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_required_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    assert set(schema.get("required", ())) <= set(schema.get("properties", {}))


def test_the_small_parts() -> None:
    schema: Schema = table(
        {"a": text("About."), "b": either(number(minimum=1), array(choice("x"), maxItems=1))}, "a"
    )
    validator = jsonschema.Draft202012Validator(schema)
    assert schema["properties"]["a"] == {"type": "string", "description": "About."}
    for right in ({"a": ""}, {"a": "", "b": 1.5}, {"a": "", "b": ["x"]}, {"a": "", "more": 1}):
        assert validator.is_valid(right)
    for wrong in ({}, {"a": 1}, {"a": "", "b": 0}, {"a": "", "b": ["y"]}, {"a": "", "b": [1, 1]}):
        assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ({}, {"messages": []}),
        ({"temperature": 2}, {"temperature": 2.1}),
        ({"stop": ["a"] * 16}, {"stop": ["a"] * 17}),
        ({"stop": "a"}, {"stop": 1}),
        ({"n": 1}, {"n": 2}),
        ({"max_tokens": 1}, {"max_tokens": 0}),
        ({"tool_choice": "auto"}, {"tool_choice": "perhaps"}),
        ({"response_format": {"type": "json_object"}}, {"response_format": {"type": "xml"}}),
        ({"messages": [{"role": "developer", "content": None}]}, {"messages": [{"role": "me"}]}),
    ],
)
def test_chat_requests(right: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert fits("ChatCompletionRequest", {"messages": [USER], **right})
    assert not fits("ChatCompletionRequest", {"messages": [USER], **wrong})


def test_a_new_key_is_a_key_with_its_text() -> None:
    key = {"id": "1", "name": "n", "scopes": ["chat"], "models": [], "created": 1}
    assert fits("Key", key)
    assert not fits("NewKey", key)
    assert fits("NewKey", {**key, "key": "mk-1-x"})
    assert not fits("NewKey", {**key, "key": "mk-1-x", "scopes": ["everything"]})
