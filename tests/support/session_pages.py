"""What the pages of market and staking stand on, without a chain: it has what it is told to."""

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

from router.chain.marketplace import Account, Market, Offer
from router.chain.records import Bid, BidStats, Model, Provider, Session, Spread
from router.consumer.closings import Closing
from router.consumer.records import (
    Ending,
    Evidence,
    Opening,
    Quote,
    RatedBid,
    Returned,
    SessionView,
    Way,
)
from router.devnet.deploy import MOR
from router.errors import BackendError, MorpheusError, WalletLocked
from router.events import Emitter
from router.networks import NETWORKS, Network
from router.wallet.wallet import WalletState

HOUR, DAY = 3600, 86_400
# Noon UTC.
NOON = 1_768_564_800
USER = "0x" + "77" * 20
SUPPLY, BUDGET = 7_273_912 * MOR, 22_970 * MOR
PRICE = 10**13


class Clock:
    """Seconds that stand still until somebody moves them."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def provider_of(number: int) -> str:
    """The address of a provider."""
    return "0x" + f"{number + 0x11:02x}" * 20


def id_of(number: int) -> str:
    """The id of anything."""
    return "0x" + f"{number + 1:064x}"


def a_model(number: int, name: str = "", tags: tuple[str, ...] = ("llm",)) -> Model:
    name = name or f"Model {number}"
    return Model(id_of(number), id_of(9), 0, 1, provider_of(0), name, tags, 1, False)


def a_bid(number: int, model: int = 0, provider: int = 0, price: int = PRICE) -> Bid:
    return Bid(id_of(1000 + number), provider_of(provider), id_of(model), price, 0, 1, 0)


def stats(sessions: int = 40, tokens_per_s: float = 60.0) -> BidStats:
    """Of a provider with so many sessions, of which one in twenty failed."""
    speed, first = Spread(round(tokens_per_s * 1000), 1), Spread(620, 1)
    return BidStats(speed, first, 1000, sessions * 19 // 20, sessions)


def a_market(models: int = 3, bids: int = 2, names: tuple[str, ...] = ()) -> Market:
    """So many models, each with so many bids; later ones are dearer."""
    made = [a_model(n, names[n] if n < len(names) else "") for n in range(models)]
    offers = {
        model.id: tuple(
            Offer(a_bid(m * bids + b, m, b, PRICE * (1 + m + b)), stats(40 * b, 40.0 + b))
            for b in range(bids)
        )
        for m, model in enumerate(made)
    }
    providers = {
        provider_of(b): Provider(provider_of(b), f"host{b}.example:3333", MOR, 1, 1, 0, False)
        for b in range(bids)
    }
    return Market(31_203_590, NOON, tuple(made), offers, providers)


def rated(market: Market, model_id: str) -> list[RatedBid]:
    """All bids of a model, the dearest with the best score."""
    parts = (("tps", 0.2), ("ttft", 0.05), ("duration", 0.2), ("success", 0.3), ("stake", 0.1))
    return [
        RatedBid(
            offer.bid, market.providers[offer.bid.provider], offer.stats, 1.0, parts, Evidence()
        )
        for offer in reversed(market.offers.get(model_id, ()))
    ]


def a_quote(
    seconds: int = HOUR, *, is_direct: bool = False, balance: int = 100 * MOR, **changes: object
) -> Quote:
    """A quote at noon under the careful rule: what was used today is held until midnight."""
    amount, cost = 12 * MOR * seconds // HOUR, PRICE * seconds
    spent = cost if is_direct else 0
    midnight, held = NOON - NOON % DAY + DAY, amount // 3
    endings = (
        Ending("now", NOON + 300, amount - held, held - spent, midnight, spent, cost, 2),
        Ending("natural", NOON + seconds, held, amount - held - spent, midnight, spent, cost, 2),
        Ending("after_midnight", midnight + 60, amount - spent, 0, 0, spent, cost, 1),
    )
    model, bid = a_model(0, "Llama 3.3 70B"), a_bid(0)
    provider = Provider(bid.provider, "host0.example:3333", MOR, 1, 1, 0, False)
    made = Quote(
        31_203_590, NOON, model, bid, provider, seconds, seconds, is_direct, amount, cost, 0,
        balance, 10**15, 4 * 10**12, 5 * 10**12, "day-lock", True, MOR, 10 * MOR, endings, 8453,
        "0x" + "77" * 20,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def an_opening(step: str = "provider", **changes: object) -> Opening:
    """A session on its way."""
    quote = changes.pop("quote", None) or a_quote()
    return Opening(1, quote, step, float(NOON), **changes)  # type: ignore[arg-type]


def a_view(
    number: int = 0, phase: str = "open", *, left: int = HOUR, **changes: object
) -> SessionView:
    """A session of two hours with 12 MOR that has so many seconds left at noon."""
    ends = NOON + left
    closed = ends if phase == "closed" else 0
    session = Session(
        id_of(5000 + number), USER, id_of(1000), 12 * MOR, b"", 0, 0, ends - 2 * HOUR, ends,
        closed, True, False,
    )  # fmt: skip
    view = SessionView(
        session, a_bid(0), a_model(0, "Llama 3.3 70B"), provider_of(0),
        phase, NOON, left if phase == "open" else 0, ends,  # type: ignore[arg-type]
    )  # fmt: skip
    return replace(view, **changes)  # type: ignore[arg-type]


def an_account(
    *sessions: Session, mor: int = 86 * MOR, claimable: int = 0, on_hold: int = 0
) -> Account:
    return Account(31_203_590, NOON, 10**18, mor, 0, claimable, on_hold, sessions)


class StatedSessions:
    """Has the sessions it is given; remembers what it was asked for.

    Attributes:
        problem: raised by every reading; opening_problem: by `open`.
        held: no quote is given before it is set.
    """

    def __init__(self) -> None:
        self.changed: Emitter[None] = Emitter()
        self.opening_changed: Emitter[Opening] = Emitter()
        self.warned: Emitter[SessionView] = Emitter()
        self.views: tuple[SessionView, ...] = ()
        self.openings: tuple[Opening, ...] = ()
        self.account: Account | None = None
        self.market = a_market()
        self.closings = StatedClosings()
        self.problem: MorpheusError | None = None
        self.opening_problem: MorpheusError | None = None
        self.closing_problem: MorpheusError | None = None
        self.quoted: list[tuple[str, int, bool]] = []
        self.extended: list[str] = []
        self.asked: list[tuple[object, ...]] = []
        self.balance = 100 * MOR
        self.held = asyncio.Event()
        self.held.set()

    @property
    def claimable(self) -> int:
        return self.account.claimable if self.account is not None else 0

    def show(self, *views: SessionView, **values: int) -> None:
        """Have these sessions from now on."""
        self.views = views
        self.account = an_account(*(view.session for view in views), **values)
        self.changed.emit(None)

    def step(self, opening: Opening) -> None:
        """An opening is so from now on."""
        self.openings = (opening,)
        self.opening_changed.emit(opening)

    async def refresh(self) -> tuple[SessionView, ...]:
        if self.problem is not None:
            raise self.problem
        self.account = replace(self.account or an_account())
        self.changed.emit(None)
        return self.views

    async def rated(self, model_id: str) -> list[RatedBid]:
        return rated(self.market, model_id)

    async def extend(self, view: SessionView, seconds: int, *, is_direct: bool) -> Quote:
        self.extended.append(view.id)
        return await self.quote(view.session.bid_id, seconds, is_direct=is_direct)

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        await self.held.wait()
        self.quoted.append((bid_id, seconds, is_direct))
        if self.problem is not None:
            raise self.problem
        return a_quote(seconds, is_direct=is_direct, balance=self.balance)

    async def open(self, quote: Quote) -> Opening:
        if self.opening_problem is not None:
            raise self.opening_problem
        self.asked.append(("open", quote))
        opening = an_opening(quote=quote)
        self.openings = (opening,)
        return opening

    async def _act(self, what: str, opening_id: int) -> Opening:
        self.asked.append((what, opening_id))
        step = {"give_up": "given_up"}.get(what, "provider")
        opening = replace(self.openings[0], step=step, error=None, worse=None, failed_at=None)
        self.step(opening)
        return opening

    async def agree(self, opening_id: int) -> Opening:
        return await self._act("agree", opening_id)

    async def retry(self, opening_id: int) -> Opening:
        return await self._act("retry", opening_id)

    async def give_up(self, opening_id: int) -> Opening:
        return await self._act("give_up", opening_id)

    async def prepare_close(self, session_id: str, *, ours: bool = False) -> Closing:
        if self.problem is not None:
            raise self.problem
        (view,) = [view for view in self.views if view.id == session_id]
        midnight = NOON - NOON % DAY + DAY
        preview = Ending("now", NOON, 8 * MOR, 4 * MOR, midnight, 0, PRICE, 2)
        prepared = None if self.closing_problem is not None else SimpleNamespace(unusual_fee=False)
        by = "us" if ours else "provider"
        return Closing(view, preview, by, prepared, self.closing_problem)  # type: ignore[arg-type]

    async def close(self, closing: Closing, *, accept_unusual_fee: bool = False) -> object:
        if self.closing_problem is not None:
            raise self.closing_problem
        self.asked.append(("close", closing.session.id))
        return SimpleNamespace()

    async def close_at(self, session_id: str, way: Way) -> None:
        self.asked.append(("close_at", session_id, way))


class StatedClosings:
    """What closings gave back, of those that it is told of."""

    def __init__(self) -> None:
        self.given: dict[str, Returned] = {}
        self.problem: MorpheusError | None = None
        self.asked: list[str] = []

    async def returned(self, view: SessionView) -> Returned | None:
        self.asked.append(view.id)
        if self.problem is not None:
            raise self.problem
        return self.given.get(view.id)


class StatedProviders:
    """Providers that answer, but for those that are silent; they can be held back."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.pinged: list[str] = []
        self.answer = asyncio.Event()
        self.answer.set()

    async def ping(self, provider: Provider) -> SimpleNamespace:
        self.pinged.append(provider.address)
        await self.answer.wait()
        if provider.address in self.silent:
            raise BackendError("It did not answer within 10 s.")
        return SimpleNamespace(milliseconds=40)


@dataclass
class StatedMarket:
    """The contract's side of the market."""

    sessions: StatedSessions
    problem: MorpheusError | None = None
    read: int = 0

    async def market(self) -> Market:
        self.read += 1
        if self.problem is not None:
            raise self.problem
        return self.sessions.market

    async def supply_and_budget(self, timestamp: int) -> tuple[int, int]:
        assert timestamp == NOON
        return SUPPLY, BUDGET

    async def providers(self, addresses: list[str]) -> list[Provider]:
        found = self.sessions.market.providers
        return [found[address] for address in addresses if address in found]


class StatedDemo:
    """A demo network of which only the time is asked."""

    def __init__(self) -> None:
        self.skipped: list[int] = []

    async def skip(self, seconds: int) -> None:
        self.skipped.append(seconds)


@dataclass
class SessionPages:
    """Money of a node, as far as these pages use it; it takes the place of Funds."""

    network: Network = NETWORKS["base"]
    is_connected: bool = True
    address: str = USER
    changed: Emitter[None] = field(default_factory=Emitter)
    sessions: StatedSessions = field(default_factory=StatedSessions)
    providers: StatedProviders = field(default_factory=StatedProviders)
    demo: StatedDemo | None = None

    def __post_init__(self) -> None:
        self.market = StatedMarket(self.sessions)

    @property
    def connection(self) -> "SessionPages":
        assert self.is_connected
        return self

    def connect(self, network: Network | None) -> None:
        """Another network is connected from now on, or none."""
        self.is_connected = network is not None
        self.network = network or self.network
        self.changed.emit(None)


class StatedWallet:
    """A wallet that is locked or not, as it is told."""

    def __init__(self, kind: str = "unlocked") -> None:
        self.changed: Emitter[WalletState] = Emitter()
        self.state = WalletState(kind, USER)  # type: ignore[arg-type]

    def become(self, kind: str) -> None:
        self.state = replace(self.state, kind=kind)  # type: ignore[arg-type]
        self.changed.emit(self.state)

    def signer(self) -> object:
        if self.state.kind == "locked":
            raise WalletLocked("The wallet is locked.")
        return object()
