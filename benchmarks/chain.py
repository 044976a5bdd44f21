"""Wallet and chain: reading a market, unlocking, signing, starting the demo network, being mined."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter

import router.ethereum  # noqa: F401 - puts the recursion limit back
from benchmarks.anvil import anvil
from benchmarks.child import Child
from benchmarks.market import BIDS, fill
from benchmarks.report import Figure, show
from benchmarks.screen import screen
from router.chain.client import Chain
from router.chain.journal import Journal
from router.chain.marketplace import Marketplace
from router.chain.nodes import Nodes
from router.chain.preparing import Intent
from router.chain.tx import TxManager
from router.devnet.accounts import FUNDING, OWNER
from router.devnet.deploy import Deployment, deploy
from router.devnet.process import DemoChain
from router.networks import NETWORKS, Network
from router.wallet.account import Account

RUNS = 5
MODELS, EMBEDDED_MODELS = 1000, 33
QUICK_MODELS, QUICK_EMBEDDED_MODELS = 20, 2
MOST_REQUESTS = 40
# So that a market of thousands fits into few blocks.
ANVIL_OPTIONS = ("--gas-limit", "1000000000000", "--code-size-limit", "49152")
STRANGER = "0x" + "12" * 20


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken.

    Raises:
        RuntimeError: something could not be measured; anvil is needed.
    """
    runs = 1 if quick else RUNS
    with screen(), Child("unlocking", str(runs)) as child:
        times = child.next()
    _show("unlock_ms", times["unlock"], "ms")
    _show("unlock_gap_max_ms", times["gaps"], "ms", 25)
    _show("sign_ms", times["sign"], "ms")
    asyncio.run(_on_the_demo_network(runs, QUICK_EMBEDDED_MODELS if quick else EMBEDDED_MODELS))
    asyncio.run(_on_anvil(runs, QUICK_MODELS if quick else MODELS))
    return 0


async def _on_the_demo_network(runs: int, models: int) -> None:
    starts = []
    for run in range(runs):
        demo = DemoChain()
        started = perf_counter()
        try:
            found = await demo.start()
            starts.append(perf_counter() - started)
            if run < runs - 1:
                continue
            _show("devnet_start_s", starts, "s", 5)
            network = network_on(found.url, found.deployment)
            await _be_mined(network, found.keys["user"], runs)
            await fill(found.url, found.deployment, models)
            seconds, _ = await _read_market(network, runs, models)
            _show("market_33x5_embedded_s", seconds, "s", 5)
        finally:
            await demo.stop()


async def _on_anvil(runs: int, models: int) -> None:
    async with anvil(int(time.time()), ANVIL_OPTIONS) as url:
        deployment = await deploy(url, OWNER.key, FUNDING.key)
        await fill(url, deployment, models)
        seconds, requests = await _read_market(network_on(url, deployment), runs, models)
    _show("market_1000x5_s", seconds, "s", 5)
    _show("market_1000x5_http_requests", requests, "requests", MOST_REQUESTS)


async def _read_market(network: Network, runs: int, models: int) -> tuple[list[float], list[float]]:
    """Seconds and requests of reading everything, each time as if the app had just started."""
    seconds, requests = [], []
    for _ in range(runs):
        async with _nodes(network) as nodes:
            started = perf_counter()
            market = await Marketplace(Chain(nodes), network).market()
            seconds.append(perf_counter() - started)
            requests.append(float(next(nodes._ids) - 1))
        offers = sum(len(found) for found in market.offers.values())
        if (len(market.models), offers, len(market.providers)) != (models, models * BIDS, BIDS):
            raise RuntimeError(f"the market has {len(market.models)} models, {offers} offers")
    return seconds, requests


async def _be_mined(network: Network, key: str, runs: int) -> None:
    """From the wish to send until its receipt is there, on a chain that mines at once."""
    account = Account(bytes.fromhex(key[2:]))
    times = []
    journal = Journal(None)
    await journal.open()
    try:
        async with _nodes(network) as nodes:
            chain = Chain(nodes)
            manager = TxManager(chain, network, journal, lambda: account)
            for number in range(runs + 1):
                started = perf_counter()
                # Equal payments one after the other are refused.
                intent = Intent(STRANGER, value=1 + number)
                record = await manager.submit(intent, account.address)
                if await chain.receipt(record.hash) is None:
                    raise RuntimeError("the demo network did not mine at once")
                times.append((perf_counter() - started) * 1000)
    finally:
        await journal.close()
    _show("mined_tx_ms", times[1:], "ms")


@asynccontextmanager
async def _nodes(network: Network) -> AsyncIterator[Nodes]:
    made = Nodes(network.chain_id, network.nodes, try_s=60)
    try:
        yield made
    finally:
        await made.close()


def network_on(url: str, deployment: Deployment) -> Network:
    """The demo network of a node."""
    return replace(
        NETWORKS["demo"],
        diamond=deployment.diamond,
        token=deployment.token,
        multicall=deployment.multicall,
        nodes=(url,),
    )


def _show(metric: str, values: list[float], unit: str, at_most: float | None = None) -> None:
    show(Figure("chain", metric, values, unit, at_most=at_most))
