"""The description of the interface, made from the routes that serve it (OpenAPI 3.1)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from router import __version__
from router.api.call import Parameter, Route
from router.api.chain_schemas import CHAIN_SCHEMAS
from router.api.schemas import SCHEMAS, ref
from router.api.session_schemas import SESSION_SCHEMAS

_ALWAYS = (403, 500)  # host and origin are checked everywhere, and bugs can be anywhere
_WITH_KEY = (401, 429)
_ABOUT = {
    400: "The request makes no sense; `param` names the field.",
    401: "No key, or a wrong one.",
    402: "The wallet has too little for it, or no session is open for the model.",
    403: "Foreign host or origin, or the key does not allow this.",
    404: "There is no such model, chat, key, bid or session.",
    408: "The body did not arrive in time.",
    409: "The same thing is being done already, or is there already.",
    413: "The body is too large.",
    415: "The body is not of the content type that is taken here.",
    422: "The contract would refuse it; `code` names why. Nothing was sent.",
    423: "The wallet is locked.",
    429: "Too many wrong keys from this address, or the provider has no free place.",
    500: "An error in the app, or in the files it needs.",
    502: "The model or provider failed while it was answering, or a node or contract refused.",
    503: "No model is installed, no node answers, or something is being started or stopped.",
    504: "The provider did not answer in time.",
}
_TITLE = "Morpheus Desktop API"
_DESCRIPTION = (
    "Local models in the shapes of the OpenAI API, the chats kept by the app, and wallet and "
    "market in the shapes of the original router. "
    "Every failure is a JSON object with a stable code; a stream that fails sends it as its "
    "last event. Web pages of other origins are refused."
)


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _TITLE,
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **CHAIN_SCHEMAS, **SESSION_SCHEMAS},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The password of the .cookie file, or a named key (mk-…).",
                },
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The user:password line of the .cookie file.",
                },
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "responses": _responses(route),
    }
    if route.scope:
        operation["description"] = f"Needs the scope {route.scope}."
    if route.open:
        operation["security"] = []
    if route.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.body:
        content = _content(route.body, route.body_media)
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(route: Route) -> dict[str, Any]:
    content = _content(route.answer, route.media)
    if route.streams:
        content |= _content(route.streams, "text/event-stream")
    answers: dict[str, Any] = {"200": {"description": "Done.", "content": content}}
    refusals = {*route.refusals, *_ALWAYS, *(() if route.open else _WITH_KEY)}
    for status in sorted(refusals):
        answers[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}. {_ABOUT[status]}",
            "content": _content("Error"),
        }
    return answers


def _content(schema: str, media: str = "application/json") -> dict[str, Any]:
    return {media: {"schema": ref(schema)}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": parameter.about,
        "schema": {"type": "string"},
    }


def _operation_id(route: Route) -> str:
    words = [word.strip("{}").replace(".", "_") for word in route.path.split("/") if word]
    return "_".join([route.method.lower(), *words])
