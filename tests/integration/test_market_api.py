"""The lists of the marketplace over HTTP: whole, in pages, and of one block while it changes."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from router.chain import marketplace
from router.chain.client import Chain
from router.chain.marketplace import Marketplace
from router.chain.nodes import Nodes
from tests.support.api_client import Api, running_api
from tests.support.fault_rpc import Asked, FaultRpc, error, fault_rpc, result
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = pytest.mark.slow


@dataclass
class Here:
    """A chain with models on it, a node in front of it, and the interface."""

    world: World
    node: FaultRpc
    api: Api
    made: int = 0

    async def add(self) -> None:
        """One more model."""
        base, user = self.made.to_bytes(32, "big"), self.world.account("user").address
        name = f"Model {self.made}"
        arguments = (user, base, base, 0, MOR // 10, name, ["LLM"])
        await self.world.call("user", "modelRegister", *arguments)
        self.made += 1

    async def names(self, query: str = "") -> list[str]:
        answer = await self.api.send("GET", f"/blockchain/models{query}")
        assert answer.status == 200, answer.json
        return [model["Name"] for model in answer.json["models"]]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    async with world("embedded", "day-lock") as made, fault_rpc(made.url) as node:
        await made.give("user", 100 * MOR)
        chain = Chain(Nodes(made.network.chain_id, [node.url], requests_a_minute=1_000_000))
        market = Marketplace(chain, replace(made.network, nodes=(node.url,)))
        funds = SimpleNamespace(connection=SimpleNamespace(market=market, chain=chain))
        money: Any = SimpleNamespace(needed_funds=lambda: funds, needed_wallet=None, node_keys=None)
        async with running_api(tmp_path, money=money) as api:
            here = Here(made, node, api)
            for _ in range(5):
                await here.add()
            yield here
        await chain.nodes.close()


ALL = [f"Model {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ALL[::-1]),
        ("?order=asc", ALL[::-1]),
        ("?order=ASC", ALL),
        ("?order=ASC&offset=3", ALL[3:]),
        ("?offset=3", ALL[1::-1]),
        ("?limit=2", ALL[:2:-1]),
        ("?limit=2&offset=4", ALL[:1]),
        ("?limit=2&order=ASC&offset=1", ALL[1:3]),
        ("?limit=255&offset=9", []),
    ],
)
async def test_pages_of_a_list(
    here: Here, query: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marketplace, "PAGE", 2)  # so that five models are three pages
    assert await here.names(query) == names


@pytest.mark.parametrize("query", ["", "?limit=5", "?limit=5&order=ASC"])
async def test_a_list_is_of_one_block(
    here: Here, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is twice in it and nothing missing, though there is a new model at each question."""
    monkeypatch.setattr(marketplace, "PAGE", 2)
    blocks = []

    async def changing(asked: Asked) -> web.StreamResponse:
        blocks.append(asked.body["params"][1])
        answer = await asked.forward()
        await here.add()
        return web.json_response(answer)

    here.node.on("eth_call", changing)
    assert sorted(await here.names(query)) == ALL
    assert len({block for block in blocks if block != "latest"}) == 1, blocks
    assert "latest" not in blocks[1:]


async def test_a_contract_that_gives_something_else(here: Here) -> None:
    """It is not our fault, and not the caller's."""
    for reply, code in ((result("0x"), "not_offered"), (error(-32000, "no"), "not_offered")):
        here.node.on("eth_call", reply)
        answer = await here.api.send("GET", "/blockchain/models")
        assert (answer.status, answer.code) == (502, code), json.dumps(answer.json)
    here.node.on("eth_getBlockByNumber", error(-32000, "no"))
    answer = await here.api.send("GET", "/blockchain/latestBlock")
    assert (answer.status, answer.code) == (502, "node_refused")
    assert answer.headers["x-should-retry"] == "false"
