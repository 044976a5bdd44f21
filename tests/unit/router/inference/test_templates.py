"""Templates of good and bad models: the prompt they make, and what they cannot do."""

import datetime
import json
import struct
from pathlib import Path

import pytest

from router.backends.base import ToolCall, Turn
from router.errors import BadRequest, ModelError
from router.inference.templates import ChatTemplate, merged

VECTORS = Path(__file__).parents[5] / "shared" / "vectors" / "gguf-malformed"

SYSTEM, QUESTION, ANSWER = Turn("system", "Be brief."), Turn("user", "Hi"), Turn("assistant", "Ho")

STRICT = (
    "{% for m in messages %}"
    "{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<{{ m.role }}>{{ m.content | trim }}"
    "{% endfor %}<assistant>"
)


def test_without_a_template_chatml_is_used() -> None:
    template = ChatTemplate("")
    assert template.is_fallback
    assert not template.uses_tools()
    assert template.render([SYSTEM, QUESTION]) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_the_usual_names_are_there() -> None:
    day = datetime.datetime(2026, 2, 3, tzinfo=datetime.UTC)
    template = ChatTemplate(
        "{{ bos_token }}{{ strftime_now('%d %b %Y') }}|{{ messages[0]['content'] }}"
        "{% if add_generation_prompt %}|go{% endif %}{{ eos_token }}{{ tools is none }}",
        bos="<s>",
        eos="</s>",
        now=lambda: day,
    )
    assert not template.is_fallback
    assert template.render([QUESTION]) == "<s>03 Feb 2026|Hi|go</s>True"


def test_white_space_of_blocks_and_the_usual_extensions() -> None:
    source = (
        "{% for m in messages %}\n"
        "    {% if loop.index > 1 %}{% break %}{% endif %}\n"
        "    {% generation %}{{ m.content }}{% endgeneration %}\n"
        "{% endfor %}\n"
        "end"
    )
    assert ChatTemplate(source).render([QUESTION, ANSWER]) == "Hiend"


def test_tools_and_calls_reach_the_template() -> None:
    template = ChatTemplate(
        "{% for t in tools %}{{ t | tojson }}{% endfor %}"
        "{% for m in messages %}{% for c in m.tool_calls %}"
        "{{ c.function.name }}={{ c.function.arguments | tojson }}{% endfor %}"
        "{% if m.role == 'tool' %}{{ m.tool_call_id }}:{{ m.content }}{% endif %}{% endfor %}"
    )
    tool = {"type": "function", "function": {"name": "weather", "description": "<b>"}}
    turns = [
        Turn("assistant", "", tool_calls=(ToolCall("c1", "weather", '{"city":"Zürich"}'),)),
        Turn("tool", "sunny", tool_call_id="c1"),
    ]
    assert template.uses_tools()
    assert template.render(turns, [tool]) == (
        json.dumps(tool) + 'weather={"city": "Zürich"}' + "c1:sunny"
    )


def test_arguments_that_are_no_json_stay_text() -> None:
    template = ChatTemplate("{{ messages[0].tool_calls[0].function.arguments }}")
    turn = Turn("assistant", "", tool_calls=(ToolCall("c1", "weather", "no json"),))
    assert template.render([turn]) == "no json"


def test_a_template_that_refuses_gets_the_conversation_in_its_way() -> None:
    turns = [SYSTEM, QUESTION, Turn("user", "Are you there?"), ANSWER, QUESTION]
    assert ChatTemplate(STRICT).render(turns) == (
        "<user>Be brief.\n\nHi\n\nAre you there?<assistant>Ho<user>Hi<assistant>"
    )


def test_a_template_that_still_refuses_is_the_request_s_fault() -> None:
    with pytest.raises(BadRequest) as refused:
        ChatTemplate(STRICT).render([ANSWER, QUESTION])
    assert refused.value.code == "template_refused"
    assert "Roles must alternate" in refused.value.message


def test_merging_leaves_calls_alone() -> None:
    call = Turn("assistant", "", tool_calls=(ToolCall("c1", "f", "{}"),))
    result = Turn("tool", "1", tool_call_id="c1")
    other = Turn("tool", "2", tool_call_id="c2")
    assert merged([QUESTION, call, result, other, ANSWER]) == (
        QUESTION,
        call,
        result,
        other,
        ANSWER,
    )


@pytest.mark.parametrize(
    "source",
    [
        "{% if %}",
        "{{ 1 / 0 }}",
        "{{ messages[0].content.nothing.at.all }}",
        "{{ missing() }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update({'a': 1}) }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ raise_exception.__globals__.items() }}",
        "{{ strftime_now.__globals__['os'] }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ strftime_now('%' * 3) }}{{ none + 1 }}",
        "x" * 300_000,
    ],
)
def test_a_faulty_or_hostile_template_is_the_model_s_fault(source: str) -> None:
    with pytest.raises(ModelError) as fault:
        ChatTemplate(source).render([QUESTION])
    assert "chat template is faulty" in fault.value.message


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 10**10 }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ '{:>9999999999}'.format(1) }}",
        "{{ 'x'.center(9999999999) }}",
        (
            "{% set n = namespace(x='ab') %}"
            "{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}"
        ),
        (
            "{% set n = namespace(x=[1]) %}"
            "{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}"
        ),
    ],
)
def test_a_template_cannot_fill_the_memory(source: str) -> None:
    with pytest.raises(ModelError, match="too much memory"):
        ChatTemplate(source).render([QUESTION])


def test_a_template_without_optional_tools_says_so() -> None:
    assert not ChatTemplate("{% set tools = [] %}{{ tools }}").uses_tools()
    assert ChatTemplate("{% if tools %}x{% endif %}").uses_tools()
    with pytest.raises(ModelError):
        ChatTemplate("{% if %}").uses_tools()


@pytest.mark.parametrize("name", ["kv_chat_template_loop", "kv_chat_template_ssti"])
def test_templates_of_the_malformed_files(name: str) -> None:
    path = VECTORS / f"{name}.gguf"
    if not path.exists():
        pytest.skip(f"{path} is missing: the shared vectors are not here")
    data = path.read_bytes()
    start = data.index(b"tokenizer.chat_template") + len(b"tokenizer.chat_template") + 4
    (length,) = struct.unpack_from("<Q", data, start)
    source = data[start + 8 : start + 8 + length].decode()
    assert source.startswith("{")
    with pytest.raises(ModelError):
        ChatTemplate(source).render([QUESTION])
