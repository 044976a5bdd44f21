"""The official OpenAI client against the real server, the real worker and the real model.

The model is small: what it says is never looked at, only that it says it in the right shape.
"""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.support.headless import headless
from tests.support.openai_node import RunningNode, running_node

pytestmark = [pytest.mark.model, pytest.mark.slow]

HELLO: Any = [{"role": "user", "content": "Write a long story about a river."}]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path) as node:
        yield node


@pytest.fixture
async def client(node: RunningNode) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=node.url, api_key=node.key, max_retries=0, timeout=50) as one:
        yield one


async def stopped(node: RunningNode) -> None:
    """Wait until the model rests; fails when it goes on, which would take far longer."""
    async with asyncio.timeout(30):
        while node.host.state.phase == "busy" or node.host.state.waiting:
            await asyncio.sleep(0.001)


async def test_models(node: RunningNode, client: AsyncOpenAI) -> None:
    models = [model async for model in await client.models.list()]
    assert node.model.id in [model.id for model in models]
    one = await client.models.retrieve(node.model.id)
    assert one.object == "model"
    assert one.created > 0


async def test_chat_with_the_default_model(node: RunningNode, client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="", messages=HELLO, max_tokens=8)
    assert answer.model == node.model.id
    (choice,) = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 8
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8


async def test_stream_with_usage(node: RunningNode, client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model=node.model.name,
        messages=HELLO,
        max_tokens=8,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    *middle, last = chunks
    assert middle[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in middle)
    assert middle[-1].choices[0].finish_reason == "length"
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 8
    assert all(chunk.usage is None for chunk in middle)


async def test_the_same_seed_says_the_same(client: AsyncOpenAI) -> None:
    texts = [
        (
            await client.chat.completions.create(
                model="", messages=HELLO, max_tokens=12, seed=7, temperature=1.0
            )
        )
        .choices[0]
        .message.content
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


async def test_stop_words(client: AsyncOpenAI) -> None:
    common: Any = {"model": "", "messages": HELLO, "max_tokens": 24, "seed": 1, "temperature": 0}
    whole = (await client.chat.completions.create(**common)).choices[0].message.content or ""
    word = whole[len(whole) // 2 :].split()[0]
    answer = (await client.chat.completions.create(**common, stop=[word])).choices[0]
    assert answer.finish_reason == "stop"
    assert answer.message.content == whole[: whole.index(word)]


async def test_json_that_fits_a_schema(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(
        model="",
        messages=[{"role": "user", "content": "Invent a person."}],
        response_format={"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMA}},
        max_tokens=80,
    )
    assert answer.choices[0].finish_reason == "stop"
    jsonschema.validate(json.loads(answer.choices[0].message.content or ""), SCHEMA)


async def test_any_json_object(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(
        model="",
        messages=[{"role": "user", "content": "Answer in JSON: what is your name?"}],
        response_format={"type": "json_object"},
        max_tokens=64,
        seed=3,
    )
    content = answer.choices[0].message.content or ""
    assert content.lstrip().startswith("{")
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(content), dict)


async def test_completions_whole_and_streamed(client: AsyncOpenAI) -> None:
    whole = await client.completions.create(model="", prompt="Once upon a time", temperature=0)
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 16
    stream = await client.completions.create(
        model="", prompt="Once upon a time", temperature=0, stream=True
    )
    text = "".join([chunk.choices[0].text async for chunk in stream])
    assert text == whole.choices[0].text


async def test_embeddings_in_both_encodings(client: AsyncOpenAI) -> None:
    # Without encoding_format the client asks for base64 and decodes it itself.
    one = await client.embeddings.create(model="", input=["a river", "a mountain"])
    two = await client.embeddings.create(model="", input="a river", encoding_format="float")
    first, second = one.data[0].embedding, one.data[1].embedding
    assert len(first) == len(second) > 100
    assert first != second
    assert math.isclose(sum(value * value for value in first), 1, rel_tol=1e-3)
    assert two.data[0].embedding == pytest.approx(first, abs=1e-4)
    assert one.usage.prompt_tokens >= 4


async def test_the_blocking_client(node: RunningNode) -> None:
    def use() -> tuple[int, str | None]:
        with OpenAI(base_url=node.url, api_key=node.key, max_retries=0) as client:
            models = client.models.list().data
            answer = client.chat.completions.create(model="", messages=HELLO, max_tokens=4)
            return len(models), answer.choices[0].message.content

    count, text = await asyncio.to_thread(use)
    assert count >= 1
    assert text


async def test_errors_arrive_as_their_classes(
    node: RunningNode, client: AsyncOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    async def failure(client: AsyncOpenAI = client, **values: Any) -> openai.APIStatusError:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(**{"model": "", "messages": HELLO, **values})
        return caught.value

    error = await failure(model="gpt-unknown")
    assert isinstance(error, openai.NotFoundError)
    assert (error.code, error.param) == ("model_not_found", "model")
    error = await failure(n=2)
    assert isinstance(error, openai.BadRequestError)
    assert (error.code, error.param) == ("n_not_supported", "n")
    error = await failure(temperature=9)
    assert isinstance(error, openai.BadRequestError)
    error = await failure(messages=[{"role": "user", "content": "word " * 40_000}])
    assert isinstance(error, openai.BadRequestError)
    assert error.code == "context_length_exceeded"
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    error = await failure(tools=tools)
    assert isinstance(error, openai.BadRequestError)
    assert error.code == "tools_not_supported"
    _, text = await node.keys.create("embedder", ["embeddings"])
    error = await failure(client.with_options(api_key=text))
    assert isinstance(error, openai.PermissionDeniedError)
    wrong = client.with_options(api_key="wrong")
    assert isinstance(await failure(wrong), openai.AuthenticationError)
    errors = [await failure(wrong) for _ in range(6)]
    assert isinstance(errors[-1], openai.RateLimitError)
    assert "wrong keys from 127.0.0.1" in caplog.text
    assert (await client.models.list()).data


async def test_a_failing_model_is_a_server_error(
    node: RunningNode, client: AsyncOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    stream = await client.chat.completions.create(
        model="", messages=HELLO, max_tokens=2000, stream=True
    )
    await anext(aiter(stream))
    assert node.host.state.pid is not None
    node.kill_worker()
    with pytest.raises(openai.APIError) as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "backend_error"
    assert "process ended" in caplog.text
    answer = await client.chat.completions.create(model="", messages=HELLO, max_tokens=2)
    assert answer.choices[0].finish_reason == "length"


async def test_a_time_out_of_the_client_stops_the_model(
    node: RunningNode, client: AsyncOpenAI
) -> None:
    impatient = client.with_options(timeout=0.3)
    with pytest.raises(openai.APITimeoutError):
        await impatient.chat.completions.create(model="", messages=HELLO, max_tokens=5000)
    await stopped(node)


async def test_a_cancelled_stream_stops_the_model(node: RunningNode, client: AsyncOpenAI) -> None:
    for _ in range(5):
        stream = await client.chat.completions.create(
            model="", messages=HELLO, max_tokens=5000, stream=True
        )
        events = aiter(stream)
        for _ in range(5):
            await anext(events)
        assert node.host.state.phase == "busy"
        await stream.close()
        await stopped(node)


async def test_a_revoked_key_ends_its_stream(node: RunningNode, client: AsyncOpenAI) -> None:
    key, text = await node.keys.create("guest", ["chat"])
    stream = await client.with_options(api_key=text).chat.completions.create(
        model="", messages=HELLO, max_tokens=5000, stream=True
    )
    events = aiter(stream)
    await anext(events)
    await node.keys.revoke(key.id)
    with pytest.raises(openai.APIError) as caught:
        async for _ in events:
            pass
    assert caught.value.code == "key_revoked"
    await stopped(node)


async def test_twenty_at_once_lose_nothing_and_stay_in_order(
    node: RunningNode, client: AsyncOpenAI
) -> None:
    finished: list[int] = []

    async def ask(number: int) -> str | None:
        messages: Any = [{"role": "user", "content": f"Say the number {number}."}]
        if number % 2:
            answer = await client.chat.completions.create(model="", messages=messages, max_tokens=6)
            reason: str | None = answer.choices[0].finish_reason
        else:
            stream = await client.chat.completions.create(
                model="", messages=messages, max_tokens=6, stream=True
            )
            reasons = [chunk.choices[0].finish_reason async for chunk in stream]
            reason = reasons[-1]
        finished.append(number)
        return reason

    reasons = await asyncio.gather(*(ask(number) for number in range(20)))
    assert set(reasons) <= {"stop", "length"}
    assert sorted(finished) == list(range(20))
    # Nobody is overtaken by more than the few whose connections opened at the same moment.
    assert max(abs(place - number) for place, number in enumerate(finished)) <= 3


async def test_a_chat_of_the_original_is_kept(node: RunningNode, client: AsyncOpenAI) -> None:
    chat_id = "0x" + "ab" * 32
    for question in ("One?", "Two?"):
        await client.chat.completions.create(
            model="",
            messages=[{"role": "user", "content": question}],
            max_tokens=4,
            extra_headers={"chat_id": chat_id},
        )
    history: Any = await client.get(f"/chats/{chat_id}", cast_to=object)
    assert [entry["prompt"]["messages"][-1]["content"] for entry in history["messages"]] == [
        "One?",
        "Two?",
    ]
    assert all(entry["response"] for entry in history["messages"])
    assert history["isLocal"] is True


def test_the_headless_node_serves_other_programs(tmp_path: Path) -> None:
    """The same once more as users have it: `python -m router` in a process of its own."""
    with headless(tmp_path) as node:
        url = f"{node.ready().url}/v1"
        _, _, password = (tmp_path / ".cookie").read_text().partition(":")
        with OpenAI(base_url=url, api_key=password, max_retries=0, timeout=50) as client:
            use_everything(client)
        assert node.stop() == (0, "")


def use_everything(client: OpenAI) -> None:
    """What must work for every client."""
    chat = client.chat.completions
    (model,) = [model.id for model in client.models.list()]
    common: Any = {"model": model, "messages": HELLO, "temperature": 0, "seed": 1}

    whole = chat.create(**common, max_tokens=12).choices[0].message.content or ""
    options: Any = {"include_usage": True}
    *chunks, last = chat.create(**common, max_tokens=12, stream=True, stream_options=options)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole
    assert last.usage.completion_tokens == 12

    word = whole.split()[2]
    short = chat.create(**common, max_tokens=12, stop=word).choices[0]
    assert (short.finish_reason, short.message.content) == ("stop", whole[: whole.index(word)])

    form: Any = {"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMA}}
    person = chat.create(**common, max_tokens=80, response_format=form).choices[0].message.content
    jsonschema.validate(json.loads(person or ""), SCHEMA)

    vectors = client.embeddings.create(model=model, input=["a river", "a mountain"]).data
    assert len(vectors[0].embedding) == len(vectors[1].embedding) > 100

    with pytest.raises(openai.NotFoundError):
        chat.create(model="gpt-unknown", messages=HELLO)
    with pytest.raises(openai.BadRequestError):
        chat.create(**common, n=2)
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()

    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.3).chat.completions.create(**common, max_tokens=5000)
    with chat.create(**common, max_tokens=5000, stream=True) as stream:
        assert next(stream).choices
    # Both would go on for a minute; who asks next waits for none of them.
    numbers = [[{"role": "user", "content": f"Say the number {number}."}] for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        answers = threads.map(
            lambda messages: chat.create(model=model, messages=messages, max_tokens=4), numbers
        )
    assert all(answer.choices[0].message.content for answer in answers)
