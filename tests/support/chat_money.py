"""Sessions as the chat page sees them: a connected network of which a test says what is open."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from router.chain.marketplace import Account
from router.chain.records import Bid, Model, Session
from router.consumer.records import Opening, SessionPhase, SessionView
from router.events import Emitter
from router.networks import NETWORKS, Network
from router.units import WEI
from tests.support.money_desk import MoneyBench

MODEL = "0x" + "aa" * 32
PROVIDER = "0x9E042Bd3b1Dd9C3bbCf5d5b8F6a7B7e5C46ea8F9"
OTHER = "0xa69b5C2B1bE0b1A4c7C0C4e4A8C6bb0c12341D7d"
NOW = 1_790_000_000
HOUR = 3_600


def session_view(
    number: int = 1,
    *,
    model: str = MODEL,
    name: str = "Llama 3.3 70B",
    provider: str = PROVIDER,
    left: int = 2_538,
    phase: SessionPhase = "open",
    price: int = 12_500_000_000_000,
    is_direct: bool = False,
    **others: Any,
) -> SessionView:
    """A session of an hour with so many seconds left."""
    ends_at = NOW + left
    id_ = f"0x{number:064x}"
    bid = Bid(f"0x{number:064x}", provider, model, price, number, NOW, 0)
    closed_at = NOW if phase == "closed" else 0
    session = Session(
        id_, "0x1", bid.id, 12 * WEI + WEI * 15 // 100, b"", 0, 0, ends_at - HOUR, ends_at,
        closed_at, not closed_at, is_direct,
    )  # fmt: skip
    on_chain = Model(model, "", 0, 0, "0x1", name, (), NOW, is_deleted=False)
    return SessionView(
        session, bid, on_chain, provider, phase, NOW, max(left, 0), ends_at, **others
    )


@dataclass
class StatedSessions:
    """Stands for router.consumer.sessions."""

    views: tuple[SessionView, ...] = ()
    openings: tuple[Opening, ...] = ()
    claimable: int = 0
    account: Account | None = None
    changed: Emitter[None] = field(default_factory=Emitter)
    opening_changed: Emitter[Opening] = field(default_factory=Emitter)
    warned: Emitter[SessionView] = field(default_factory=Emitter)


@dataclass(frozen=True)
class Connected:
    """What of a connection the chat page looks at."""

    sessions: StatedSessions
    network: Network = NETWORKS["base"]


class ChatMoney:
    """Money that is not loaded until `open`, and a network that is not connected until `connect`."""

    def __init__(self, folder: Path) -> None:
        self._bench = MoneyBench(folder)
        self.money = self._bench.money
        self.wallet = self._bench.wallet
        self.sessions = StatedSessions()
        self.network = NETWORKS["base"]
        self.is_connected = False
        self.changed: Emitter[None] = Emitter()

    @property
    def connection(self) -> Connected:
        """As Funds.connection."""
        return Connected(self.sessions, self.network)

    def open(self, *, key: str = "11" * 32) -> None:
        """Everything is loaded, with an account that can sign."""
        self._bench.open()
        self.money.funds = self  # type: ignore[assignment]
        if key:
            self.wallet.borrow(bytes.fromhex(key))
        self.money.loaded.emit(None)

    def connect(self, *, phase: Literal["ready", "failed", "starting"] = "ready") -> None:
        """The network is like this from now on."""
        self.is_connected = phase == "ready"
        part = self.money.chain_part
        part.state = replace(part.state, phase=phase)
        self.changed.emit(None)
        part.changed.emit(part.state)

    async def stop(self) -> None:
        """As Funds.stop."""
        self.is_connected = False

    def show(self, *views: SessionView) -> None:
        """These are all sessions."""
        self.sessions.views = views
        self.sessions.changed.emit(None)

    def ready(self, *views: SessionView) -> None:
        """Loaded, connected and read."""
        self.open()
        self.connect()
        self.show(*views)
