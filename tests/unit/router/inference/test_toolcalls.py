"""Calls and text told apart, in one piece or letter by letter."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.backends.base import ToolCall
from router.inference.toolcalls import ToolCallReader, call_id


def read(pieces: list[str], names: tuple[str, ...] = ("weather", "time")):
    numbers = itertools.count(1)
    reader = ToolCallReader(names, lambda: f"call_{next(numbers)}")
    shown = [reader.feed(piece) for piece in pieces]
    shown.append(reader.finish())
    return shown, reader.calls


WEATHER = '{"name": "weather", "arguments": {"city": "Zürich"}}'
CALL = ToolCall("call_1", "weather", '{"city": "Zürich"}')


@pytest.mark.parametrize(
    ("text", "shown", "calls"),
    [
        ("Hello {there}", "Hello {there}", ()),
        (f"<tool_call>\n{WEATHER}\n</tool_call>", "", (CALL,)),
        (f"Let me look. <tool_call>{WEATHER}</tool_call>", "Let me look. ", (CALL,)),
        (f"<tool_call>{WEATHER}", "", (CALL,)),
        (WEATHER, "", (CALL,)),
        (f"[{WEATHER}]", "", (CALL,)),
        (WEATHER.replace("arguments", "parameters"), "", (CALL,)),
        (
            f'<tool_call>{WEATHER}</tool_call>\n<tool_call>{{"name":"time"}}</tool_call>',
            "",
            (CALL, ToolCall("call_2", "time", "{}")),
        ),
        (
            '{"name": "weather", "arguments": "{\\"city\\": 1}"}',
            "",
            (ToolCall("call_1", "weather", '{"city": 1}'),),
        ),
        ('{"name": "other", "arguments": {}}', '{"name": "other", "arguments": {}}', ()),
        ('{"name": "weather", "arguments": [1]}', '{"name": "weather", "arguments": [1]}', ()),
        ('{"name": "Ann", "age": 3}', '{"name": "Ann", "age": 3}', ()),
        ("<tool_call>no json</tool_call> after", "<tool_call>no json</tool_call> after", ()),
        ("a < b and <tool", "a < b and <tool", ()),
        ("[a link](https://example.com)", "[a link](https://example.com)", ()),
        ("[" * 100_000, "[" * 100_000, ()),
    ],
)
def test_calls_and_text(text: str, shown: str, calls: tuple[ToolCall, ...]) -> None:
    for pieces in ([text], [*list(text[:500]), text[500:]]):
        parts, found = read(pieces)
        assert "".join(parts) == shown
        assert found == calls


def test_without_functions_everything_is_text() -> None:
    parts, calls = read([WEATHER], ())
    assert parts == [WEATHER, ""]
    assert calls == ()


def test_ordinary_text_is_shown_at_once() -> None:
    parts, _ = read(["[", "so] it ", "is {", '"'])
    assert parts == ["", "[so] it ", "is {", '"', ""]


@given(
    st.lists(
        st.sampled_from(["<tool_call>", "</tool_call>", WEATHER, "text ", "{", "<"]), max_size=8
    )
)
def test_nothing_is_lost_but_calls(parts: list[str]) -> None:
    text = "".join(parts)
    shown, calls = read(parts)
    once, same = read([text])
    assert (len(calls), "".join(shown).split()) == (len(same), "".join(once).split())
    if not calls:
        assert "".join(shown) == text


def test_ids_are_new_each_time() -> None:
    assert call_id() != call_id()
    assert json.dumps(call_id()).startswith('"call_')
