"""The demo story without its window: market, stake, chat, close, claim, with the real local model."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.backends.base import AnsweredBy, Delta, Request, Sampling, Turn
from router.config import Settings
from router.consumer.mined import until_mined
from router.log import LogBook
from router.node import Node
from router.paths import Paths
from tests.support.headless import headless
from tests.support.scripted_backend import ScriptedBackend

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(180)]

HOUR, DAY = 3600, 86_400
NAME = "SmolLM2 135M (demo)"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A first start on the demo network, as one click or one word on the command line gives it."""
    paths = Paths(tmp_path)
    paths.prepare()
    overrides = {"network": "demo", "api.port": 0, "market.auto_claim": False}
    node = Node(paths, Settings(paths.settings, overrides), log := LogBook(paths.logs))
    await node.start()
    yield node
    await node.stop()
    log.close()


async def answered(node: Node, model: str) -> tuple[str, str]:
    """The answer of a model of the network, and the session that gave it."""
    assert node.money.funds is not None
    backend = node.money.funds.backend(ScriptedBackend(), lambda: "Nobody else")
    assert backend is not None
    request = Request(model, (Turn("user", "Say hello."),), sampling=Sampling(max_tokens=8))
    events = [event async for event in backend.complete(request)]
    (by,) = [event for event in events if isinstance(event, AnsweredBy)]
    return "".join(e.text for e in events if isinstance(e, Delta)), by.session_id


async def test_the_story_from_the_market_to_the_last_mor(node: Node) -> None:
    assert node.problems == ()
    assert [part.state.phase for part in node.parts] == ["ready"] * len(node.parts)
    assert node.money.funds is not None
    connection = node.money.funds.connection
    demo, market, sessions = connection.demo, connection.market, connection.sessions
    assert demo is not None
    before = (await node.money.funds.account()).mor

    (model,) = (await market.market()).models
    assert model.name == NAME
    cheap, dear = await sessions.rated(model.id)
    assert cheap.bid.price_per_second < dear.bid.price_per_second

    for _ in range(2):  # the second time a day later, by the clock of the chain
        quote = await sessions.quote(cheap.bid.id, HOUR)
        opening = await sessions.opening_done((await sessions.open(quote)).id)
        assert opening.step == "done", opening.error
        await sessions.refresh()
        view = sessions.view(opening.session_id)
        assert view.sealed
        text, session_id = await answered(node, model.id)
        assert text
        assert session_id == view.id
        assert (await node.money.funds.account()).mor == before - quote.amount

        closing = await sessions.prepare_close(view.id)
        assert (closing.report_by, closing.problem) == ("provider", None)
        record = await until_mined(connection.transactions, (await sessions.close(closing)).id)
        assert record.state in ("included", "safe")

        await demo.skip(DAY)
        prepared = await sessions.prepare_claim()
        sent = await connection.transactions.send(prepared)
        await until_mined(connection.transactions, sent.id)
        assert (await node.money.funds.account()).mor == before, "every MOR is back"


async def test_without_a_window_the_market_is_there_too(tmp_path: Path) -> None:
    options = ("--api", "127.0.0.1:0", "--network", "demo")
    with headless(tmp_path, *options) as node:
        await asyncio.to_thread(node.ready)
        found: Any = await asyncio.to_thread(node.get, "/blockchain/models")
        assert [model["Name"] for model in found["models"]] == [NAME]
        providers: Any = await asyncio.to_thread(node.get, "/blockchain/providers")
        assert len(providers["providers"]) == 2
        assert all(p["Endpoint"].startswith("127.0.0.1:") for p in providers["providers"])
        code, words = await asyncio.to_thread(node.stop)
        assert (code, words) == (0, "")
