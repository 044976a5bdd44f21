"""Turns the body of a chat completion into a question to a backend, or a plain refusal.

What a local model cannot do is refused with a stable code instead of being ignored; fields that
only other services know are ignored.
"""

from dataclasses import dataclass, replace
from typing import Any

from router.backends.base import Request, Role, Sampling, ToolCall, Turn
from router.backends.fields import Fields
from router.errors import BadRequest

MOST_MESSAGES = 20_000
MOST_PARTS = 1_000
MOST_TOOLS = 128
MOST_STOPS = 16
MOST_TOKENS = 1_000_000_000

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_IMAGE_PARTS = ("image_url", "input_image", "image")


@dataclass(frozen=True)
class ChatRequest:
    """A chat completion as asked; `question.model` is still the name the client gave."""

    question: Request
    stream: bool
    include_usage: bool


def read_chat(fields: Fields) -> ChatRequest:
    """Read the body of POST /v1/chat/completions.

    Raises:
        BadRequest: names the first field that is wrong or cannot be served.
    """
    refuse_unsupported(fields)
    turns = tuple(_turn(message) for message in fields.tables("messages", MOST_MESSAGES))
    if not turns:
        raise fields.wrong("messages", "a list with at least one message", code="missing_field")
    sampling = read_sampling(fields)
    tools, forced = _tools(fields)
    schema = _response_schema(fields)
    if forced is not None:
        if schema is not None:
            raise BadRequest(
                "response_format cannot be combined with a tool_choice that forces a call.",
                param="response_format",
            )
        schema = forced
    options = fields.table("stream_options")
    return ChatRequest(
        Request(
            model=fields.text("model") or "",
            turns=turns,
            sampling=replace(sampling, json_schema=schema),
            tools=tools,
        ),
        stream=fields.flag("stream"),
        include_usage=options is not None and options.flag("include_usage"),
    )


def read_sampling(fields: Fields, *, default_tokens: int | None = None) -> Sampling:
    """Read how tokens are chosen; chat and plain completions share these fields."""
    limit = fields.whole("max_completion_tokens", 1, MOST_TOKENS)
    if limit is None:
        limit = fields.whole("max_tokens", 1, MOST_TOKENS)
    stop = tuple(fields.texts("stop", MOST_STOPS))
    if any(not text for text in stop):
        raise fields.wrong("stop", "a list of texts that are not empty")
    return Sampling(
        temperature=fields.number("temperature", 0, 2),
        top_p=fields.number("top_p", 0, 1),
        top_k=fields.whole("top_k", 0, 1_000_000),
        min_p=fields.number("min_p", 0, 1),
        repeat_penalty=fields.number("repeat_penalty", 0.01, 10),
        presence_penalty=fields.number("presence_penalty", -2, 2),
        frequency_penalty=fields.number("frequency_penalty", -2, 2),
        max_tokens=default_tokens if limit is None else limit,
        seed=fields.whole("seed", -(2**63), 2**63 - 1),
        stop=stop,
    )


def refuse_unsupported(fields: Fields) -> None:
    """Refuse what would change the answer and cannot be done."""
    if fields.whole("n", 1, 128) not in (None, 1):
        raise BadRequest(
            "Only one answer per request is given: leave out n.", param="n", code="n_not_supported"
        )
    for name in ("logprobs", "top_logprobs"):
        if fields.raw(name) not in (None, False):
            raise BadRequest(
                "Probabilities of tokens are not given.",
                param=name,
                code="logprobs_not_supported",
            )
    if fields.raw("logit_bias"):
        raise BadRequest(
            "logit_bias is not supported.", param="logit_bias", code="logit_bias_not_supported"
        )
    for name in ("functions", "function_call"):
        if fields.raw(name):
            raise BadRequest(
                "Functions are passed as tools and tool_choice.",
                param=name,
                code="functions_not_supported",
            )
    if "audio" in fields.texts("modalities", 8):
        raise BadRequest(
            "No installed model speaks.", param="modalities", code="audio_not_supported"
        )


def _turn(message: Fields) -> Turn:
    role = _ROLES.get(message.needed_text("role"))
    if role is None:
        raise message.wrong("role", f"one of {', '.join(_ROLES)}")
    calls: tuple[ToolCall, ...] = ()
    call_id = None
    if role == "assistant":
        calls = tuple(_call(entry) for entry in message.tables("tool_calls", MOST_TOOLS))
    elif role == "tool":
        call_id = message.needed_text("tool_call_id")
    content = _content(message)
    if content is None:
        if role != "assistant":
            raise message.wrong("content", "a text or a list of parts", code="missing_field")
        content = message.text("refusal") or ""
    return Turn(role, content, message.text("name"), calls, call_id)


def _content(message: Fields) -> str | None:
    value = message.raw("content")
    if value is None or isinstance(value, str):
        return value
    return "\n".join(_part(part) for part in message.tables("content", MOST_PARTS))


def _part(part: Fields) -> str:
    kind = part.needed_text("type")
    if kind in ("text", "refusal"):
        return part.text(kind) or ""
    if kind in _IMAGE_PARTS:
        raise BadRequest(
            "No installed model takes images. Send text only.",
            param=part.where,
            code="image_input_not_supported",
        )
    raise BadRequest(
        f"Parts of the kind '{kind[:40]}' are not taken. Send text only.",
        param=part.where,
        code="content_type_not_supported",
    )


def _call(entry: Fields) -> ToolCall:
    function = entry.table("function")
    if function is None:
        raise entry.wrong("function", "an object", code="missing_field")
    return ToolCall(
        entry.needed_text("id"), function.needed_text("name"), function.text("arguments") or "{}"
    )


def _tools(fields: Fields) -> tuple[tuple[dict[str, Any], ...], dict[str, Any] | None]:
    """The functions on offer, and the schema of a forced call, if one is forced."""
    tools = tuple(_tool(entry) for entry in fields.tables("tools", MOST_TOOLS))
    wanted = fields.raw("tool_choice")
    if wanted in (None, "auto"):
        return tools, None
    if wanted == "none":
        return (), None
    if isinstance(wanted, dict):
        tools = _named(fields, tools)
    elif wanted != "required":
        raise fields.wrong("tool_choice", "none, auto, required, or a function by name")
    if not tools:
        raise fields.wrong("tools", "a list of functions when tool_choice asks for one")
    return tools, call_schema(tools)


def _named(fields: Fields, tools: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    choice = fields.table("tool_choice")
    function = choice.table("function") if choice is not None else None
    name = function.needed_text("name") if function is not None else ""
    found = tuple(tool for tool in tools if tool["function"]["name"] == name)
    if not found:
        raise BadRequest(
            "tool_choice names a function that is not among the tools.", param="tool_choice"
        )
    return found


def _tool(entry: Fields) -> dict[str, Any]:
    entry.choice("type", ("function",))
    function = entry.table("function")
    if function is None:
        raise entry.wrong("function", "an object", code="missing_field")
    parameters = function.table("parameters")
    return {
        "type": "function",
        "function": {
            "name": function.needed_text("name"),
            "description": function.text("description") or "",
            "parameters": function.raw("parameters")
            if parameters is not None
            else {"type": "object", "properties": {}},
        },
    }


def call_schema(tools: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """The JSON schema of an answer that is exactly one call of one of these functions.

    Definitions move to the root, because references are looked up there.

    Raises:
        BadRequest: two functions define different things under one name.
    """
    definitions: dict[str, Any] = {}
    calls = []
    for tool in tools:
        parameters = dict(tool["function"]["parameters"])
        for name, value in parameters.pop("$defs", {}).items():
            if definitions.setdefault(name, value) != value:
                raise BadRequest(
                    f"Two tools define '{name[:40]}' differently in $defs.", param="tools"
                )
        calls.append(
            {
                "type": "object",
                "properties": {
                    "name": {"const": tool["function"]["name"]},
                    "arguments": parameters,
                },
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    schema: dict[str, Any] = calls[0] if len(calls) == 1 else {"anyOf": calls}
    return {**schema, "$defs": definitions} if definitions else schema


def _response_schema(fields: Fields) -> dict[str, Any] | None:
    wanted = fields.table("response_format")
    if wanted is None:
        return None
    kind = wanted.choice("type", ("text", "json_object", "json_schema"))
    if kind == "json_object":
        return {}
    if kind != "json_schema":
        return None
    described = wanted.table("json_schema")
    schema = described.table("schema") if described is not None else None
    if described is None or schema is None:
        raise wanted.wrong("json_schema", "an object with a schema", code="missing_field")
    value: dict[str, Any] = described.raw("schema")
    return value
