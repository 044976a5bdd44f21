"""Open sessions and a market for tests of what asks through them, with lying providers behind."""

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from router.chain.records import Bid, BidStats, Model, Provider, Session, Spread
from router.consumer.evidence import Call, EvidenceLog
from router.consumer.failover import Failover, Rules
from router.consumer.link import Link, Target
from router.consumer.records import Evidence, Opening, Quote, RatedBid, SessionPhase, SessionView
from router.consumer.remote import Lease, RemoteBackend
from router.errors import MorpheusError, NoModel
from router.morrpc.consumer import Peer
from router.morrpc.limits import PIECES, Limits
from router.morrpc.signing import key_of
from router.units import WEI
from tests.support.lying_provider import CHAIN_ID, LyingProvider, Script, account
from tests.support.scripted_backend import ScriptedBackend

MODEL = "0x" + "aa" * 32
USER = account("user")
NOW = 1_790_000_000
PATIENT = replace(PIECES, first_frame_s=40.0, gap_s=40.0, total_s=40.0)
NO_STATS = BidStats(Spread(0, 0), Spread(0, 0), 0, 0, 0)


@dataclass
class Open:
    """One open session with its provider."""

    lease: Lease
    provider: LyingProvider
    is_closed: bool = False
    is_seen: bool = True  # it is in what was read of the chain last


@dataclass
class OpenSessions:
    """Stands for router.consumer.sessions: what is open, and what can be opened.

    `problems` is what opening one raises, `steps` where it ends; `hold` lets it go on when set.
    `is_sent`: the transaction of what is held was sent, so that it cannot be given up.
    """

    open_ones: list[Open] = field(default_factory=list)
    for_sale: list[LyingProvider] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)  # why not, by address
    stake: int = WEI
    funding: int = WEI  # of who pays the providers of staked sessions
    problems: deque[MorpheusError] = field(default_factory=deque)
    steps: deque[str] = field(default_factory=deque)
    hold: asyncio.Event | None = None
    is_sent: bool = False
    quotes: list[tuple[str, int, bool]] = field(default_factory=list)
    begun: list[Opening] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    learned_peers: list[Peer] = field(default_factory=list)
    answers: list[tuple[str, int]] = field(default_factory=list)

    def lease_of(self, provider: LyingProvider, **changes: Any) -> Lease:
        number = len(self.open_ones) + 1
        lease = Lease(
            session_id=f"0x{number:064x}",
            bid_id=bid_of(provider).id,
            model_id=MODEL,
            model_name="Llama",
            target=Target(provider.endpoint, provider.account.address),
            signer=USER,
            price_per_second=10**12,
            amount=self.stake,
            ends_at=NOW + 3_600,
            seconds_left=3_600,
            peer=Peer(key_of(provider.account), seals=False),
        )
        return replace(lease, **changes)

    def add(self, provider: LyingProvider, **changes: Any) -> Lease:
        """Open a session with a provider at once."""
        lease = self.lease_of(provider, **changes)
        self.open_ones.append(Open(lease, provider))
        return lease

    # SessionSource

    async def lease(
        self, model: str, without: Collection[str] = (), busy: Collection[str] = ()
    ) -> Lease | None:
        for one in sorted(self.open_ones, key=lambda one: one.lease.session_id in busy):
            lease = one.lease
            named = model in (lease.model_id, f"session:{lease.session_id}")
            if (
                named
                and one.is_seen
                and not one.is_closed
                and lease.provider.lower() not in without
            ):
                await asyncio.sleep(0)  # what it needs to know is read from somewhere
                return replace(lease)
        return None

    async def learned(self, lease: Lease, peer: Peer) -> None:
        self.learned_peers.append(peer)
        for one in self.open_ones:
            if one.lease.session_id == lease.session_id:
                one.lease = replace(one.lease, peer=peer)

    async def answered(self, lease: Lease, call: Call) -> None:
        self.answers.append((lease.session_id, call.tokens))

    # Market

    @property
    def views(self) -> tuple[SessionView, ...]:
        return tuple(view_of(one) for one in self.open_ones)

    async def refresh(self) -> tuple[SessionView, ...]:
        for one in self.open_ones:
            one.is_seen = True
        return self.views

    async def rated(self, model_id: str) -> list[RatedBid]:
        return [
            RatedBid(
                bid_of(seller), record_of(seller), NO_STATS, 1.0, (), Evidence(),
                excluded=self.excluded.get(seller.account.address, ""),
            )
            for seller in self.for_sale
        ]  # fmt: skip

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        self.quotes.append((bid_id, seconds, is_direct))
        seller = next(one for one in self.for_sale if bid_of(one).id == bid_id)
        return replace(quote_of(seller, seconds, self.stake, is_direct), funding=self.funding)

    @property
    def openings(self) -> tuple[Opening, ...]:
        return tuple(self.begun)

    @property
    def opened(self) -> list[Quote]:
        return [opening.quote for opening in self.begun]

    async def open(self, quote: Quote, *, unasked: bool = False) -> Opening:
        if self.problems:
            raise self.problems.popleft()
        number = len(self.begun) + 1
        self.begun.append(Opening(number, quote, "permission", float(NOW), unasked=unasked))
        return self.begun[-1]

    async def opening_done(self, opening_id: int) -> Opening:
        if self.hold is not None:
            await self.hold.wait()
        step = self.steps.popleft() if self.steps else "done"
        if step != "done":
            return self._is_now(opening_id, step="given_up")
        quote = self.begun[opening_id - 1].quote
        seller = next(one for one in self.for_sale if bid_of(one).id == quote.bid.id)
        lease = self.add(seller, amount=quote.amount, is_direct=quote.is_direct)
        self.open_ones[-1].is_seen = False
        return self._is_now(opening_id, step="done", open_tx=1, session_id=lease.session_id)

    def leave(self, opening_id: int) -> None:
        self.left.append(opening_id)
        if not self.is_sent:
            self._is_now(opening_id, step="given_up")

    def _is_now(self, opening_id: int, **changes: Any) -> Opening:
        made = self.begun[opening_id - 1] = replace(self.begun[opening_id - 1], **changes)
        return made


def bid_of(provider: LyingProvider) -> Bid:
    address = provider.account.address
    return Bid(f"0x{address[2:].lower():0>64}", address, MODEL, 10**12, 0, 1, 0)


def record_of(provider: LyingProvider) -> Provider:
    return Provider(provider.account.address, provider.endpoint, WEI, 1, 0, 0, is_deleted=False)


def quote_of(provider: LyingProvider, seconds: int, amount: int, is_direct: bool) -> Quote:
    model = Model(MODEL, "", 0, 0, USER.address, "Llama", (), 1, is_deleted=False)
    return Quote(
        block=1,
        timestamp=NOW,
        model=model,
        bid=bid_of(provider),
        provider=record_of(provider),
        seconds=seconds,
        granted_s=seconds,
        is_direct=is_direct,
        amount=amount,
        cost=amount,
        permission=0,
        balance=100 * WEI,
        coin=WEI,
        network_fee=0,
        closing_fee=0,
        rule="snapshot",
        rule_known=True,
        earns_at_most=WEI,
        funding=WEI,
        endings=(),
        chain_id=CHAIN_ID,
        user=USER.address,
    )


def view_of(one: Open) -> SessionView:
    lease = one.lease
    session = Session(
        lease.session_id, USER.address, lease.bid_id, lease.amount, b"", 0, 0, NOW, lease.ends_at,
        0, True, lease.is_direct,
    )  # fmt: skip
    phase: SessionPhase = "closed" if one.is_closed else "open"
    return SessionView(
        session, bid_of(one.provider), None, lease.provider, phase, NOW, 60, lease.ends_at
    )


@dataclass
class RemoteDesk:
    """Everything between a question and lying providers, but the chain."""

    sessions: OpenSessions = field(default_factory=OpenSessions)
    evidence: EvidenceLog = field(default_factory=EvidenceLog)
    local: ScriptedBackend = field(default_factory=ScriptedBackend)
    rules: Rules = field(default_factory=Rules)
    limits: Limits = PATIENT
    wait_s: float = 40.0
    allow_private: bool = True
    has_local: bool = True
    pauses: list[float] = field(default_factory=list)
    providers: list[LyingProvider] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remote = RemoteBackend(
            self.sessions, self.evidence, self.link, wait_s=self.wait_s, sleep=self._sleep
        )
        self.restart()

    def restart(self) -> None:
        """What asks is another one; what was opened is still there."""
        self.backend = Failover(
            self.remote,
            self.sessions,
            self.local,
            lambda: self.rules,
            local_name=self.local_name,
        )

    def link(self, signer: Any) -> Link:
        return Link(signer, CHAIN_ID, allow_private=lambda: self.allow_private, limits=self.limits)

    async def provider(self, name: str, *scripts: Script, is_open: bool = True) -> LyingProvider:
        """A provider that answers like this, with a session or for sale."""
        made = LyingProvider(account(name), deque(scripts))
        await made.start(USER)
        self.providers.append(made)
        if is_open:
            self.sessions.add(made)
        else:
            self.sessions.for_sale.append(made)
        return made

    async def close(self) -> None:
        for provider in self.providers:
            await provider.stop()

    def local_name(self) -> str:
        if self.has_local:
            return "SmolLM2"
        raise NoModel("No model is installed.")

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)
