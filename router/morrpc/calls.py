"""One question on one connection, as the consumer sees it: what goes out, what may come back.

Whoever has the connection writes `outgoing`, feeds what it reads, says when it was closed, and
never waits longer than `left_s`. Times are of a clock that never jumps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from router.errors import MorpheusError
from router.morrpc.confidential import Binding
from router.morrpc.endings import Ending
from router.morrpc.envelope import ErrorBody, read_answer
from router.morrpc.errors import Fault, ModelRefusal, RemoteRefusal, WireError
from router.morrpc.framing import Frames
from router.morrpc.freshness import Answers
from router.morrpc.limits import Deadlines, Limits
from router.morrpc.members import Signed, read_hex
from router.morrpc.messages import Frame
from router.morrpc.parsing import parse
from router.morrpc.sealing import unseal
from router.morrpc.seen import Seen
from router.morrpc.signing import Signer, digest_of, is_signed_by

T = TypeVar("T")


@dataclass(frozen=True)
class Outgoing:
    """A request as it is sent; `binding` when it is sealed."""

    id: str
    data: bytes
    sent_ms: int
    binding: Binding | None = None


class Call(Generic[T]):
    """A request with one answer.

    Args:
        read: makes the answer of a parsed result; raises WireError.
        now_s: when it is sent.
    """

    def __init__(
        self, outgoing: Outgoing, read: Callable[[Any], T], limits: Limits, now_s: float
    ) -> None:
        self.outgoing = outgoing.data
        self._id = outgoing.id
        self._read = read
        self._frames = Frames(limits)
        self._deadlines = Deadlines(limits, now_s)

    def feed(self, data: bytes, now_s: float) -> T | None:
        """Take the next bytes; returns the answer when it is whole.

        Raises:
            WireError: the answer is not what it should be, or took too long.
            RemoteRefusal: the peer said no.
        """
        self.check(now_s)
        for frame in self._frames.feed(data):
            body = read_answer(frame, self._id)
            if isinstance(body, ErrorBody):
                raise RemoteRefusal(body.message)
            return self._read(body)
        return None

    def end(self) -> None:
        """The connection was closed without an answer: raises WireError."""
        raise WireError(Fault.CUT_OFF)

    def left_s(self, now_s: float) -> float:
        """Seconds until `check` raises."""
        return self._deadlines.left_s(now_s)

    def check(self, now_s: float) -> None:
        """Raises WireError when the time is over."""
        self._deadlines.check(now_s)


@dataclass(frozen=True)
class Chunk:
    """A piece of the answer: signed by the provider, decrypted, and the next one.

    Args:
        value: parsed JSON, hostile.
        raw: the same as it was written.
    """

    value: Any
    raw: bytes


@dataclass(frozen=True)
class End:
    """The answer is over; when it is not whole, it was cut off."""

    is_whole: bool


@dataclass(frozen=True)
class Failed:
    """Nothing more comes, and what came so far is not the whole answer.

    Args:
        error: WireError, RemoteRefusal or ModelRefusal; WalletLocked when the key is gone.
    """

    error: MorpheusError


Event = Chunk | End | Failed


@dataclass(frozen=True)
class Trust:
    """Who answers, who reads it, and what came so far: in the session, and in all of them."""

    public_key: bytes
    signer: Signer
    answers: Answers
    seen: Seen


class Conversation:
    """A request that is answered in pieces.

    Nothing a peer does raises here: it comes as an event, after all pieces that were good. After
    End or Failed, `done` is set and the connection should be closed.
    """

    def __init__(
        self, outgoing: Outgoing, trust: Trust, ending: Ending, limits: Limits, now_s: float
    ) -> None:
        self.outgoing = outgoing.data
        self.done = False
        self._request = outgoing
        self._sent_s = self._now_s = now_s
        self._trust = trust
        self._ending = ending
        self._limits = limits
        self._frames = Frames(limits)
        self._deadlines = Deadlines(limits, now_s)
        self._came = False

    def feed(self, data: bytes, now_s: float) -> list[Event]:
        """Take the next bytes; returns what they complete, in order."""
        self._now_s = now_s
        events: list[Event] = self.expire(now_s)
        if self.done:
            return events
        try:
            for frame in self._frames.feed(data):
                self._deadlines.heard(now_s)
                events += self._events(read_answer(frame, self._request.id))
                if isinstance(events[-1], End):
                    break
        except MorpheusError as error:
            events.append(self._failed(error))
        return events

    def end(self) -> list[Event]:
        """The connection was closed by the peer."""
        if self.done:
            return []
        try:
            self._frames.end()
            if not self._came:
                raise WireError(Fault.CUT_OFF)
        except WireError as error:
            return [self._failed(error)]
        self.done = True
        return [End(self._ending.is_whole)]

    def left_s(self, now_s: float) -> float:
        """Seconds until `expire` gives up."""
        return self._deadlines.left_s(now_s)

    def expire(self, now_s: float) -> list[Event]:
        """Gives up when the time is over."""
        if self.done or self.left_s(now_s):
            return []
        return [self._failed(WireError(Fault.TOO_SLOW))]

    def _failed(self, error: MorpheusError) -> Failed:
        self.done = True
        return Failed(error)

    def _events(self, body: Any) -> list[Event]:
        if isinstance(body, ErrorBody):
            raise self._refusal(body)
        piece = Frame.read(body)
        self._check(piece, piece.timestamp_ms)
        raw = self._open(piece.message)
        value = parse(raw, self._limits)
        self._came = True
        if self._ending.is_marker(value):
            self.done = True
            return [End(is_whole=True)]
        self.done = self._ending.is_all(value)
        chunk = Chunk(value, raw)
        return [chunk, End(is_whole=True)] if self.done else [chunk]

    def _refusal(self, error: ErrorBody) -> MorpheusError:
        if not error.is_signed:
            return RemoteRefusal(error.message)
        self._check(error, error.timestamp_ms)
        return ModelRefusal(parse(self._open(error.message), self._limits))

    def _check(self, piece: Signed, timestamp_ms: int) -> None:
        digest = digest_of(piece)
        if not is_signed_by(digest, piece.signature, self._trust.public_key):
            raise WireError(Fault.BAD_SIGNATURE)
        # One from far ahead would make all that come later look old.
        now_ms = self._request.sent_ms + (self._now_s - self._sent_s) * 1000
        skew_ms = self._limits.skew_s * 1000
        if not self._request.sent_ms - skew_ms <= timestamp_ms <= now_ms + skew_ms:
            raise WireError(Fault.STALE)
        self._trust.answers.check(digest, timestamp_ms)
        self._trust.seen.check(self._trust.public_key, digest)

    def _open(self, message: str) -> bytes:
        box = read_hex(message)
        if box is None:
            raise WireError(Fault.UNREADABLE)
        plain = unseal(box, self._trust.signer)
        binding = self._request.binding
        return binding.unwrap(plain) if binding else plain
