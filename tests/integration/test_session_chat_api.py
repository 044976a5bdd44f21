"""Chats through sessions over HTTP, as old clients and as OpenAI's clients ask, and what fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from router.morrpc.limits import Limits
from router.morrpc.messages import Prompt
from tests.support.lying_provider import (
    Exchange,
    LyingProvider,
    Script,
    closes,
    hangs,
    refuses,
    resets,
    says,
    tells,
    then,
)
from tests.support.session_node import HOUR, QUESTION, SessionNode, session_node
from tests.support.world import MOR, PRICE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SessionNode]:
    async with session_node(tmp_path) as made:
        yield made


@pytest.fixture
async def provider(node: SessionNode) -> LyingProvider:
    """It repeats what it is asked, unless it has a script."""
    return await node.sellers.offer("provider", stake=10 * MOR)


def text_of(events: list[Any]) -> str:
    assert events[-1] == "[DONE]"
    return "".join(
        choice["delta"].get("content") or "" for event in events[:-1] for choice in event["choices"]
    )


WHOLE = {
    "id": "chatcmpl-x",
    "object": "chat.completion",
    "created": 5,
    "model": "secret-name",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}


# The way of the original, by headers


async def test_by_the_header_of_a_session(node: SessionNode, provider: LyingProvider) -> None:
    session_id = await node.open()
    whole = await node.ask(session_id=session_id)
    assert whole.status == 200, whole.json
    assert whole.json["choices"][0]["message"]["content"] == "Good morning"
    assert whole.json["model"] == "Model"
    plain = session_id.removeprefix("0x").upper()
    streamed = await node.ask({"stream": True, "model": "whatever"}, session_id=plain)
    assert streamed.headers["Content-Type"].startswith("text/event-stream")
    assert text_of(streamed.events) == "Good morning"
    assert {event["model"] for event in streamed.events[:-1]} == {"Model"}
    asked = [json.loads(prompt.message) for prompt in provider.asked(Prompt)]
    assert asked == [QUESTION, {**QUESTION, "stream": True}]
    record = node.api.server.request_log.records[-1]
    assert (record.model, record.error) == ("Model", "")


async def test_by_the_header_of_a_model(node: SessionNode, provider: LyingProvider) -> None:
    await node.open()
    model = node.sellers.model_id
    for header in (model, model.removeprefix("0x")):
        assert (await node.ask(model_id=header)).json["model"] == "Model"
    local = await node.ask(session_id="0x" + "0" * 64)
    assert local.json["model"] == "small-one"
    wrong = await node.ask(session_id="0x12")
    assert (wrong.status, wrong.json["error"]["param"]) == (400, "session_id")


async def test_what_goes_on_is_what_was_asked(node: SessionNode, provider: LyingProvider) -> None:
    """Whatever the model's server understands; only the model's name stays here."""
    await node.open()
    body = {
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
        ],
        "logprobs": True,
        "n": 2,
        "own": {"a": [1]},
    }
    provider.scripts.append(tells(WHOLE))
    answer = await node.post("/v1/chat/completions", {**body, "model": "Model"})
    assert answer.status == 200, answer.json
    (prompt,) = provider.asked(Prompt)
    assert json.loads(prompt.message) == body
    assert answer.json == {**WHOLE, "model": "Model"}


async def test_kept_in_a_chat(node: SessionNode, provider: LyingProvider) -> None:
    session_id = await node.open()
    chat_id = "0x" + "7" * 64
    for stream in (False, True):
        assert (await node.ask({"stream": stream}, session_id=session_id, chat_id=chat_id)).body
    *_, answer = await node.api.chats.messages(chat_id)
    assert (answer.content, answer.state, answer.model) == ("Good morning", "done", "Model")
    assert answer.origin == "remote"
    assert answer.stats is not None
    assert (answer.stats.session_id, answer.stats.cost) == (session_id, PRICE)
    assert answer.stats.provider == provider.account.address
    assert (await node.api.chats.get(chat_id)).model == node.sellers.model_id
    provider.scripts.append(then("half", lie=closes))
    await node.ask({"stream": True}, session_id=session_id, chat_id=chat_id)
    *_, answer = await node.api.chats.messages(chat_id)
    assert (answer.content, answer.state) == ("half", "failed")


# OpenAI's way


async def test_the_official_client(node: SessionNode, provider: LyingProvider) -> None:
    url, key = f"{node.api.server.state.url}/v1", node.api.key
    async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0) as client:
        with pytest.raises(openai.APIStatusError) as refused:
            await client.chat.completions.create(model="Model", messages=QUESTION["messages"])
        assert refused.value.status_code == 402
        assert refused.value.code == "no_session"
        assert "MOR, 1 hour" in refused.value.message
        assert f"/blockchain/models/{node.sellers.model_id}/session" in refused.value.message
        session_id = await node.open()
        listed = {model.id: model for model in (await client.models.list()).data}
        assert set(listed) == {"small-one", "Model"}
        assert (await client.models.retrieve("Model")).id == "Model"
        extra = listed["Model"].model_extra or {}
        assert (extra["session_id"], extra["type"]) == (session_id, "LLM")
        assert listed["Model"].owned_by == provider.account.address.lower()
        for name in ("Model", node.sellers.model_id, f"session:{session_id}"):
            answer = await client.chat.completions.create(model=name, messages=QUESTION["messages"])
            assert answer.choices[0].message.content == "Good morning"
        provider.scripts.append(
            says("Good ", "day", usage={"prompt_tokens": 2, "completion_tokens": 2})
        )
        stream = await client.chat.completions.create(
            model="Model", messages=QUESTION["messages"], stream=True
        )
        texts = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
        assert "".join(text or "" for text in texts) == "Good day"
        local = await client.chat.completions.create(model="", messages=QUESTION["messages"])
        assert local.model == "small-one"


async def test_a_whole_answer_for_who_wanted_a_stream(
    node: SessionNode, provider: LyingProvider
) -> None:
    await node.open()
    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    for message, reason in (({"content": "Hi"}, "stop"), ({"tool_calls": calls}, "tool_calls")):
        choice = {"index": 0, "message": message, "finish_reason": reason}
        provider.scripts.append(tells({**WHOLE, "choices": [choice]}))
        answer = await node.ask({"stream": True, "model": "Model"})
        assert answer.events[-2]["choices"][0]["finish_reason"] == reason
        assert text_of(answer.events) == message.get("content", "")
        assert ("tool_calls" in str(answer.events)) == ("tool_calls" in message)


@pytest.mark.parametrize(
    "value",
    [
        {
            "object": "chat.completion.chunk",
            "choices": None,
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        },
        {"object": "chat.completion.chunk", "choices": [{"delta": None, "finish_reason": "stop"}]},
        {
            "object": "chat.completion.chunk",
            "choices": [],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        },
    ],
)
async def test_strange_chunks_have_the_shape_that_clients_expect(
    node: SessionNode, provider: LyingProvider, value: Any
) -> None:
    await node.open()
    last = {"object": "chat.completion.chunk", "choices": [{"delta": {}, "finish_reason": "stop"}]}
    provider.scripts.append(tells(value, last))
    answer = await node.ask({"stream": True, "model": "Model"})
    for event in answer.events[:-1]:
        assert isinstance(event["id"], str)
        assert all(isinstance(choice["delta"], dict) for choice in event["choices"])


@pytest.mark.parametrize("value", ["text", 5, [1], {"error": {"message": "no"}}, {"a": 1}])
async def test_what_is_no_answer(node: SessionNode, provider: LyingProvider, value: Any) -> None:
    await node.open()
    for stream in (False, True):
        provider.scripts.append(tells(value))
        answer = await node.ask({"stream": stream, "model": "Model"})
        assert answer.status == 502, answer.body


async def test_a_picture_is_given_as_it_came(node: SessionNode, provider: LyingProvider) -> None:
    await node.open()
    picture = {"job": "1", "status": "done", "imageUrl": "https://pictures.example/1"}
    provider.scripts.append(tells(picture))
    assert (await node.ask({"model": "Model"})).json == picture


# Failures


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        (refuses("no capacity"), 429, "provider_busy"),
        (refuses("go away"), 502, "provider_refused"),
        (closes, 502, "provider_cut_off"),
        (resets, 502, "provider_cut_off"),
    ],
)
async def test_a_provider_that_fails_before_its_first_word(
    node: SessionNode, provider: LyingProvider, script: Script, status: int, code: str
) -> None:
    session_id = await node.open()
    for stream in (False, True):
        provider.scripts.append(script)
        answer = await node.ask({"stream": stream}, session_id=session_id)
        assert (answer.status, answer.code) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 429)
    assert len(provider.asked(Prompt)) == 2
    assert len(await node.on_chain()) == 1


async def test_a_provider_that_says_nothing(node: SessionNode, provider: LyingProvider) -> None:
    session_id = await node.open()
    remote: Any = node.desk.funds.connection.remote
    make = remote._make_link

    def impatient(signer: Any) -> Any:
        link = make(signer)
        link._consumer._limits = Limits(first_frame_s=0.2, gap_s=0.2, total_s=1.0)
        return link

    remote._make_link = impatient
    provider.scripts.append(hangs)
    answer = await node.ask(session_id=session_id)
    assert (answer.status, answer.code) == (504, "provider_too_slow")
    assert answer.headers["x-should-retry"] == "false"
    await provider.stop()
    answer = await node.ask(session_id=session_id)
    assert (answer.status, answer.code) == (502, "provider_unreachable")


@pytest.mark.parametrize("count", [1, 3])
async def test_cut_off_after_some_words(
    node: SessionNode, provider: LyingProvider, count: int
) -> None:
    await node.open()
    provider.scripts.append(then(*["word "] * count, lie=closes))
    answer = await node.ask({"stream": True, "model": "Model"})
    *chunks, last = answer.events
    assert (answer.status, last["error"]["code"]) == (200, "provider_cut_off")
    assert len(chunks) == count
    models = (await node.get("/v1/models"))["data"]
    assert "Model" in {model["id"] for model in models}
    assert (await node.ask({"model": "Model"})).status == 200


async def test_another_open_session_answers_but_none_is_opened(
    node: SessionNode, provider: LyingProvider
) -> None:
    second = await node.sellers.offer("second", 2 * PRICE)
    first_id = await node.open()
    bids = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    (dear,) = [bid for bid in bids if bid["Provider"] == second.account.address.lower()]
    body = {"sessionDuration": 2 * HOUR}
    opened = await node.post(f"/blockchain/bids/{dear['Id']}/session", body)
    second.scripts.append(closes)
    assert (await node.ask({"model": "Model"})).status == 200
    assert (len(second.asked(Prompt)), len(provider.asked(Prompt))) == (1, 1)
    second.scripts.append(closes)
    named = await node.ask(session_id=opened.json["sessionID"])
    assert (named.status, len(provider.asked(Prompt))) == (502, 1)
    second.scripts.append(then("half", lie=closes))
    begun = await node.ask({"model": "Model", "stream": True})
    assert (begun.events[-1]["error"]["code"], len(provider.asked(Prompt))) == (
        "provider_cut_off",
        1,
    )
    for one in (provider, second):
        one.scripts.append(closes)
    assert (await node.ask({"model": "Model"})).status == 502
    assert [session.id for session in await node.on_chain()] == [first_id, opened.json["sessionID"]]


async def test_two_sessions_of_a_model_answer_at_once(
    node: SessionNode, provider: LyingProvider
) -> None:
    """By the model's name. The second question does not wait for the answer to the first."""
    first, second = await node.open(2 * HOUR), await node.open()
    go_on = asyncio.Event()

    async def waits(exchange: Exchange) -> None:
        await go_on.wait()
        await says("late")(exchange)

    provider.scripts.append(waits)

    async def later() -> str:
        while not provider.asked(Prompt):
            await asyncio.sleep(0)
        answer = await node.ask({"model": "Model"})
        go_on.set()
        return str(answer.json["choices"][0]["message"]["content"])

    late, quick = await asyncio.gather(node.ask({"model": "Model"}), later())
    assert (quick, late.status) == ("Good morning", 200)
    assert [asked.session_id for asked in provider.asked(Prompt)] == [first, second]


async def test_a_session_that_ends_while_it_answers(
    node: SessionNode, provider: LyingProvider
) -> None:
    session_id = await node.open()
    (session,) = await node.on_chain()

    async def ends(exchange: Exchange) -> None:
        await node.desk.world.mine_at(session.ends_at)
        await exchange.send(exchange.answering.refuse("session expired"))

    for stream in (True, False):
        provider.scripts.append(then("half", lie=ends) if stream else refuses("session expired"))
        answer = await node.ask({"stream": stream}, session_id=session_id)
        body = answer.events[-1] if stream else answer.json
        assert body["error"]["code"] == "session_expired"
    await node.sessions.refresh()
    answer = await node.ask(session_id=session_id)
    assert (answer.status, answer.code) == (402, "session_expired")
    answer = await node.ask({"model": "Model"})
    assert (answer.status, answer.code) == (402, "no_session")
    assert len(await node.on_chain()) == 1


async def test_what_a_liar_says_of_the_end_is_not_believed(
    node: SessionNode, provider: LyingProvider
) -> None:
    session_id = await node.open()
    provider.scripts.append(refuses("session expired"))
    answer = await node.ask(session_id=session_id)
    assert (answer.status, answer.code) == (502, "provider_refused")


async def test_a_client_that_goes_away_stops_the_provider(
    node: SessionNode, provider: LyingProvider
) -> None:
    session_id = await node.open()
    for _ in range(20):
        provider.scripts.append(then("word", lie=hangs))
        body = {**QUESTION, "stream": True}
        async with node.api.open(
            "POST", "/v1/chat/completions", body, session_id=session_id
        ) as answer:
            assert await answer.content.readuntil(b"\n\n")
            answer.close()
        await asyncio.wait_for(provider.all_closed(), 30)
    assert (await node.ask(session_id=session_id)).status == 200


async def test_the_wallet_is_locked_and_the_session_answers(
    node: SessionNode, provider: LyingProvider
) -> None:
    session_id = await node.open()
    node.desk.wallet.lock()
    assert (await node.ask(session_id=session_id)).status == 200


async def test_right_after_a_start_the_chain_is_asked(
    node: SessionNode, provider: LyingProvider
) -> None:
    session_id = await node.open()
    for body, headers in (
        ({"model": "Model"}, {}),
        ({"model": f"session:{session_id}"}, {}),
        ({}, {"model_id": node.sellers.model_id}),
        ({}, {"session_id": session_id}),
    ):
        node.sessions.views = ()
        assert (await node.ask(body, **headers)).status == 200


async def test_a_name_of_this_computer_is_never_of_the_network(
    node: SessionNode, provider: LyingProvider
) -> None:
    """Somebody may call a model on the chain as one is called here."""
    await node.open()
    (view,) = node.sessions.views
    assert view.model is not None
    node.sessions.views = (replace(view, model=replace(view.model, name="Small One")),)
    assert (await node.ask({"model": "Small One"})).json["model"] == "small-one"
    ids = [model["id"] for model in (await node.get("/v1/models"))["data"]]
    assert ids == ["small-one", node.sellers.model_id]
    assert (await node.ask({"model": node.sellers.model_id})).json["model"] == ids[1]
    assert len(provider.asked(Prompt)) == 1


async def test_a_key_for_one_model(node: SessionNode, provider: LyingProvider) -> None:
    session_id = await node.open()
    for model, status in (("Model", 200), (node.sellers.model_id, 200), ("small-one", 403)):
        key, text = await node.api.keys.create("one", ["chat", "models"], [model])
        answer = await node.api.send(
            "POST", "/v1/chat/completions", QUESTION, key=text, session_id=session_id
        )
        assert answer.status == status
        listed = (await node.api.send("GET", "/v1/models", key=text)).json["data"]
        assert ("Model" in {one["id"] for one in listed}) == (status == 200)
        await node.api.keys.revoke(key.id)


async def test_unknown_names_stay_unknown(node: SessionNode, provider: LyingProvider) -> None:
    for name in ("nothing", "0x" + "12" * 32):
        answer = await node.ask({"model": name})
        assert (answer.status, answer.code) == (404, "model_not_found")
    answer = await node.ask({"model": f"session:0x{'12' * 32}"})
    assert (answer.status, answer.code) == (404, "session_not_found")


# Vectors and sound


async def test_vectors(node: SessionNode, provider: LyingProvider) -> None:
    await node.open()
    rows = [{"index": 1, "embedding": [0.5]}, {"index": 0, "embedding": [0.25]}]
    vectors = {"object": "list", "data": rows, "usage": {"prompt_tokens": 9}}
    provider.scripts.extend([tells(vectors)] * 3)
    body = {"model": "Model", "input": ["a", "b"], "dimensions": 1}
    answer = await node.post("/v1/embeddings", body)
    assert [row["embedding"] for row in answer.json["data"]] == [[0.25], [0.5]]
    assert answer.json["usage"] == {"prompt_tokens": 9, "total_tokens": 9}
    packed = await node.post("/v1/embeddings", {**body, "encoding_format": "base64"})
    assert packed.json["data"][0]["embedding"] == "AACAPg=="
    (first, _) = provider.asked(Prompt)
    assert json.loads(first.message) == {
        "input": ["a", "b"],
        "dimensions": 1,
        "encoding_format": "float",
        "type": "embeddings",
    }
    wrong = await node.post("/v1/embeddings", {**body, "input": "a"})
    assert (wrong.status, wrong.code) == (502, "provider_bad_message")
