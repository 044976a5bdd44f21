"""The market page in a window of its own, over a node that is there.

`python -m benchmarks.market_window NETWORK RUNS` says one JSON object: milliseconds of each run.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

import qasync
from PySide6.QtWidgets import QApplication

import router.ethereum  # noqa: F401 - before the chain, as the app does
from benchmarks.child import Answer, say
from benchmarks.gaps import GapMeter
from benchmarks.waiting import until
from morpheus_desktop.garbage import WindowGarbage
from morpheus_desktop.market.body import MarketBody
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import MODEL_KEYS, MarketViewModel, Source
from router.chain.client import Chain
from router.chain.marketplace import Marketplace
from router.chain.nodes import Nodes
from router.chain.records import Provider
from router.consumer.records import RatedBid
from router.events import Emitter
from router.networks import Network

SIZE = 1064, 792
FILTERS: tuple[dict[str, object], ...] = (
    {"query": "7"},
    {"query": ""},
    {"kind": "chat"},
    {"kind": None},
    {"online": False},
    {"online": True},
    {"price": 10**18, "price_per_s": 3600},
    {"price": None},
)


class Page:
    """The page over what a node has."""

    def __init__(self, nodes: Nodes, network: Network) -> None:
        market = Marketplace(Chain(nodes), network)

        async def rated(_model_id: str) -> list[RatedBid]:
            return []

        async def ping(_provider: Provider) -> float:
            return 0.04

        self.vm = MarketViewModel(
            Source(
                Emitter(),
                lambda: network,
                market.market,
                market.supply_and_budget,
                rated,
                ping,
                lambda: "",
            )
        )
        self.vm.failed.connect(sys.excepthook)
        self.theme = Theme("dark", 1.0)
        self.body = self.make()

    def make(self) -> MarketBody:
        """A page that is shown and painted."""
        body = MarketBody(self.vm, self.theme)
        body.resize(*SIZE)
        body.show()
        body.repaint()
        return body

    async def load(self) -> tuple[float, float]:
        """Seconds until all is there and painted, and the longest gap meanwhile."""
        meter, started = GapMeter(), perf_counter()
        meter.start()
        self.vm.refresh()
        await until(lambda: not self.vm.reading, self.vm.changed)
        took = perf_counter() - started
        await asyncio.sleep(0.3)  # what it left for later turns of the loop
        meter.stop()
        if self.vm.problem is not None:
            raise RuntimeError(str(self.vm.problem))
        return took, max(meter.gaps_ms)

    def painted(self, act: Callable[[], object]) -> float:
        """Milliseconds until the change is on the screen."""
        started = perf_counter()
        act()
        self.body.models.viewport().repaint()
        return (perf_counter() - started) * 1000


async def _measure(app: QApplication, network: Network, runs: int) -> Answer:
    nodes = Nodes(network.chain_id, network.nodes, try_s=60)
    page = Page(nodes, network)
    page.theme.apply(app)
    garbage = WindowGarbage()
    found: dict[str, list[float]] = {
        name: [] for name in ("open_ms", "filter_ms", "sort_ms", "load_gap_max_ms", "load_s")
    }
    try:
        for _ in range(runs):
            took, gap = await page.load()
            found["load_s"].append(took)
            found["load_gap_max_ms"].append(gap)
            started = perf_counter()
            other = page.make()
            found["open_ms"].append((perf_counter() - started) * 1000)
            other.hide()
            other.deleteLater()
            filters = [page.painted(partial(page.vm.set_filters, **each)) for each in FILTERS]
            orders = [
                page.painted(partial(page.vm.sort_models, key, down))
                for key in MODEL_KEYS
                for down in (True, False)
            ]
            found["filter_ms"].append(max(filters))
            found["sort_ms"].append(max(orders))
            await asyncio.sleep(0.1)
    finally:
        page.body.hide()
        await page.vm.close()
        await nodes.close()
        garbage.stop()
    return found


def main(argv: list[str]) -> int:
    """Measure and tell."""
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    values = json.loads(argv[0])
    network = Network(**(values | {"nodes": tuple(values["nodes"])}))
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        say(runner.run(_measure(app, network, int(argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
