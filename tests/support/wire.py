"""A consumer and a provider that speak to each other without a connection between them."""

from dataclasses import dataclass, field

from router.morrpc.approvals import Approval
from router.morrpc.calls import Conversation, Event
from router.morrpc.consumer import Consumer, Peer
from router.morrpc.endings import Kind
from router.morrpc.freshness import Requests
from router.morrpc.limits import PIECES, UNARY, Limits
from router.morrpc.provider import Answering
from router.morrpc.seen import Seen
from router.morrpc.signing import key_of
from router.wallet.account import Account

# The keys every development chain has, and the time of ../shared/spec/wire-vectors.json.
PROVIDER = Account(
    bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
)
CONSUMER = Account(
    bytes.fromhex("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
)
STRANGER = Account(b"\x33" * 32)
NOW_MS = 1735689600123
CHAIN = 84532
SESSION = "0x" + "11" * 32
BID = "0x" + "b1" * 32
QUESTION = '{"messages":[{"role":"user","content":"Why is the sky blue?"}],"stream":true}'
HELLO = b'{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello"}}]}'


@dataclass
class Pair:
    """Both ends, with clocks that stand until somebody sets them.

    Args:
        seals: whether requests are sealed.
    """

    seals: bool = False
    limits: Limits = PIECES
    unary: Limits = UNARY
    now_ms: int = NOW_MS
    now_s: float = 0.0
    requests: Requests = field(default_factory=lambda: Requests(PIECES.skew_s))
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        self.peer = Peer(key_of(PROVIDER), self.seals)
        self.consumer = self.another_consumer()

    def another_consumer(self) -> Consumer:
        """Of the same account, as after the wallet was locked and unlocked."""
        return Consumer(
            CONSUMER, lambda: self.now_ms, limits=self.limits, unary=self.unary, seen=self.seen
        )

    def answering(self, request: bytes = b"") -> Answering:
        """The provider's side of a new connection, after this request."""
        made = Answering(PROVIDER, self.requests, lambda: self.now_ms, self.now_s)
        if request:
            assert made.feed(request, self.now_s) is not None
        return made

    def wanted(self) -> Approval:
        """What a consumer asks a session for."""
        return self.consumer.wanted_approval(BID, CHAIN)

    def asked(self, kind: Kind = Kind.CHAT) -> tuple[Conversation, Answering]:
        """Both sides of a question that the provider has checked."""
        conversation = self.consumer.prompt(self.peer, SESSION, QUESTION, self.now_s, kind)
        answering = self.answering(conversation.outgoing)
        answering.check(key_of(CONSUMER))
        return conversation, answering

    def heard(self, conversation: Conversation, *writes: bytes) -> list[Event]:
        """What a consumer makes of these bytes."""
        return conversation.feed(b"".join(writes), self.now_s)
