"""The market page with a thousand models: reading them, opening, filtering and sorting."""

import asyncio
import json
import time
from dataclasses import asdict

import router.ethereum  # noqa: F401 - puts the recursion limit back
from benchmarks.anvil import anvil
from benchmarks.chain import ANVIL_OPTIONS, MODELS, QUICK_MODELS, RUNS, network_on
from benchmarks.child import Answer, Child
from benchmarks.market import fill
from benchmarks.report import Figure, show
from benchmarks.screen import screen
from router.devnet.accounts import FUNDING, OWNER
from router.devnet.deploy import deploy

MOST_MS = 50


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken.

    Raises:
        RuntimeError: something could not be measured; anvil is needed.
    """
    runs = 1 if quick else RUNS
    with screen():
        times = asyncio.run(_measured(runs, QUICK_MODELS if quick else MODELS))
    for name in ("open_ms", "filter_ms", "sort_ms", "load_gap_max_ms"):
        show(Figure("market", name, times[name], "ms", at_most=MOST_MS))
    show(Figure("market", "load_s", times["load_s"], "s"))
    return 0


async def _measured(runs: int, models: int) -> Answer:
    async with anvil(int(time.time()), ANVIL_OPTIONS) as url:
        deployment = await deploy(url, OWNER.key, FUNDING.key)
        await fill(url, deployment, models)
        network = json.dumps(asdict(network_on(url, deployment)))
        return await asyncio.to_thread(_ask, network, runs)


def _ask(network: str, runs: int) -> Answer:
    with Child("market_window", network, str(runs)) as child:
        return child.next()
