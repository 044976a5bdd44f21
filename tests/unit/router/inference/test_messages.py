"""Values that go through the pipe come out the same."""

import json

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
from router.errors import (
    BackendError,
    BadRequest,
    ContextTooLong,
    ModelError,
    MorpheusError,
    NoModel,
)
from router.inference import messages

CALL = ToolCall("c1", "look", '{"at": 1}')


def through(value: object) -> object:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize(
    "event",
    [
        Started(10, 2048, 4),
        Delta("text", tokens=2),
        Called((CALL, CALL)),
        Finished("length", 10, 20, 0.5, 1.5),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events(event: Event) -> None:
    assert messages.to_event(through({"id": 3, **messages.from_event(event)})) == event


def test_what_is_no_event_of_an_answer() -> None:
    assert messages.to_event({"id": 1, "event": "stopped"}) is None


@pytest.mark.parametrize(
    "request_",
    [
        Request("m", (Turn("user", "Hi"),)),
        Request("m", prompt="Once", sampling=Sampling(stop=("a", "b"), seed=1, json_schema={})),
        Request(
            "m",
            (Turn("assistant", "", tool_calls=(CALL,)), Turn("tool", "1", "look", (), "c1")),
            tools=({"type": "function", "function": {"name": "look"}},),
        ),
    ],
)
def test_requests(request_: Request) -> None:
    assert messages.to_request(through(messages.from_request(request_))) == request_


@pytest.mark.parametrize(
    "error",
    [
        BackendError("a", safe="b", hint="c"),
        ContextTooLong("a"),
        ModelError("a", hint="c"),
        NoModel("a"),
        BadRequest("a", param="tools", code="tools_not_supported"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors(error: MorpheusError) -> None:
    back = messages.to_error(through(messages.from_error(error)))
    assert type(back) is type(error)
    for name in ("message", "safe", "hint", "code"):
        assert getattr(back, name) == getattr(error, name)
    assert getattr(back, "param", None) == getattr(error, "param", None)


def test_an_unknown_error_is_the_backend_s() -> None:
    back = messages.to_error(messages.from_error(MorpheusError("odd")))
    assert type(back) is BackendError
