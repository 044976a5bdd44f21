"""router.backends.chat_request: what is understood, and what is refused and how."""

from typing import Any

import pytest

from router.backends.base import Sampling, ToolCall, Turn
from router.backends.chat_request import call_schema, read_chat, read_sampling
from router.backends.fields import Fields
from router.errors import BadRequest

HELLO = [{"role": "user", "content": "Hello"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def read(**values: Any) -> Any:
    return read_chat(Fields({"messages": HELLO, **values}))


def test_a_plain_question() -> None:
    asked = read(user="somebody", store=True, metadata={"a": "b"}, service_tier="auto")
    assert asked.question.turns == (Turn("user", "Hello"),)
    assert asked.question.model == ""
    assert asked.question.sampling == Sampling()
    assert asked.question.tools == ()
    assert not asked.stream
    assert not asked.include_usage


def test_every_kind_of_message() -> None:
    asked = read(
        messages=[
            {"role": "developer", "content": "Be brief."},
            {
                "role": "user",
                "name": "Ada",
                "content": [
                    {"type": "text", "text": "How is it in"},
                    {"type": "text", "text": "Berlin?"},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Berlin"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "Rain."},
            {"role": "assistant", "refusal": "No."},
        ]
    )
    assert asked.question.turns == (
        Turn("system", "Be brief."),
        Turn("user", "How is it in\nBerlin?", "Ada"),
        Turn("assistant", "", tool_calls=(ToolCall("c1", "weather", '{"city":"Berlin"}'),)),
        Turn("tool", "Rain.", tool_call_id="c1"),
        Turn("assistant", "No."),
    )


def test_sampling() -> None:
    fields = {
        "temperature": 0,
        "top_p": 0.5,
        "top_k": 7,
        "min_p": 0.1,
        "repeat_penalty": 1.1,
        "presence_penalty": -1,
        "frequency_penalty": 1.5,
        "seed": 42,
        "max_tokens": 5,
        "stop": "\n",
    }
    assert read_sampling(Fields(fields)) == Sampling(
        temperature=0.0,
        top_p=0.5,
        top_k=7,
        min_p=0.1,
        repeat_penalty=1.1,
        presence_penalty=-1.0,
        frequency_penalty=1.5,
        max_tokens=5,
        seed=42,
        stop=("\n",),
    )
    assert read_sampling(Fields({**fields, "max_completion_tokens": 9})).max_tokens == 9
    assert read_sampling(Fields({}), default_tokens=16).max_tokens == 16


def test_streaming_and_usage() -> None:
    assert read(stream=True).stream
    assert not read(stream=True).include_usage
    assert read(stream=True, stream_options={"include_usage": True}).include_usage


def test_formats_of_the_answer() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert read(response_format=wanted).question.sampling.json_schema == schema
    assert read(response_format={"type": "json_object"}).question.sampling.json_schema == {}
    assert read(response_format={"type": "text"}).question.sampling.json_schema is None


def test_tools_are_passed_on() -> None:
    assert read(tools=[TOOL]).question.tools == (TOOL,)
    assert read(tools=[TOOL], tool_choice="auto").question.tools == (TOOL,)
    assert read(tools=[TOOL], tool_choice="none").question.tools == ()
    bare = read(tools=[{"type": "function", "function": {"name": "now"}}]).question.tools
    assert bare[0]["function"]["parameters"] == {"type": "object", "properties": {}}


def test_a_call_can_be_forced() -> None:
    other = {"type": "function", "function": {"name": "now"}}
    asked = read(
        tools=[TOOL, other], tool_choice={"type": "function", "function": {"name": "weather"}}
    )
    assert asked.question.tools == (TOOL,)
    assert asked.question.sampling.json_schema == call_schema((TOOL,))
    asked = read(tools=[TOOL, other], tool_choice="required")
    assert len(asked.question.tools) == 2
    schema = asked.question.sampling.json_schema
    assert [call["properties"]["name"]["const"] for call in schema["anyOf"]] == ["weather", "now"]


def test_definitions_of_tools_move_to_the_root() -> None:
    def tool(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
        return {"function": {"name": name, "parameters": {"type": "object", "$defs": definitions}}}

    one, two = tool("a", {"x": {"type": "string"}}), tool("b", {"y": {"type": "null"}})
    schema = call_schema((one, two))
    assert schema["$defs"] == {"x": {"type": "string"}, "y": {"type": "null"}}
    assert "$defs" not in schema["anyOf"][0]["properties"]["arguments"]
    assert "$defs" in one["function"]["parameters"]
    with pytest.raises(BadRequest):
        call_schema((one, tool("b", {"x": {"type": "null"}})))


@pytest.mark.parametrize(
    ("values", "param", "code"),
    [
        ({"messages": None}, "messages", "missing_field"),
        ({"messages": []}, "messages", "missing_field"),
        ({"messages": "hi"}, "messages", "invalid_value"),
        ({"messages": ["hi"]}, "messages[0]", "bad_request"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_field"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_field"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id", None),
        ({"messages": [{"role": "assistant", "tool_calls": [{}]}]}, None, "missing_field"),
        ({"model": 5}, "model", "invalid_value"),
        ({"n": 2}, "n", "n_not_supported"),
        ({"n": 0}, "n", "invalid_value"),
        ({"logprobs": True}, "logprobs", "logprobs_not_supported"),
        ({"top_logprobs": 3}, "top_logprobs", "logprobs_not_supported"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "logit_bias_not_supported"),
        ({"functions": [{}]}, "functions", "functions_not_supported"),
        ({"modalities": ["text", "audio"]}, "modalities", "audio_not_supported"),
        ({"temperature": 3}, "temperature", "invalid_value"),
        ({"max_tokens": 0}, "max_tokens", "invalid_value"),
        ({"stop": ["a", ""]}, "stop", "invalid_value"),
        ({"stop": ["a"] * 17}, "stop", "invalid_value"),
        ({"stream": "yes"}, "stream", "invalid_value"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_schema"}}, None, "missing_field"),
        ({"tools": [{"type": "retrieval"}]}, "tools[0].type", "invalid_value"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_field"),
        ({"tool_choice": "required"}, "tools", "invalid_value"),
        ({"tool_choice": "sometimes", "tools": [TOOL]}, "tool_choice", "invalid_value"),
        (
            {"tool_choice": {"function": {"name": "other"}}, "tools": [TOOL]},
            "tool_choice",
            "bad_request",
        ),
        (
            {
                "tool_choice": "required",
                "tools": [TOOL],
                "response_format": {"type": "json_object"},
            },
            "response_format",
            "bad_request",
        ),
    ],
)
def test_refusals_name_the_field(
    values: dict[str, Any], param: str | None, code: str | None
) -> None:
    with pytest.raises(BadRequest) as caught:
        read(**values)
    if param is not None:
        assert caught.value.param == param
    if code is not None:
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
            "image_input_not_supported",
        ),
        ({"type": "input_audio", "input_audio": {}}, "content_type_not_supported"),
        ({"type": "file", "file": {}}, "content_type_not_supported"),
    ],
)
def test_only_text_is_taken(part: dict[str, Any], code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(messages=[{"role": "user", "content": [{"type": "text", "text": "a"}, part]}])
    assert caught.value.code == code
    assert caught.value.param == "messages[0].content[1]"
