"""router.api.wallet: what is said without a wallet, and which nodes are taken."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from router import config
from router.config import Settings
from router.errors import ConfigError
from router.money import Money
from router.networks import NETWORKS
from router.paths import Paths
from tests.support.api_client import Api, running_api
from tests.support.fault_rpc import Asked, FaultRpc, error, fault_rpc, result
from tests.support.money_desk import StatedKeychain

PASSPHRASE = "a passphrase nobody else has"
NODES = "/config/ethNode"


@pytest.fixture
async def money(tmp_path: Path) -> AsyncIterator[Money]:
    """The money side of a node without a wallet: it connects to nothing."""
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings))
    await money.start()
    yield money
    await money.close()


@pytest.fixture
async def api(tmp_path: Path, money: Money) -> AsyncIterator[Api]:
    async with running_api(tmp_path, money=money, passphrase=PASSPHRASE) as api:
        yield api


@pytest.fixture
async def node() -> AsyncIterator[FaultRpc]:
    """A node of Base."""
    async with fault_rpc("") as made:
        made.on("eth_chainId", result(hex(NETWORKS["base"].chain_id)))
        made.on("eth_blockNumber", result("0x7"))
        yield made


def nodes_of(api: Api, network: str = "base") -> tuple[str, ...]:
    return api.server._settings.current.chain.nodes_of(network)


@pytest.mark.parametrize(("method", "path"), [("GET", "/wallet"), ("DELETE", "/wallet")])
async def test_without_a_wallet(api: Api, method: str, path: str) -> None:
    answer = await api.send(method, path)
    assert (answer.status, answer.code) == (400, "no_wallet")


async def test_before_the_wallet_is_open(tmp_path: Path) -> None:
    """It will be there in a moment, so that trying again helps."""
    async with running_api(tmp_path) as api:
        for path in ("/wallet", "/blockchain/balance"):
            answer = await api.send("GET", path)
            assert (answer.status, answer.code) == (503, "not_ready")
            assert "x-should-retry" not in answer.headers


async def test_nodes_are_set_and_forgotten(api: Api, node: FaultRpc) -> None:
    url = f"{node.url}/?key=costly"
    answer = await api.send("POST", NODES, {"urls": [url]})
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert nodes_of(api) == (url,)
    assert b"costly" not in (await api.send("GET", "/config")).body
    assert (await api.send("DELETE", NODES)).status == 200
    assert nodes_of(api) == ()


async def test_keys_of_nodes_go_into_the_keychain(tmp_path: Path, node: FaultRpc) -> None:
    paths, keychain = Paths(tmp_path), StatedKeychain()
    paths.prepare()
    money = Money(paths, Settings(paths.settings), keychain=keychain)  # type: ignore[arg-type]
    async with running_api(tmp_path, money=money) as api:
        assert (await api.send("POST", NODES, {"urls": [f"{node.url}/?key=costly"]})).status == 200
        assert list(keychain.kept.values()) == [f"{node.url}/?key=costly"]
        assert "costly" not in paths.settings.read_text()
        assert b"costly" not in (await api.send("GET", "/config")).body
        written = nodes_of(api)
        # What is there can be set again, and what is not is refused.
        assert (await api.send("POST", NODES, {"urls": list(written)})).status == 200
        keychain.kept.clear()
        await money.node_keys.forget(*written)
        answer = await api.send("POST", NODES, {"urls": list(written)})
        assert "its key is not in the keychain" in answer.json["error"]["message"]
        assert nodes_of(api) == written
    await money.close()


async def test_no_key_is_kept_of_nodes_that_cannot_be_saved(
    tmp_path: Path, node: FaultRpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, keychain = Paths(tmp_path), StatedKeychain()
    paths.prepare()
    money = Money(paths, Settings(paths.settings), keychain=keychain)  # type: ignore[arg-type]

    def full(*_args: object) -> None:
        raise ConfigError("The disk is full.")

    monkeypatch.setattr(config, "save", full)
    async with running_api(tmp_path, money=money) as api:
        answer = await api.send("POST", NODES, {"urls": [f"{node.url}/?key=costly"]})
        assert answer.json["error"]["message"] == "The disk is full."
    assert keychain.kept == {}
    await money.close()


@pytest.mark.parametrize(
    "urls",
    [
        *(None, "http://127.0.0.1:1", [], [7], [""], ["http://127.0.0.1:1"] * 21),
        *(["ftp://127.0.0.1:1"], ["http://a..b/costly"], ["http://127.0.0.1:99999/costly"]),
        ["http://127.0.0.1:1/costly"],
    ],
    ids=lambda urls: str(urls)[:30],
)
async def test_addresses_that_no_node_has(api: Api, urls: Any) -> None:
    answer = await api.send("POST", NODES, {"urls": urls})
    assert (answer.status, answer.json["error"]["param"]) == (400, "urls")
    assert b"costly" not in answer.body
    assert nodes_of(api) == ()


async def test_the_refused_node_is_named_and_its_key_is_not(api: Api, node: FaultRpc) -> None:
    node.on("eth_chainId", error(-32601, "the key 0123456789abcdef is not for this"))
    answer = await api.send("POST", NODES, {"urls": [f"{node.url}/?key=0123456789abcdef"]})
    assert answer.status == 400
    assert node.url.partition("://")[2] in answer.json["error"]["message"]
    assert b"0123456789abcdef" not in answer.body


async def test_the_demo_network_asks_nobody(api: Api, node: FaultRpc) -> None:
    api.server._settings.change({"network": "demo"})
    for method, body in (("POST", {"urls": [node.url]}), ("DELETE", None)):
        answer = await api.send(method, NODES, body)
        assert answer.status == 400
        assert "demo network" in answer.json["error"]["message"]
    assert node.asked == []


async def test_nodes_are_set_for_the_network_they_were_tried_on(api: Api, node: FaultRpc) -> None:
    """Another network may be chosen while they are being asked."""

    async def change(asked: Asked) -> web.StreamResponse:
        api.server._settings.change({"network": "arbitrum"})
        return await result("0x7")(asked)

    node.on("eth_blockNumber", change)
    assert (await api.send("POST", NODES, {"urls": [node.url]})).status == 200
    assert nodes_of(api, "base") == (node.url,)
    assert nodes_of(api, "arbitrum") == ()
