"""router.serving: the provider as a part of the node, over the life of network and wallet."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from router.config import Settings
from router.inference.library import ModelLibrary
from router.money import Money
from router.paths import Paths
from router.serving import GRANT, NO_NETWORK, OFF, Serving
from tests.support.scripted_backend import ScriptedBackend

HANG_S = 60.0
PASSPHRASE = "a passphrase nobody else has"
LOOPBACK = {"provider.enabled": True, "provider.listen": "127.0.0.1:0"}
LOCKED = "Waits until the wallet is unlocked"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Desk:
    """What the node builds around the provider."""

    def __init__(self, folder: Path, **overrides: object) -> None:
        self.paths = Paths(folder)
        self.paths.prepare()
        self.settings = Settings(self.paths.settings, overrides)
        self.money = Money(self.paths, self.settings)
        library = ModelLibrary(self.paths, self.settings)
        self.serving = Serving(self.paths, self.settings, self.money, library, ScriptedBackend())

    @property
    def detail(self) -> str:
        assert self.serving.part.state.error is None
        return self.serving.part.state.detail

    async def start(self) -> None:
        await self.money.start()
        await self.serving.part.start()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(HANG_S):
            while not (condition() and self.serving.part.state.phase == "ready"):
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def desk(folder: Path, **overrides: object) -> AsyncIterator[Desk]:
    made = Desk(folder, **overrides)
    await made.start()
    try:
        yield made
    finally:
        await made.serving.close()
        await made.money.close()


async def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        assert (here.detail, here.serving.provider, here.serving.demo) == (OFF, None, None)


async def test_without_a_wallet_it_waits(tmp_path: Path) -> None:
    async with desk(tmp_path, **LOOPBACK) as here:
        assert (here.detail, here.serving.provider) == (NO_NETWORK, None)
        here.settings.change({"provider.enabled": False})
        await here.until(lambda: here.detail == OFF)


async def test_the_demo_network_brings_its_providers(tmp_path: Path) -> None:
    async with desk(tmp_path, network="demo") as here:
        assert (here.detail, here.serving.provider) == ("2 of the demo network", None)
        assert here.serving.demo is not None
        assert here.money.funds is not None
        first, second = here.serving.demo.running
        assert len((await here.money.funds.connection.market.market()).providers) == 2
        await here.money.chain_part.restart()
        assert (first.state.address, second.state.address) == (None, None)
        await here.until(lambda: here.detail == "2 of the demo network")
        assert here.serving.demo.running[0] is not first
        assert len((await here.money.funds.connection.market.market()).providers) == 2
    assert not here.paths.demo.exists()


async def test_who_lets_go_of_the_network_does_not_wait_for_the_market(tmp_path: Path) -> None:
    made = Desk(tmp_path, network="demo")
    await made.money.start()
    starting = asyncio.create_task(made.serving.part.start())  # noqa: TID251 - ended below
    while made.serving.part.state.phase != "starting":
        await asyncio.sleep(0)
    await made.money.chain_part.stop()
    await starting
    assert made.money.funds is not None
    assert not made.money.funds.is_connected
    assert (made.serving.demo, made.serving.part.state.phase) == (None, "off")
    await made.serving.close()
    await made.money.close()


async def test_it_begins_with_the_first_unlocking_and_outlives_the_lock(tmp_path: Path) -> None:
    model = {"modelId": "0x" + "5a" * 32, "apiType": "local"}
    (tmp_path / "models-config.json").write_text(json.dumps({"models": [model]}))
    async with desk(tmp_path, network="demo", **LOOPBACK) as here:
        wallet, serving = here.money.wallet, here.serving
        assert wallet is not None
        assert wallet.state.borrowed
        await here.until(lambda: serving.provider is not None)
        lent, demo = serving.provider, serving.demo
        await wallet.import_key("11" * 32, PASSPHRASE)
        await here.until(lambda: serving.provider not in (None, lent))
        assert serving.provider is not None
        assert serving.provider.state.address is not None
        host, port = serving.provider.state.address
        assert here.detail == f"{host}:{port}, 1 model"
        wallet.lock()
        running = serving.provider
        await asyncio.sleep(0)
        assert (serving.provider, wallet.grants) == (running, (GRANT,))
        here.settings.change({"provider.enabled": False})
        await here.until(lambda: here.detail == "2 of the demo network")
        assert wallet.grants == ()
        here.settings.change({"provider.enabled": True})
        await here.until(lambda: here.detail == LOCKED)
        await wallet.unlock(PASSPHRASE)
        await here.until(lambda: serving.provider is not None)
        assert serving.demo is demo, "sessions with the others go on"
        await wallet.erase(PASSPHRASE, "erase")
        await here.until(lambda: here.money.wallet is wallet and wallet.state.borrowed)


async def test_what_the_file_says_is_told_while_it_runs(tmp_path: Path) -> None:
    async with desk(tmp_path, network="demo", **LOOPBACK) as here:
        await here.until(lambda: here.serving.provider is not None)
        assert here.serving.problem is not None
        assert "models-config.json" in here.serving.problem.message
        assert here.detail.endswith(", 0 models")
        model = {"modelId": "0x" + "5a" * 32, "apiType": "local"}
        here.paths.served_models.write_text(json.dumps({"models": [model]}))
        began = time.monotonic()
        await here.until(lambda: here.detail.endswith(", 1 model"))
        assert time.monotonic() >= began
        assert here.serving.problem is None
