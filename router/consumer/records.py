"""What the consumer side tells others: bids in order, quotes, openings, sessions, closings.

Amounts are wei, times seconds since 1970 by the clock of the chain's blocks, durations seconds.
Names and endpoints come from strangers: show them only as plain text, after router.untrusted.
"""

from dataclasses import dataclass
from typing import Literal

from router.chain.records import Bid, BidStats, Model, Provider, Session
from router.errors import MorpheusError

# How the contract pays out at the end of a session (docs/networks.md): "snapshot" gives all back
# at once after a natural end, "day-lock" keeps what was used on the last day until midnight UTC.
Rule = Literal["day-lock", "snapshot"]
Way = Literal["now", "natural", "after_midnight"]
# The first four in this order: nothing is paid for, a permission neither, before the provider
# has signed. "asked" waits for the user, "failed" can be tried again.
OpeningStep = Literal[
    "provider", "permission", "sending", "confirming", "asked", "done", "failed", "given_up"
]
SessionPhase = Literal["open", "ended", "closing", "waiting", "closed"]


@dataclass(frozen=True)
class Evidence:
    """What our own calls to a provider showed; shown with `calls`, the sample size.

    Args:
        failures: calls that ended with an error or were cut off.
        empty: calls that gave no token.
        first_token_ms, tokens_per_s: medians of those that answered; None when none did.
        last_failure: why the last failed one did, and when; empty and 0 when none did.
    """

    calls: int = 0
    failures: int = 0
    empty: int = 0
    first_token_ms: int | None = None
    tokens_per_s: float | None = None
    last_failure: str = ""
    last_failure_at: float = 0.0


@dataclass(frozen=True)
class RatedBid:
    """A bid with all that speaks for and against it.

    Args:
        score: as docs/rating.md; None when the provider is not rated (see `excluded`).
        parts: the weighted parts of the score by name: tps, ttft, duration, success, stake.
        excluded: why it is not used by itself: "blocked", "not_allowed", "own", or empty.
        earns_at_most: MOR the provider can still be paid in its period.
    """

    bid: Bid
    provider: Provider
    stats: BidStats
    score: float | None
    parts: tuple[tuple[str, float], ...]
    evidence: Evidence
    favourite: bool = False
    excluded: str = ""
    earns_at_most: int = 0


@dataclass(frozen=True)
class Ending:
    """What one way of ending a session gives back.

    Args:
        at: when it is closed.
        at_once: back with the closing transaction.
        on_hold: back by claiming, from `release_at` on (0 when nothing is held).
        spent: paid to the provider out of the stake (direct payment only).
        provider: what the provider is paid by the closing transaction.
        transactions: how many the user needs to have everything back.
    """

    way: Way
    at: int
    at_once: int
    on_hold: int
    release_at: int
    spent: int
    provider: int
    transactions: int


@dataclass(frozen=True)
class Quote:
    """What opening a session costs and gives, all read at one block.

    Args:
        seconds: asked for. `granted_s`: what the stake buys, by the contract's own getSessionEnd.
        endings: closed early (an example), at the natural end, and after the midnight that follows
            it, by the provider's report, as if it was opened at the quote's block.
        amount: MOR that leaves the wallet into the session.
        cost: price times granted seconds; the user pays it only with direct payment.
        permission: MOR the marketplace may take now; an approval is needed when below `amount`.
        network_fee: the most that opening can take of the coin, permission included.
        closing_fee: the most that closing and claiming can take, at today's fees.
        rule: the closing rule in force; `rule_known` is False when it is the careful guess.
        funding: MOR that the funding account can still pay providers of staked sessions.
        chain_id, user: the network and the account that it was made for; nothing else opens it.
        unusual_fee: over three times what was paid lately; to be shown beside `network_fee`.
    """

    block: int
    timestamp: int
    model: Model
    bid: Bid
    provider: Provider
    seconds: int
    granted_s: int
    is_direct: bool
    amount: int
    cost: int
    permission: int
    balance: int
    coin: int
    network_fee: int
    closing_fee: int
    rule: Rule
    rule_known: bool
    earns_at_most: int
    funding: int
    endings: tuple[Ending, ...]
    chain_id: int
    user: str
    unusual_fee: bool = False

    @property
    def ends_at(self) -> int:
        """When it ends if it was opened at the quote's block."""
        return self.timestamp + self.granted_s

    @property
    def needs_permission(self) -> bool:
        """Whether an approval has to be sent first."""
        return self.permission < self.amount

    @property
    def is_cut(self) -> bool:
        """Whether less than asked for is granted, because no session lasts longer."""
        return self.granted_s < self.seconds


@dataclass(frozen=True)
class Approval:
    """What a provider signed so that a session can be opened; checked against its bid.

    Args:
        message: as the contract reads it; it can be used once.
        key: public key of who signed, 65 bytes.
        sealed: whether requests to this provider can be sealed too.
    """

    message: bytes
    signature: bytes
    key: bytes
    sealed: bool = False


@dataclass(frozen=True)
class Opening:
    """A session on its way, written down at every step so that a restart goes on.

    Args:
        quote: what the user agreed to: never more is signed.
        worse: the quote of now when `step` is "asked": it is over 1 % worse, the user decides.
        permission_tx, open_tx: ids in the journal of transactions, 0 before.
        session_id: once it is there.
        error: why it failed or stands still; `step` tells at which step by `failed_at`.
        unasked: it was begun without the user, for a question whose provider failed; it waits for
            nobody.
    """

    id: int
    quote: Quote
    step: OpeningStep
    started_at: float
    permission_tx: int = 0
    open_tx: int = 0
    session_id: str = ""
    worse: Quote | None = None
    error: MorpheusError | None = None
    failed_at: OpeningStep | None = None
    unasked: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself or by asking."""
        return self.step in ("done", "given_up")


@dataclass(frozen=True)
class Returned:
    """What the closing of a session gave back to the user with its transaction; wei."""

    tx_hash: str
    at_once: int


@dataclass(frozen=True)
class SessionView:
    """One session with what belongs to it.

    Args:
        phase: "open" (can be prompted), "ended" (past its end, not closed), "closing" (a closing
            transaction is on the way), "waiting" (closing would fail now; see `problem`), "closed".
        seconds_left: by the chain's clock, at `as_of`; never negative.
        close_at: when it is closed by itself: its end, or the next midnight UTC.
        sealed: whether requests to this provider are sealed too; None before the first answer.
        model_name: of the chain; plain text.
    """

    session: Session
    bid: Bid | None
    model: Model | None
    provider: str
    phase: SessionPhase
    as_of: int
    seconds_left: int
    close_at: int
    sealed: bool | None = None
    problem: MorpheusError | None = None

    @property
    def id(self) -> str:
        """Of the session."""
        return self.session.id

    @property
    def granted_s(self) -> int:
        """How long it lasts from its opening to its end."""
        return self.session.ends_at - self.session.opened_at

    @property
    def model_name(self) -> str:
        """The model's name as on the chain, or empty."""
        return self.model.name if self.model is not None else ""
