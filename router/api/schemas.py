"""The shapes of what is sent and answered, as JSON schemas for the OpenAPI document."""

from typing import Any

from router.api.keys import SCOPES

Schema = dict[str, Any]


def text(about: str = "") -> Schema:
    """A string."""
    return _with({"type": "string"}, about)


def whole(about: str = "", **limits: int) -> Schema:
    """An integer."""
    return _with({"type": "integer", **limits}, about)


def number(about: str = "", **limits: float) -> Schema:
    """A number."""
    return _with({"type": "number", **limits}, about)


def flag(about: str = "") -> Schema:
    """A boolean."""
    return _with({"type": "boolean"}, about)


def choice(*options: str) -> Schema:
    """One of some strings."""
    return {"type": "string", "enum": list(options)}


def array(items: Schema, about: str = "", **limits: int) -> Schema:
    """A list."""
    return _with({"type": "array", "items": items, **limits}, about)


def table(properties: Schema, *required: str, about: str = "") -> Schema:
    """An object; further fields may be there."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return _with(schema, about)


def either(*schemas: Schema) -> Schema:
    """One of several shapes."""
    return {"anyOf": list(schemas)}


def ref(name: str) -> Schema:
    """Another schema of this module."""
    return {"$ref": f"#/components/schemas/{name}"}


def _with(schema: Schema, about: str) -> Schema:
    return {**schema, "description": about} if about else schema


_NULL: Schema = {"type": "null"}
_ANY_OBJECT: Schema = {"type": "object"}
_MODEL = text("Id or name of a model. Missing: the default model.")
_REASON = either(choice("stop", "length", "tool_calls"), _NULL)

_SAMPLING: Schema = {
    "temperature": number(minimum=0, maximum=2),
    "top_p": number(minimum=0, maximum=1),
    "top_k": whole("Beyond OpenAI.", minimum=0),
    "min_p": number("Beyond OpenAI.", minimum=0, maximum=1),
    "repeat_penalty": number("Beyond OpenAI.", minimum=0.01, maximum=10),
    "presence_penalty": number(minimum=-2, maximum=2),
    "frequency_penalty": number(minimum=-2, maximum=2),
    "seed": whole("Same seed, model and prompt give the same text."),
    "max_tokens": whole("Most tokens of the answer.", minimum=1),
    "stop": either(text(), array(text(), maxItems=16)),
    "stream": flag("Answer as server-sent events, ended by data: [DONE]."),
    "stream_options": table({"include_usage": flag("Send the usage in a last chunk.")}),
    "n": whole("Only 1 is served.", minimum=1, maximum=1),
}

_CHAT: dict[str, Schema] = {
    "ChatCompletionRequest": table(
        {
            "model": _MODEL,
            "messages": array(ref("Message"), minItems=1),
            **_SAMPLING,
            "max_completion_tokens": whole("Goes before max_tokens.", minimum=1),
            "response_format": ref("ResponseFormat"),
            "tools": array(ref("Tool"), "Only for models that call functions.", maxItems=128),
            "tool_choice": either(
                choice("none", "auto", "required"),
                table(
                    {"type": choice("function"), "function": table({"name": text()}, "name")},
                    "function",
                ),
            ),
        },
        "messages",
        about="Fields that are not listed are ignored.",
    ),
    "Message": table(
        {
            "role": choice("system", "developer", "user", "assistant", "tool"),
            "content": either(
                text(),
                array(table({"type": choice("text"), "text": text()}, "type", "text")),
                _NULL,
            ),
            "name": text(),
            "tool_calls": array(ref("ToolCall")),
            "tool_call_id": text("Needed for the role tool."),
        },
        "role",
    ),
    "ResponseFormat": table(
        {
            "type": choice("text", "json_object", "json_schema"),
            "json_schema": table({"name": text(), "schema": _ANY_OBJECT}, "schema"),
        },
        "type",
    ),
    "Tool": table(
        {
            "type": choice("function"),
            "function": table(
                {"name": text(), "description": text(), "parameters": _ANY_OBJECT}, "name"
            ),
        },
        "function",
    ),
    "ToolCall": table(
        {
            "index": whole("Only in chunks.", minimum=0),
            "id": text(),
            "type": choice("function"),
            "function": table(
                {"name": text(), "arguments": text("JSON as the model wrote it.")},
                "name",
                "arguments",
            ),
        },
        "id",
        "function",
    ),
    "ChatCompletion": table(
        {
            "id": text(),
            "object": choice("chat.completion"),
            "created": whole("Seconds since 1970."),
            "model": text(),
            "choices": array(
                table(
                    {
                        "index": whole(),
                        "message": ref("Message"),
                        "logprobs": _NULL,
                        "finish_reason": _REASON,
                    },
                    "index",
                    "message",
                    "finish_reason",
                )
            ),
            "usage": ref("Usage"),
        },
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
    ),
    "ChatCompletionChunk": table(
        {
            "id": text(),
            "object": choice("chat.completion.chunk"),
            "created": whole("Seconds since 1970."),
            "model": text(),
            "choices": array(
                table(
                    {
                        "index": whole(),
                        "delta": table(
                            {
                                "role": choice("assistant"),
                                "content": text(),
                                "reasoning_content": text("Beyond OpenAI."),
                                "tool_calls": array(ref("ToolCall")),
                            }
                        ),
                        "logprobs": _NULL,
                        "finish_reason": _REASON,
                    },
                    "index",
                    "delta",
                    "finish_reason",
                ),
                "Empty in the chunk that holds the usage.",
            ),
            "usage": either(ref("Usage"), _NULL),
        },
        "id",
        "object",
        "created",
        "model",
        "choices",
    ),
    "CompletionRequest": table(
        {
            "model": _MODEL,
            "prompt": either(text(), array(text(), maxItems=16)),
            **_SAMPLING,
            "max_tokens": whole("Most tokens of the answer.", minimum=1, default=16),
        },
        "prompt",
    ),
    "Completion": table(
        {
            "id": text(),
            "object": choice("text_completion"),
            "created": whole("Seconds since 1970."),
            "model": text(),
            "choices": array(
                table(
                    {
                        "index": whole(),
                        "text": text(),
                        "logprobs": _NULL,
                        "finish_reason": _REASON,
                    },
                    "index",
                    "text",
                    "finish_reason",
                )
            ),
            "usage": either(ref("Usage"), _NULL),
        },
        "id",
        "object",
        "created",
        "model",
        "choices",
    ),
    "Usage": table(
        {"prompt_tokens": whole(), "completion_tokens": whole(), "total_tokens": whole()},
        "prompt_tokens",
        "total_tokens",
    ),
}

_MODELS: dict[str, Schema] = {
    "Model": table(
        {
            "id": text(),
            "object": choice("model"),
            "created": whole(
                "When the file was changed or the session opened, in seconds since 1970."
            ),
            "owned_by": text(),
            "name": text("As people read it."),
            "context_length": whole("Tokens it was trained for."),
            "size_bytes": whole(),
            "architecture": text(),
            "parameters": either(whole(), _NULL),
            "quantization": text(),
            "license": text(),
            "capabilities": array(choice("chat", "tools", "reasoning", "embeddings", "images")),
            "type": text("Of the network only, as the four below: LLM, STT, TTS or EMBEDDING."),
            "model_id": text("Of the model on the chain."),
            "session_id": text("Of the open session that answers."),
            "session_ends_at": whole("Seconds since 1970."),
        },
        "id",
        "object",
        "created",
        "owned_by",
    ),
    "ModelList": table({"object": choice("list"), "data": array(ref("Model"))}, "object", "data"),
    "EmbeddingRequest": table(
        {
            "model": _MODEL,
            "input": either(text(), array(text(), maxItems=2048)),
            "encoding_format": choice("float", "base64"),
        },
        "input",
    ),
    "EmbeddingList": table(
        {
            "object": choice("list"),
            "data": array(
                table(
                    {
                        "object": choice("embedding"),
                        "index": whole(),
                        "embedding": either(
                            array(number()), text("Little-endian 32-bit floats in base64.")
                        ),
                    },
                    "object",
                    "index",
                    "embedding",
                )
            ),
            "model": text(),
            "usage": ref("Usage"),
        },
        "object",
        "data",
        "model",
        "usage",
    ),
}

_CHATS: dict[str, Schema] = {
    "ChatSummary": table(
        {
            "chatId": text("0x and 64 hex digits."),
            "modelId": text(),
            "title": text(),
            "isLocal": flag("Answered on this computer."),
            "createdAt": whole("Seconds since 1970."),
        },
        "chatId",
        "modelId",
        "title",
        "isLocal",
        "createdAt",
    ),
    "ChatList": array(ref("ChatSummary")),
    "ChatHistory": table(
        {
            "title": text(),
            "modelId": text(),
            "isLocal": flag(),
            "messages": array(
                table(
                    {
                        "prompt": table({"model": text(), "messages": array(ref("Message"))}),
                        "response": text(),
                        "promptAt": whole("Seconds since 1970."),
                        "responseAt": whole("Seconds since 1970."),
                        "isImageContent": flag(),
                        "isVideoRawContent": flag(),
                        "isAudioContent": flag(),
                    },
                    "prompt",
                    "response",
                    "promptAt",
                    "responseAt",
                )
            ),
        },
        "title",
        "modelId",
        "isLocal",
        "messages",
    ),
    "ChatTitle": table({"title": text()}, "title"),
}

_KEYS: dict[str, Schema] = {
    "KeyRequest": table(
        {
            "name": text(),
            "scopes": array(choice(*SCOPES), minItems=1),
            "models": array(text(), "Ids of the models it may use; empty is all."),
        },
        "name",
        "scopes",
    ),
    "Key": table(
        {
            "id": text(),
            "name": text(),
            "scopes": array(choice(*SCOPES)),
            "models": array(text()),
            "created": whole("Seconds since 1970."),
        },
        "id",
        "name",
        "scopes",
        "models",
        "created",
    ),
    "NewKey": {
        "allOf": [ref("Key"), table({"key": text("Shown this once: mk-….")}, "key")],
    },
    "KeyList": table({"keys": array(ref("Key"))}, "keys"),
}

_SYSTEM: dict[str, Schema] = {
    "Error": table(
        {
            "error": table(
                {
                    "message": text("Plain words for people."),
                    "type": text(),
                    "param": either(text("The field or header it is about."), _NULL),
                    "code": text("Stable name for programs."),
                },
                "message",
                "type",
                "param",
                "code",
            )
        },
        "error",
    ),
    "Health": table(
        {"status": choice("healthy"), "version": text(), "uptime": text("For example 1h2m3s.")},
        "status",
        "version",
        "uptime",
    ),
    "Config": table(
        {
            "Version": text(),
            "DerivedConfig": table(
                {
                    "WalletAddress": text("Empty without a wallet."),
                    "ChainID": whole(),
                    "EthNodeURLs": array(text()),
                    "DataFolder": text(),
                }
            ),
            "Config": _ANY_OBJECT,
        },
        "Version",
        "DerivedConfig",
        "Config",
    ),
    "CookiePath": table({"path": text("A file with user:password.")}, "path"),
    "Document": table({"openapi": text()}, "openapi", about="An OpenAPI 3.1 document."),
    "Page": text("HTML, CSS or JavaScript."),
    "Done": table({"result": flag()}, "result"),
}

SCHEMAS: dict[str, Schema] = {**_SYSTEM, **_MODELS, **_CHAT, **_CHATS, **_KEYS}
