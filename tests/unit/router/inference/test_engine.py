"""The loop that answers, with the real model; what it says is not judged, only its form."""

import json
import math

import pytest

from router.backends.base import (
    Called,
    Delta,
    Event,
    Finished,
    Request,
    Sampling,
    Started,
    ToolCall,
    Turn,
)
from router.errors import BadRequest, ContextTooLong, ModelError
from router.inference import native
from router.inference.abort import AbortFlag
from router.inference.engine import Engine
from router.inference.templates import ChatTemplate

pytestmark = [pytest.mark.model, pytest.mark.slow]


def ask(text: str = "Tell me about the sea.", **wishes: object) -> Request:
    wishes = {"temperature": 0, "max_tokens": 24} | wishes
    return Request("", (Turn("user", text),), sampling=Sampling(**wishes))


def said(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_an_answer_from_start_to_finish(engine: Engine) -> None:
    events = list(engine.complete(ask()))
    started, finished = events[0], events[-1]
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert all(isinstance(event, Delta) for event in events[1:-1])
    assert started.context_tokens == engine.context_tokens == 512
    assert finished.prompt_tokens == started.prompt_tokens > 5
    assert finished.answer_tokens == 24
    assert finished.reason == "length"
    assert sum(event.tokens for event in events[1:-1]) == 24
    assert 0 < finished.first_token_s <= finished.total_s
    assert said(events).strip()


def test_the_model_ends_its_answer_itself(engine: Engine) -> None:
    assert list(engine.complete(ask("Say hello.", max_tokens=200)))[-1].reason == "stop"


def test_the_same_seed_gives_the_same_text(engine: Engine) -> None:
    texts = [said(list(engine.complete(ask(seed=5, temperature=1.2)))) for _ in range(2)]
    list(engine.complete(ask("Something else first.")))
    texts.append(said(list(engine.complete(ask(seed=5, temperature=1.2)))))
    assert len(set(texts)) == 1
    assert said(list(engine.complete(ask(seed=6, temperature=1.2)))) != texts[0]


def test_a_stop_text_ends_the_answer_and_is_not_in_it(engine: Engine) -> None:
    whole = said(list(engine.complete(ask())))
    middle = whole[10:16]
    events = list(engine.complete(ask(stop=(middle,))))
    assert said(events) == whole[: whole.index(middle)]
    assert events[-1].reason == "stop"
    assert events[-1].answer_tokens < 24


def test_characters_arrive_whole(engine: Engine) -> None:
    events = list(engine.complete(ask("Repeat: 🙂🙃😀 日本語 ñ", max_tokens=60)))
    for event in events:
        if isinstance(event, Delta):
            event.text.encode()
            assert "\ufffd" not in event.text


def test_the_next_turn_reads_only_what_is_new(engine: Engine) -> None:
    first = ask("The sea is blue. " * 15)
    answer = said(list(engine.complete(first)))
    read: list[int] = []
    add = engine._context.add
    engine._context.add = lambda tokens: (read.append(len(tokens)), add(tokens))
    try:
        turns = (*first.turns, Turn("assistant", answer), Turn("user", "Go on."))
        events = list(engine.complete(Request("", turns, sampling=Sampling(max_tokens=3))))
    finally:
        del engine._context.add
    assert read[0] < 40 < events[0].prompt_tokens


def test_json_of_any_kind(engine: Engine) -> None:
    events = list(engine.complete(ask("A cat as JSON", json_schema={}, max_tokens=120)))
    if events[-1].reason == "stop":
        assert isinstance(json.loads(said(events)), dict)
    assert said(events).startswith("{")


def test_json_that_fits_a_schema(engine: Engine) -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "kind": {"enum": ["fish", "bird"]},
        },
        "required": ["name", "kind"],
        "additionalProperties": False,
    }
    events = list(engine.complete(ask("A bird", json_schema=schema, max_tokens=200)))
    value = json.loads(said(events))
    assert value.keys() == {"name", "kind"}
    assert value["kind"] in ("fish", "bird")
    assert events[-1].reason == "stop"


def test_a_bad_schema_is_told_before_anything_starts(engine: Engine) -> None:
    with pytest.raises(BadRequest):
        next(engine.complete(ask(json_schema={"type": "nonsense"})))


def test_a_plain_text_is_continued(engine: Engine) -> None:
    request = Request("", prompt="One, two, three,", sampling=Sampling(temperature=0, max_tokens=4))
    assert "four" in said(list(engine.complete(request)))


def test_the_end_of_the_context_ends_the_answer(engine: Engine) -> None:
    events = list(engine.complete(ask("word " * 420, max_tokens=None)))
    started, finished = events[0], events[-1]
    assert started.prompt_tokens + finished.answer_tokens <= engine.context_tokens
    assert finished.reason == "length" or finished.answer_tokens < 60


def test_a_conversation_that_has_grown_too_long(engine: Engine) -> None:
    turns = [Turn("system", "Be brief.")]
    for number in range(30):
        turns += [Turn("user", f"Question {number}?"), Turn("assistant", "Answer. " * 20)]
    request = Request("", (*turns, Turn("user", "And?")), sampling=Sampling(max_tokens=4))
    events = list(engine.complete(request))
    assert events[0].dropped_turns > 0
    assert events[-1].answer_tokens > 0


def test_too_long_at_once(engine: Engine) -> None:
    with pytest.raises(ContextTooLong):
        next(engine.complete(ask("word " * 2000)))


def test_stopping_leaves_the_engine_usable(engine: Engine, flag: AbortFlag) -> None:
    events = engine.complete(ask(max_tokens=200))
    for event in events:
        if isinstance(event, Delta):
            flag.set(raised=True)
            break
    with pytest.raises(native.Stopped):
        list(events)
    flag.set(raised=False)
    assert list(engine.complete(ask()))[-1].answer_tokens == 24


def test_functions_are_called(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    # A template and a grammar that make even the smallest model call the function.
    template = ChatTemplate("{{ tools | tojson }}{{ messages[0].content }}")
    monkeypatch.setattr(engine._prompter, "_tools_template", template)
    schema = {
        "properties": {
            "name": {"const": "look"},
            "arguments": {"properties": {"at": {"const": 1}}, "required": ["at"]},
        },
        "required": ["name", "arguments"],
    }
    wishes = Sampling(json_schema=schema, max_tokens=60, temperature=0)
    tools = ({"type": "function", "function": {"name": "look"}},)
    events = list(engine.complete(Request("", (Turn("user", "x"),), sampling=wishes, tools=tools)))
    called, finished = events[-2:]
    assert isinstance(called, Called)
    (call,) = called.calls
    assert call == ToolCall(call.id, "look", '{"at": 1}')
    assert finished.reason == "tool_calls"
    assert said(events) == ""


def test_functions_the_model_does_not_know(engine: Engine) -> None:
    request = Request("", (Turn("user", "x"),), tools=({"function": {"name": "f"}},))
    with pytest.raises(BadRequest):
        next(engine.complete(request))


def test_thinking_begun_by_the_template_is_shown(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._prompter, "_template", ChatTemplate("x<think>\n"))
    events = list(engine.complete(ask()))
    assert events[1] == Delta("<think>\n", tokens=0)


def test_vectors(engine: Engine) -> None:
    found = list(engine.embed(["cat", "the cat", "cat"]))
    assert [tokens for _, tokens in found] == [1, 2, 1]
    assert found[0] == found[2]
    assert all(math.isclose(math.hypot(*vector), 1, rel_tol=1e-5) for vector, _ in found)
    with pytest.raises(ContextTooLong, match="2,048"):
        list(engine.embed(["word " * 3000]))
    with pytest.raises(BadRequest):
        list(engine.embed([""]))


def test_a_model_for_vectors_does_not_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._context, "can_answer", False)
    with pytest.raises(ModelError, match="vectors"):
        next(engine.complete(ask()))


def test_facts(engine: Engine) -> None:
    assert engine.has_template
    assert engine.count((Turn("user", "Hi"),)) > 5
