"""A client, a node and a provider of our own, both real: over HTTP, sockets and a chain."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest

from tests.support.serving import Stage, serving
from tests.support.session_node import HOUR, SessionNode, session_node
from tests.support.world import MOR

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MESSAGES = [{"role": "user", "content": "Good morning"}]


@dataclass
class Both:
    """A node with an open session, and the provider that serves it."""

    node: SessionNode
    stage: Stage
    session_id: str

    def client(self) -> openai.AsyncOpenAI:
        url = f"{self.node.api.server.state.url}/v1"
        return openai.AsyncOpenAI(base_url=url, api_key=self.node.api.key, max_retries=0)


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    async with session_node(tmp_path / "node") as node:
        here = node.desk.world
        await here.mine_at(int(time.time()))  # the provider signs with the time of now
        bid = await here.offer(stake=10 * MOR)
        async with serving(here, bid, tmp_path / "provider") as stage:
            stage.clock.now = time.time()
            host, port = stage.address
            address = here.account("provider").address
            await here.call("provider", "providerRegister", address, 0, f"{host}:{port}")
            path = f"/blockchain/models/{stage.model_id}/session"
            opened = await node.post(path, {"sessionDuration": HOUR})
            assert opened.status == 200, opened.json
            yield Both(node, stage, opened.json["sessionID"])


async def test_twenty_streams_and_vectors(both: Both) -> None:
    async with both.client() as client:
        for number in range(20):
            both.stage.backend.says("Good ", f"day {number}")
            stream = await client.chat.completions.create(
                model="Model",
                messages=MESSAGES,
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [chunk async for chunk in stream]
            texts = [c.choices[0].delta.content or "" for c in chunks if c.choices]
            assert "".join(texts) == f"Good day {number}"
            assert chunks[-1].usage is not None
            assert chunks[-1].usage.completion_tokens == 2
            assert {chunk.model for chunk in chunks} == {"Model"}
        both.stage.backend.says("Whole")
        whole = await client.chat.completions.create(model="Model", messages=MESSAGES)
        assert whole.choices[0].message.content == "Whole"
        assert whole.choices[0].finish_reason == "stop"
        vectors = await client.embeddings.create(model="Model", input=["a", "abc"])
        assert [row.embedding for row in vectors.data] == [[1.0], [3.0]]
    assert both.node.sessions.view(both.session_id).phase == "open"


async def test_what_the_model_refuses_is_its_own_word(both: Both) -> None:
    async with both.client() as client:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(model="Model", messages=MESSAGES, n=3)
    assert (caught.value.status_code, caught.value.code) == (400, "model_refused")
    answer = await both.node.ask({"model": "Model", "n": 3})
    assert (answer.status, answer.code) == (400, "model_refused")
    assert "Only one answer" in str(answer.json["providerModelError"])
    assert "Only one answer per request" in caught.value.message


async def test_a_provider_that_is_gone_and_comes_back(both: Both) -> None:
    await both.stage.provider.stop()
    answer = await both.node.ask({"model": "Model"})
    assert (answer.status, answer.code) == (502, "provider_unreachable")
    closed = await both.node.post(f"/blockchain/sessions/{both.session_id}/close")
    assert closed.status == 200, closed.json
    await both.node.settle()
    (session,) = await both.node.on_chain()
    assert (session.closed_at > 0, session.closeout_type) == (True, 1)
    answer = await both.node.ask(session_id=both.session_id)
    assert (answer.status, answer.code) == (402, "session_expired")
