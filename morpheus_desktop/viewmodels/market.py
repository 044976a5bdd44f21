"""The market page: all models of the network, the bids of one, filtered and sorted.

Made when money is loaded (see router.money): it brings web3 along.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal

from morpheus_desktop.viewmodels.market_kept import RATING, UNIT_S, Kept, Unit
from morpheus_desktop.viewmodels.market_rows import (
    UNKNOWN,
    BidRow,
    Filters,
    Kind,
    ModelRow,
    Reach,
    bid_rows,
    filters_set,
    fitting,
    model_rows,
    sorted_rows,
    tightest,
)
from morpheus_desktop.viewmodels.watching import Watching
from router.chain.marketplace import Market
from router.chain.records import Provider
from router.chain.session_cost import stake_for
from router.consumer.records import RatedBid
from router.errors import ChainUnavailable, MorpheusError
from router.events import Emitter
from router.networks import DEMO, Network

READ_EVERY_S = 60.0
# Its providers come while one looks, and reading it costs no request of anybody's node.
READ_DEMO_EVERY_S = 3.0
STALE_S = 180.0
# A provider is asked again no sooner than this.
PING_EVERY_S = 60.0
# A provider that did not answer is given another chance after this.
FORGET_S = 300.0
PINGS_AT_ONCE = 4
# Answers of providers come in dozens; the tables follow that often.
SHOW_MS = 100

MODEL_KEYS: dict[str, Callable[[ModelRow], Any]] = {
    "name": lambda row: row.name.casefold(),
    "kind": lambda row: row.kind,
    "privacy": lambda row: row.tee,
    "bids": lambda row: row.bids,
    "price": lambda row: row.price,
    "speed": lambda row: row.tokens_per_s,
    "stake": lambda row: row.price,
}
BID_KEYS: dict[str, Callable[[BidRow], Any]] = {
    RATING: lambda row: 0,
    "provider": lambda row: row.provider.casefold(),
    "price": lambda row: row.price,
    "per_second": lambda row: row.price,
    "score": lambda row: row.quality,
    "speed": lambda row: row.tokens_per_s,
    "first": lambda row: row.first_token_s,
    "success": lambda row: row.success,
    "ping": lambda row: row.reach.ms if row.reach.state == "up" else None,
    "stake": lambda row: row.price,
}
# A filter that lets everything through.
CLEARED: dict[str, Any] = {
    "query": "",
    "kind": None,
    "tee": False,
    "online": False,
    "price": None,
}


class Source:
    """What the page needs of the network that is connected.

    Args:
        changed: perhaps another network, or none.
        network: the one that is connected.
        market: reads everything. rated: the bids of a model in order.
        budget: supply and the day's budget at a time, in wei.
        ping: asks a provider; seconds until it answered.
        cannot_open: why no session can be opened now, in a sentence; empty when one can.
    """

    def __init__(
        self,
        changed: Emitter[None],
        network: Callable[[], Network | None],
        market: Callable[[], Awaitable[Market]],
        budget: Callable[[int], Awaitable[tuple[int, int]]],
        rated: Callable[[str], Awaitable[list[RatedBid]]],
        ping: Callable[[Provider], Awaitable[float]],
        cannot_open: Callable[[], str],
    ) -> None:
        self.changed = changed
        self.network = network
        self.market = market
        self.budget = budget
        self.rated = rated
        self.ping = ping
        self.cannot_open = cannot_open


class MarketViewModel(Watching):
    """Reads while somebody looks; `watch` says so.

    Signals:
        changed: facts, filters, problems: everything but the rows.
        models_changed, bids_changed: other rows, or other order.
        kept_changed: what is kept between starts is another.

    Attributes:
        market: the last reading, None before the first.
        problem: why the last reading failed; what was read before stays.
        kept: how somebody looks at it.
    """

    changed = Signal()
    models_changed = Signal()
    bids_changed = Signal()
    kept_changed = Signal()

    def __init__(
        self,
        source: Source,
        kept: Kept = Kept(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(STALE_S, clock)
        self.market: Market | None = None
        self.problem: MorpheusError | None = None
        self.models: list[ModelRow] = []
        self.bids: list[BidRow] = []
        self.chosen = ""
        self.kept = kept
        self.reach: dict[str, Reach] = {}
        self._source = source
        self._all: list[ModelRow] = []
        self._rated: list[RatedBid] = []
        self._supply = self._budget = 0
        self._network = source.network()
        self._reading = False
        self._asked: dict[str, float] = {}
        self._soon = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._soon.timeout.connect(self._show_reach)
        self._was_stale = False
        self._pinging = asyncio.Semaphore(PINGS_AT_ONCE)
        self._unsubscribe = source.changed.subscribe(lambda _: self._network_changed())

    async def close(self) -> None:
        """Stop listening and end what runs."""
        self._soon.stop()
        self._unsubscribe()
        await self._tasks.close()

    # How things are

    @property
    def connected(self) -> bool:
        """Whether there is a network to read."""
        return self._source.network() is not None

    @property
    def on_demo(self) -> bool:
        """Whether it is the market of the demo network."""
        network = self._source.network()
        return network is not None and network.name == DEMO

    @property
    def reading(self) -> bool:
        """Whether an answer is waited for."""
        return self._reading

    @property
    def cannot_open(self) -> str:
        """Why no session can be opened now, in a sentence; empty when one can."""
        if self.stale:
            return "The prices are old. They have to be read again first."
        if isinstance(self.problem, ChainUnavailable):
            return "The network does not answer. Sessions can be opened when it does again."
        return self._source.cannot_open()

    @property
    def filters(self) -> Filters:
        """What is looked for."""
        return self.kept.filters

    @property
    def unit(self) -> Unit:
        """For how long prices are shown."""
        return self.kept.unit

    @property
    def stake_seconds(self) -> int:
        """How long the session is for which stakes are shown."""
        return self.kept.stake_seconds

    @property
    def totals(self) -> tuple[int, int]:
        """Models and bids there are, whatever the filters."""
        return len(self._all), sum(row.bids for row in self._all)

    @property
    def tightest(self) -> tuple[str, int]:
        """The filter that hides most, when nothing fits; see market_rows.tightest."""
        return tightest(self._all, self.filters, self.reach)

    @property
    def filters_set(self) -> list[str]:
        """The names of the filters that hide something, or could."""
        return filters_set(self.filters)

    @property
    def chosen_row(self) -> ModelRow | None:
        """The model whose bids are shown."""
        return next((row for row in self._all if row.id == self.chosen), None)

    def stake(self, price: int | None) -> int | None:
        """MOR that a session of the chosen length holds at a price, in wei; None if unknown."""
        if price is None or not self._budget:
            return None
        return stake_for(price, self.stake_seconds, self._supply, self._budget)

    def reach_of(self, provider: str) -> Reach:
        """Whether a provider answers, as far as it was asked."""
        return self.reach.get(provider, UNKNOWN)

    # What somebody wants

    def set_filters(self, **values: Any) -> None:
        """Change filters by name: query, kind, tee, online, price, price_per_s."""
        self._keep(filters=replace(self.filters, **values))
        self._show_models()
        self.changed.emit()

    def set_kind(self, kind: Kind | None) -> None:
        """Show models of one kind only."""
        self.set_filters(kind=kind)

    def clear_filter(self, name: str) -> None:
        """Take one filter away; the names are those of `tightest`."""
        self.set_filters(**{name: CLEARED[name]})

    def clear_filters(self) -> None:
        """Take all of them away, the search too."""
        self.set_filters(**CLEARED)

    def set_unit(self, unit: Unit) -> None:
        """Show prices by second, hour or day; the highest price that is looked for goes along."""
        filters, seconds = self.filters, UNIT_S[unit]
        if filters.price is not None:
            price = filters.price * seconds // filters.price_per_s
            filters = replace(filters, price=price, price_per_s=seconds)
        self._keep(unit=unit, filters=filters)
        self._tell_all()

    def set_stake_seconds(self, seconds: int) -> None:
        """Show the stake of sessions this long."""
        self._keep(stake_seconds=seconds)
        self._tell_all()

    def sort_models(self, key: str, descending: bool) -> None:
        """Order the models by a column."""
        self._keep(model_order=(key, descending))
        self._show_models()

    def sort_bids(self, key: str, descending: bool) -> None:
        """Order the bids by a column, or by RATING."""
        self._keep(bid_order=(key, descending))
        self._show_bids()

    def set_split(self, heights: tuple[int, ...]) -> None:
        """Remember how the page is divided."""
        self._keep(split=heights)

    def star(self, model_id: str) -> None:
        """Mark a model, or take the mark away."""
        self._keep(stars=self.kept.stars ^ {model_id})
        self._all = [
            replace(row, favourite=row.id in self.kept.stars) if row.id == model_id else row
            for row in self._all
        ]
        self._show_models()

    def choose(self, model_id: str) -> None:
        """Show the bids of a model."""
        if model_id == self.chosen:
            return
        self.chosen = model_id
        self._rated = []
        self._show_bids()
        self.changed.emit()
        self._rate()

    def look_at(self, providers: Sequence[str]) -> None:
        """These can be seen: ask those that were not asked lately."""
        market, now = self.market, self._clock()
        for address in dict.fromkeys(providers):
            provider = market.providers.get(address) if market is not None else None
            if provider is not None and now - self._asked.get(address, 0.0) >= PING_EVERY_S:
                self.ask(provider)

    def ask_again(self, address: str) -> None:
        """Ask a provider now, whenever it was asked before."""
        provider = self.market.providers.get(address) if self.market is not None else None
        if provider is not None:
            self.ask(provider)

    def ask(self, provider: Provider) -> None:
        """See whether a provider answers."""
        self._asked[provider.address] = self._clock()
        self._tasks.start(f"ping {provider.address}", self._ping(provider))

    # Reading

    def refresh(self) -> None:
        """Read now, unless it is being read."""
        if self.connected and not self._reading:
            self._reading = True
            self._tasks.start("read", self._read())
            self.changed.emit()

    @property
    def _is_known(self) -> bool:
        return self.market is not None

    async def _watch(self) -> None:
        while True:
            if self.age_s >= (READ_DEMO_EVERY_S if self.on_demo else READ_EVERY_S):
                self.refresh()
            if self.stale != self._was_stale:
                self._was_stale = self.stale
                self._tell_all()
            await asyncio.sleep(1.0)

    async def _read(self) -> None:
        try:
            market = await self._source.market()
            supply, budget = await self._source.budget(market.timestamp)
            rows = await asyncio.to_thread(model_rows, market, self.kept.stars)
            self._supply, self._budget = supply, budget
            self._take(market, rows)
        except MorpheusError as error:
            self.problem = error
        except Exception:
            self._reading = False
            raise
        # When it is cancelled, another one may be reading already.
        self._reading = False
        self.changed.emit()

    def _take(self, market: Market, rows: list[ModelRow]) -> None:
        self.market, self.problem, self._read_at = market, None, self._clock()
        self._all = rows
        self._forget_old_failures()
        if self.chosen_row is None:
            self.chosen, self._rated = "", []
        self._show_models()
        self._show_bids()
        self._rate()

    def _forget_old_failures(self) -> None:
        """What is hidden is not seen, and what is not seen is not asked."""
        now = self._clock()
        for address, found in tuple(self.reach.items()):
            if found.state == "down" and now - found.at > FORGET_S:
                del self.reach[address]

    def _rate(self) -> None:
        if self.chosen and self.market is not None and self.connected:
            self._tasks.start("rate", self._read_rated(self.chosen))

    async def _read_rated(self, model_id: str) -> None:
        try:
            rated = await self._source.rated(model_id)
        except MorpheusError as error:
            if model_id == self.chosen:
                self.problem = error
                self.changed.emit()
            return
        if model_id == self.chosen:
            self._rated = rated
            self._show_bids()

    async def _ping(self, provider: Provider) -> None:
        address = provider.address
        async with self._pinging:
            before = self.reach_of(address)
            if before.state == "unknown":
                self._set_reach(address, Reach("asking"))
            try:
                took = await self._source.ping(provider)
            except MorpheusError as error:
                self._set_reach(address, Reach("down", why=error.message, at=self._clock()))
            else:
                self._set_reach(address, Reach("up", max(round(took * 1000), 1)))

    def _set_reach(self, address: str, reach: Reach) -> None:
        self.reach[address] = reach
        if not self._soon.isActive():
            self._soon.start()

    def _show_reach(self) -> None:
        self._show_models()
        self._show_bids()

    # Showing

    def _show_models(self) -> None:
        key, descending = self.kept.model_order
        found = fitting(self._all, self.filters, self.reach)
        self.models = sorted_rows(found, MODEL_KEYS[key], descending=descending)
        self.models_changed.emit()

    def _show_bids(self) -> None:
        offers = self.market.offers.get(self.chosen, ()) if self.market is not None else ()
        key, descending = self.kept.bid_order
        rows = bid_rows(offers, self._rated, self.reach)
        self.bids = sorted_rows(rows, BID_KEYS[key], descending=descending)
        self.bids_changed.emit()

    def _keep(self, **values: Any) -> None:
        self.kept = replace(self.kept, **values)
        self.kept_changed.emit()

    def _tell_all(self) -> None:
        self.models_changed.emit()
        self.bids_changed.emit()
        self.changed.emit()

    def _network_changed(self) -> None:
        """What was read of another network is not this one's."""
        before, self._network = self._network, self._source.network()
        if before == self._network:
            return
        self._tasks.cancel("read")
        self._tasks.cancel("rate")
        for address in self._asked:
            self._tasks.cancel(f"ping {address}")
        self._reading = False
        self.market, self.problem = None, None
        self._all, self._rated, self.chosen, self._read_at = [], [], "", 0.0
        self.reach.clear()
        self._asked.clear()
        self._show_models()
        self._show_bids()
        self.refresh()
        self.changed.emit()
