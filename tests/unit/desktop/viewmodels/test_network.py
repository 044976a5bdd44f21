"""Nodes: order, measuring, adding, and that keys in their addresses are not shown."""

import asyncio
import contextlib
import json

import pytest
from aiohttp import web

from morpheus_desktop.viewmodels.network import NetworkViewModel
from router import config
from router.errors import ConfigError
from router.networks import NETWORKS
from tests.support.waiting import until


@pytest.fixture
async def vm(money_bench):
    made = NetworkViewModel(money_bench.money, money_bench.settings, clock=lambda: 0.0)
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def node(chain_id: int):
    """A node of a chain, on this computer."""

    async def answer(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        result = hex(chain_id) if asked["method"] == "eth_chainId" else hex(31_204_118)
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": result})

    app = web.Application()
    app.router.add_post("/{key}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/a-secret-key"
    finally:
        await runner.cleanup()


def urls(vm):
    return [endpoint.url for endpoint in vm.endpoints]


async def test_the_built_in_nodes_in_their_order(vm):
    assert tuple(urls(vm)) == NETWORKS["base"].nodes
    assert all(endpoint.built_in for endpoint in vm.endpoints)
    assert not vm.own
    assert vm.endpoints[0].words == "Not asked yet"


async def test_a_node_is_moved_removed_and_the_defaults_come_back(vm, money_bench):
    first, second, *_ = urls(vm)
    vm.move(second, -1)
    assert urls(vm)[:2] == [second, first]
    assert money_bench.settings.current.chain.base[0] == second
    vm.move(second, -1)  # it is the first already
    assert urls(vm)[0] == second
    vm.remove(first)
    assert first not in urls(vm)
    vm.restore()
    assert tuple(urls(vm)) == NETWORKS["base"].nodes
    assert money_bench.settings.current.chain.base == ()


async def test_the_last_node_stays(vm, money_bench):
    money_bench.settings.change({"chain.base": ("https://one.example",)})
    vm.remove("https://one.example")
    assert urls(vm) == ["https://one.example"]


def noted(vm):
    refused = []
    vm.refused.connect(lambda error: refused.append(error.message))
    return refused


async def test_a_node_is_measured_before_it_is_added(vm, money_bench):
    refused = noted(vm)
    async with node(8453) as right, node(1) as wrong:
        vm.add(wrong)
        await until(lambda: refused)
        assert "this is chain 1, not 8453" in refused[0]
        assert "a-secret-key" not in refused[0]
        vm.add(right)
        await until(lambda: vm.own)
        added = vm.endpoints[-1]
        assert (added.words, added.built_in) == ("Ready", False)
        assert added.host.startswith("127.0.0.1:")
        assert "a-secret-key" not in added.host
        assert added.block(added.state.height_at + 3) == "31,204,118, 3\u00a0s ago"
        vm.add(right)
        await until(lambda: len(refused) == 2)
        assert refused[1] == "This node is in the list already."


@pytest.mark.parametrize("leave", ["remove", "restore"])
async def test_its_key_is_in_the_keychain_as_long_as_it_is_in_the_list(vm, money_bench, leave):
    async with node(8453) as url:
        vm.add(url)
        await until(lambda: vm.own)
    assert list(money_bench.keychain.kept.values()) == [url]
    assert "a-secret-key" not in money_bench.paths.settings.read_text()
    assert "a-secret-key" not in repr(vm.endpoints)
    assert vm.about_keys == ""
    vm.remove(vm.endpoints[-1].url) if leave == "remove" else vm.restore()
    await until(lambda: not money_bench.keychain.kept)


async def test_without_a_safe_keychain_it_is_said_where_the_key_is(vm, money_bench):
    money_bench.keychain.reason = "There is no keychain on this system."
    async with node(8453) as url:
        vm.add(url)
        await until(lambda: vm.own)
    assert urls(vm)[-1] == url
    assert vm.about_keys.endswith(
        f"The key for {vm.endpoints[-1].host} is in the settings file, which only you can read."
    )
    assert "a-secret-key" not in vm.about_keys


async def test_nothing_is_kept_of_a_node_that_cannot_be_saved(vm, money_bench, monkeypatch):
    refused, added = noted(vm), []
    vm.added.connect(lambda: added.append(1))
    monkeypatch.setattr(config, "save", full)
    async with node(8453) as url:
        vm.add(url)
        await until(lambda: refused and not vm.adding)
    assert refused == ["The disk is full."]
    assert (money_bench.keychain.kept, added) == ({}, [])


def full(*_args):
    raise ConfigError("The disk is full.")


async def test_a_node_whose_key_is_missing_says_so(vm, money_bench):
    async with node(8453) as url:
        start = url.rpartition("/")[0]
        money_bench.settings.change({"chain.base": (f"{start}/{{key:0123456789ab}}", start)})
        vm.test(vm.endpoints[0].url)
        await until(lambda: vm.endpoints[0].words == "Key missing")
        host = vm.endpoints[0].host
        assert vm.about_keys.startswith(f"{host} is not asked: its key is not in the keychain")
        money_bench.keychain.kept["node-0123456789ab"] = url
        vm.test(vm.endpoints[0].url)
        await until(lambda: vm.endpoints[0].words == "Ready")
        assert vm.about_keys == ""


@pytest.mark.parametrize("url", ["", "ftp://x", "https://", "x" * 600])
async def test_other_addresses_are_refused(vm, url):
    refused = []
    vm.refused.connect(lambda error: refused.append(error.message))
    before = urls(vm)
    vm.add(url)
    await until(lambda: refused)
    assert urls(vm) == before


async def test_a_node_is_tested(vm, money_bench):
    async with node(8453) as url:
        money_bench.settings.change({"chain.base": (url,)})
        vm.test_all()
        assert vm.endpoints[0].words == "Testing"
        await until(lambda: vm.endpoints[0].words == "Ready")
    vm.test(url)
    await until(lambda: vm.endpoints[0].words == "Unreachable")


async def test_the_demo_network_has_a_node_of_its_own(vm):
    vm.choose("demo")
    assert not vm.editable
    assert vm.endpoints == ()
    await asyncio.sleep(0)
