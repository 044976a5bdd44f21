"""A wallet on disk without a network, as the window sees it; quick to encrypt, nothing else
differs from the real one."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from router.chain.accounts import Balance
from router.chain.client import Head
from router.chain.marketplace import Account
from router.chain.nodes import Nodes
from router.chain.session_cost import SessionCost
from router.config import Settings
from router.errors import ChainUnavailable, StorageError
from router.events import Emitter
from router.money import Money
from router.networks import NETWORKS, Network
from router.paths import Paths
from router.units import WEI
from router.wallet.autolock import AutoLock
from router.wallet.secret_store import Availability
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet

PASSWORD = "correct horse"
PHRASE = "abandon " * 11 + "about"
FIRST = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
QUICK = Cost(1, 8 * 4, 4)


@dataclass
class StatedFunds:
    """Has what it is told to; a network that cannot be reached while `problem` is set."""

    mor: int = 0
    eth: int = 0
    in_sessions: int = 0
    on_hold: int = 0
    problem: str = ""
    journal_problem: StorageError | None = None
    is_connected: bool = False
    block_time: int = 0
    asked: list[list[str]] = field(default_factory=list)
    changed: Emitter[None] = field(default_factory=Emitter)

    @property
    def connection(self) -> "StatedConnection":
        return StatedConnection(self)

    async def start(self) -> str:
        self._set(connected=True)
        return "Stated"

    async def stop(self) -> None:
        self._set(connected=False)

    async def give_play_money(self) -> None:
        pass

    def _set(self, *, connected: bool) -> None:
        self.is_connected = connected

    def _reach(self) -> None:
        if self.problem:
            raise ChainUnavailable(self.problem)

    async def account(self) -> "StatedAccount":
        self._reach()
        return StatedAccount(7, 7, self.eth, self.mor, 0, 0, self.on_hold, (), self.in_sessions)

    async def session_cost(self, seconds: int) -> SessionCost:
        self._reach()
        return SessionCost(12 * WEI, WEI // 1000)

    async def balances_of(self, addresses: list[str]) -> tuple[Balance, ...]:
        self._reach()
        self.asked.append(addresses)
        return tuple(Balance(number * WEI, 0) for number in range(len(addresses)))


@dataclass(frozen=True)
class StatedConnection:
    """What is connected: a chain with one block."""

    funds: StatedFunds
    network: Network = NETWORKS["base"]
    demo: None = None
    nodes: Nodes = field(default_factory=lambda: Nodes(8453, ["https://one.example/key-of-mine"]))

    @property
    def chain(self) -> "StatedConnection":
        return self

    async def head(self) -> Head:
        self.funds._reach()
        return Head(31_204_118, "0x", "0x", self.funds.block_time, 0)


@dataclass(frozen=True)
class StatedAccount(Account):
    """An account whose sessions hold so much."""

    held: int = 0

    @property
    def in_sessions(self) -> int:
        return self.held


class StatedKeychain:
    """Keeps secrets in memory, or says why not."""

    def __init__(self) -> None:
        self.reason = ""
        self.kept: dict[str, str] = {}

    async def availability(self) -> Availability:
        return Availability(not self.reason, "Test keychain", self.reason)

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def set(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    async def delete(self, name: str) -> None:
        self.kept.pop(name, None)


class MoneyBench:
    """The money of a window; `open` makes it as after its start."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "data")
        self.paths.prepare()
        self.settings = Settings(self.paths.settings)
        self.keychain = StatedKeychain()
        self.money = Money(
            self.paths,
            self.settings,
            keychain=self.keychain,  # type: ignore[arg-type]
        )
        self.now = 1_000_000.0
        self.wallet = Wallet(
            self.paths.wallet,
            keychain=self.keychain,  # type: ignore[arg-type]
            cost=QUICK,
            clock=lambda: self.now,
        )
        self.funds = StatedFunds()
        self.autolock = AutoLock(self.wallet, lambda: 900.0)

    def open(self) -> "MoneyBench":
        """Everything is loaded from now on."""
        self.money.wallet, self.money.autolock = self.wallet, self.autolock
        self.money.funds = self.funds  # type: ignore[assignment]
        part = self.money.wallet_part
        part.state = replace(part.state, phase="ready")
        self.money.loaded.emit(None)
        return self

    def connect(self, *, phase: str = "ready") -> None:
        """The network is in this state from now on."""
        self.funds.is_connected = phase == "ready"
        part = self.money.chain_part
        part.state = replace(part.state, phase=phase)  # type: ignore[arg-type]
        part.changed.emit(part.state)
