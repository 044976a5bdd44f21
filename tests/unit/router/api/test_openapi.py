"""router.api.openapi: the description is sound, complete, and true of the answers."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import jsonschema
import pytest

from tests.support.api_client import QUESTION, Api

METHODS = {"get", "post", "delete"}


@pytest.fixture
async def document(api: Api) -> Any:
    return (await api.send("GET", "/openapi.json")).json


def walk(value: Any) -> Iterator[Any]:
    yield value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from walk(inner)


def schema(document: Any, name: str) -> Any:
    """One schema that can be checked by itself."""
    return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}


async def test_it_describes_exactly_what_is_served(api: Api, document: Any) -> None:
    app = api.server._runner.app  # type: ignore[union-attr]
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    }
    described = {
        (method, path) for path, methods in document["paths"].items() for method in methods
    }
    assert served == described


async def test_its_structure_is_that_of_openapi(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]
    tags = {tag["name"] for tag in document["tags"]}
    ids = []
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        assert set(methods) <= METHODS
        for operation in methods.values():
            ids.append(operation["operationId"])
            assert operation["summary"].endswith(".")
            assert set(operation["tags"]) <= tags
            in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))
            assert all(
                p["required"] == (p["in"] == "path") for p in operation.get("parameters", [])
            )
            assert "200" in operation["responses"]
            for status, answer in operation["responses"].items():
                assert HTTPStatus(int(status))
                assert answer["description"]
                assert answer["content"]
    assert len(ids) == len(set(ids))


async def test_every_reference_leads_somewhere_and_every_schema_is_used(document: Any) -> None:
    used = {part["$ref"] for part in walk(document) if isinstance(part, dict) and "$ref" in part}
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert used == there
    for value in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(value)


async def test_security_is_said_of_every_address(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {name for need in document["security"] for name in need} == set(schemes)
    open_paths = [
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if operation.get("security") == []
    ]
    assert open_paths == ["/healthcheck", "/auth/cookie/path"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert ("401" in operation["responses"]) == (path not in open_paths)
            assert {"403", "500"} <= set(operation["responses"])


async def test_answers_fit_their_schemas(api: Api, document: Any) -> None:
    chunks = (await api.send("POST", "/v1/chat/completions", {**QUESTION, "stream": True})).events
    tested = {
        "ChatCompletionChunk": chunks[0],
        "ChatCompletion": (await api.send("POST", "/v1/chat/completions", QUESTION)).json,
        "Completion": (await api.send("POST", "/v1/completions", {"prompt": "a"})).json,
        "EmbeddingList": (await api.send("POST", "/v1/embeddings", {"input": "a"})).json,
        "ModelList": (await api.send("GET", "/v1/models")).json,
        "Model": (await api.send("GET", "/v1/models/small-one")).json,
        "Health": (await api.send("GET", "/healthcheck")).json,
        "Config": (await api.send("GET", "/config")).json,
        "CookiePath": (await api.send("GET", "/auth/cookie/path")).json,
        "Error": (await api.send("GET", "/none")).json,
        "KeyList": (await api.send("GET", "/auth/keys")).json,
        "ChatList": (await api.send("GET", "/v1/chats")).json,
        "Document": document,
    }
    for name, value in tested.items():
        jsonschema.validate(value, schema(document, name))


async def test_requests_that_are_taken_fit_their_schemas(document: Any) -> None:
    full = {
        **QUESTION,
        "model": "m",
        "stop": ["a"],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
    }
    jsonschema.validate(full, schema(document, "ChatCompletionRequest"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"messages": []}, schema(document, "ChatCompletionRequest"))


async def test_both_addresses_give_the_same(api: Api, document: Any) -> None:
    assert (await api.send("GET", "/swagger/doc.json")).json == document
