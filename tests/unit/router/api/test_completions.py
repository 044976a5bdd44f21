"""router.api.completions: plain texts, continued."""

from typing import Any

import pytest

from router.errors import BackendError
from tests.support.api_client import Api, said

PATH = "/v1/completions"


async def test_a_whole_answer(api: Api) -> None:
    answer = await api.send("POST", PATH, {"prompt": "Once", "temperature": 0})
    body = answer.json
    assert body["id"].startswith("cmpl-")
    assert body["object"] == "text_completion"
    assert body["choices"] == [
        {"index": 0, "text": "Good day.", "logprobs": None, "finish_reason": "stop"}
    ]
    assert body["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    (question,) = api.backend.questions
    assert question.prompt == "Once"
    assert question.turns == ()
    assert question.sampling.max_tokens == 16
    assert question.sampling.temperature == 0


async def test_several_prompts_are_answered_each(api: Api) -> None:
    body = (await api.send("POST", PATH, {"prompt": ["a", "b"], "max_tokens": 5})).json
    assert [choice["index"] for choice in body["choices"]] == [0, 1]
    assert [question.prompt for question in api.backend.questions] == ["a", "b"]
    assert body["usage"]["total_tokens"] == 20
    (record,) = api.server.request_log.records
    assert (record.prompt_tokens, record.answer_tokens) == (14, 6)


async def test_a_streamed_answer(api: Api) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    answer = await api.send("POST", PATH, {"prompt": ["a", "b"], **options})
    *chunks, usage, done = answer.events
    assert done == "[DONE]"
    texts = [(c["choices"][0]["index"], c["choices"][0]["text"]) for c in chunks]
    each = ["Good", " day", ".", ""]
    assert texts == [(0, text) for text in each] + [(1, text) for text in each]
    assert usage["usage"]["total_tokens"] == 20


@pytest.mark.parametrize("stream", [True, False])
async def test_failures(api: Api, stream: bool) -> None:
    api.backend.steps = [BackendError("The model stopped.")]
    answer = await api.send("POST", PATH, {"prompt": "a", "stream": stream})
    assert (answer.status, answer.code) == (502, "backend_error")
    for steps in ([], said("One")[:2]):
        api.backend.steps = steps
        answer = await api.send("POST", PATH, {"prompt": "a", "stream": stream})
        assert b"backend_error" in answer.body


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "missing_field"),
        ({"prompt": ""}, "missing_field"),
        ({"prompt": []}, "missing_field"),
        ({"prompt": [1, 2]}, "tokens_not_supported"),
        ({"prompt": [[1, 2]]}, "tokens_not_supported"),
        ({"prompt": {"a": 1}}, "invalid_value"),
        ({"prompt": "a", "logprobs": 0}, "logprobs_not_supported"),
        ({"prompt": "a", "best_of": 2}, "n_not_supported"),
        ({"prompt": "a", "n": 2}, "n_not_supported"),
        ({"prompt": "a", "echo": True}, "echo_not_supported"),
        ({"prompt": "a", "suffix": "z"}, "suffix_not_supported"),
        ({"prompt": "a", "model": "other"}, "model_not_found"),
    ],
)
async def test_refusals(api: Api, values: dict[str, Any], code: str) -> None:
    answer = await api.send("POST", PATH, values)
    assert answer.status == (404 if code == "model_not_found" else 400)
    assert answer.code == code
    assert not api.backend.questions
