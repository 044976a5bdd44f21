"""Coming to the market over HTTP, and leaving it, on a real chain."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from router.api import registering
from router.api.openapi import document
from tests.support.session_node import SessionNode, session_node
from tests.support.world import MOR, PRICE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

IPFS = "0x" + "11" * 32
PROVIDER = {"stake": str(5 * MOR), "endpoint": "node.example:3333"}
MODEL = {"ipfsID": IPFS, "fee": 0, "stake": MOR, "name": "Mine", "tags": ["LLM", "small"]}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SessionNode]:
    async with session_node(tmp_path) as made:
        yield made


async def allow(node: SessionNode, amount: int) -> None:
    diamond = node.desk.funds.connection.network.diamond
    answer = await node.post(f"/blockchain/approve?spender={diamond}&amount={amount}")
    assert answer.status == 200, answer.json
    await node.settle()


async def made(node: SessionNode, path: str, body: Any, **headers: str) -> Any:
    answer = await node.post(f"/blockchain/{path}", body, **headers)
    assert answer.status == 200, answer.json
    name = {"providers": "OneProvider", "models": "OneModel", "bids": "OneBid"}[path]
    schemas = document(node.api.server.routes)["components"]["schemas"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    jsonschema.validate(answer.json, schema)
    (value,) = answer.json.values()
    return value


async def gone(node: SessionNode, path: str) -> None:
    answer = await node.api.send("DELETE", f"/blockchain/{path}")
    assert answer.status == 200, answer.json
    assert answer.json["tx"].startswith("0x")
    await node.settle()


async def test_a_provider_comes_and_goes(node: SessionNode) -> None:
    own = node.desk.funds.address.lower()
    fee = await node.desk.funds.connection.market.value("getBidFee")
    before = int((await node.get("/blockchain/balance"))["mor"])
    await allow(node, 6 * MOR + fee)
    provider = await made(node, "providers", PROVIDER)
    assert (provider["Address"], provider["Endpoint"]) == (own, "node.example:3333")
    assert provider["Stake"] == str(5 * MOR)
    model = await made(node, "models", MODEL)
    assert (model["Owner"], model["Name"], model["ModelType"]) == (own, "Mine", "LLM")
    assert model["IpfsCID"] == IPFS
    bid = await made(node, "bids", {"modelID": model["Id"], "pricePerSecond": str(PRICE)})
    assert (bid["Provider"], bid["ModelAgentId"]) == (own, model["Id"])
    assert bid["PricePerSecond"] == str(PRICE)
    assert (await node.get(f"/blockchain/providers/{own}/bids/active"))["bids"] == [bid]
    balance = int((await node.get("/blockchain/balance"))["mor"])
    assert before - balance == 6 * MOR + fee
    await gone(node, f"bids/{bid['Id']}")
    assert (await node.get(f"/blockchain/bids/{bid['Id']}"))["bid"]["DeletedAt"] != "0"
    await gone(node, f"models/{model['Id']}")
    await gone(node, f"providers/{own}")
    assert (await node.get("/blockchain/providers"))["providers"] == []
    assert int((await node.get("/blockchain/balance"))["mor"]) == before - fee


async def test_as_the_old_command_line_writes_it(node: SessionNode) -> None:
    """It writes names in capitals, in small letters, and numbers as numbers."""
    fee = await node.desk.funds.connection.market.value("getBidFee")
    await allow(node, 6 * MOR + fee)
    await made(node, "providers", {"stake": 5 * MOR, "endpoint": "node.example:3333"})
    body = {"Stake": MOR, "IpfsID": IPFS, "Name": "Mine", "Fee": 0, "Tags": ["llm"]}
    model = await made(node, "models", body)
    bid = await made(node, "bids", {"modelId": model["Id"], "pricePerSecond": PRICE})
    assert bid["ModelAgentId"] == model["Id"]


async def test_one_wish_is_one_model(node: SessionNode) -> None:
    await allow(node, 2 * MOR)
    key = {"Idempotency-Key": "mine"}
    first = await made(node, "models", MODEL, **key)
    assert await made(node, "models", MODEL, **key) == first
    other = await node.post("/blockchain/models", MODEL | {"name": "Other"}, **key)
    assert (other.status, other.json["error"]["param"]) == (400, "Idempotency-Key")
    assert (await made(node, "models", MODEL))["Id"] != first["Id"]
    assert len((await node.get("/blockchain/models"))["models"]) == 2


async def test_what_a_node_does_not_tell_yet(
    node: SessionNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stake is there; a client must not think that it has to be sent again."""
    await allow(node, 5 * MOR)
    monkeypatch.setattr(registering, "PAUSE_S", 0)

    async def lags(addresses: Any, at: Any = None) -> list[Any]:
        return []

    with monkeypatch.context() as patched:
        patched.setattr(node.desk.funds.connection.market, "providers", lags)
        answer = await node.post("/blockchain/providers", PROVIDER)
    assert (answer.status, answer.code) == (503, "not_readable_yet")
    assert answer.headers["x-should-retry"] == "false"
    (provider,) = (await node.get("/blockchain/providers"))["providers"]
    assert provider["Stake"] == str(5 * MOR)


async def test_nothing_is_sent_that_would_fail(node: SessionNode) -> None:
    """What it takes was not allowed, or is too little, or the account is no provider."""
    bid = {"modelID": IPFS, "pricePerSecond": PRICE}
    for path, body in (("providers", PROVIDER), ("models", MODEL), ("bids", bid)):
        answer = await node.post(f"/blockchain/{path}", body)
        assert answer.status == 422, (path, answer.json)
    own = node.desk.funds.address
    for path in (f"providers/{own}", f"models/{IPFS}", f"bids/{IPFS}"):
        answer = await node.api.send("DELETE", f"/blockchain/{path}")
        assert answer.status == 422, (path, answer.json)
    assert (await node.get("/blockchain/transactions"))["transactions"] == []


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("providers", {"endpoint": "node.example:3333"}, "stake"),
        ("providers", PROVIDER | {"endpoint": ""}, "endpoint"),
        ("providers", PROVIDER | {"endpoint": "http://node.example"}, "endpoint"),
        ("models", MODEL | {"id": "0x12"}, "id"),
        ("models", MODEL | {"ipfsID": "Qm"}, "ipfsID"),
        ("models", MODEL | {"fee": "-1"}, "fee"),
        ("models", MODEL | {"stake": 1.5}, "stake"),
        ("models", MODEL | {"name": ""}, "name"),
        ("models", MODEL | {"name": "x" * 65}, "name"),
        ("models", MODEL | {"tags": []}, "tags"),
        ("models", MODEL | {"tags": ["x" * 65]}, "tags"),
        ("models", MODEL | {"tags": [7]}, "tags"),
        ("models", MODEL | {"tags": ["chat"]}, "tags"),
        ("bids", {"pricePerSecond": "1"}, "modelID"),
        ("bids", {"modelID": IPFS, "pricePerSecond": True}, "pricePerSecond"),
    ],
)
async def test_what_makes_no_sense_is_named(
    node: SessionNode, path: str, body: Any, param: str
) -> None:
    answer = await node.post(f"/blockchain/{path}", body)
    assert (answer.status, answer.json["error"]["param"]) == (400, param), answer.json


async def test_another_provider_is_not_taken_for_the_own_one(node: SessionNode) -> None:
    await allow(node, 5 * MOR)
    await made(node, "providers", PROVIDER)
    answer = await node.api.send("DELETE", "/blockchain/providers/0x" + "12" * 20)
    assert (answer.status, answer.json["error"]["param"]) == (400, "id")
    assert len((await node.get("/blockchain/providers"))["providers"]) == 1


async def test_without_a_wallet(node: SessionNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(node.desk.funds), "address", "")
    bid = {"modelID": IPFS, "pricePerSecond": PRICE}
    for path, body in (("providers", PROVIDER), ("models", MODEL), ("bids", bid)):
        answer = await node.post(f"/blockchain/{path}", body)
        assert (answer.status, answer.code) == (400, "no_wallet"), path


async def test_a_key_for_spending_is_needed(node: SessionNode) -> None:
    _, key = await node.api.keys.create("reader", ["market", "wallet", "chat"])
    for route in node.api.server.routes:
        if route.handler.__qualname__.startswith("Registering."):
            path = route.path.replace("{id}", IPFS)
            answer = await node.api.send(route.method, path, {}, key=key)
            assert (answer.status, answer.code) == (403, "insufficient_scope"), path
