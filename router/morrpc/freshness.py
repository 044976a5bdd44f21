"""Tells new messages from old ones that somebody sends again."""

from collections import Counter, OrderedDict

from router.morrpc.errors import Fault, WireError

# Pieces of one millisecond: far more than anybody can sign, also with a clock that stood still.
MOST_AT_ONCE = 16_384


class Requests:
    """What a provider remembers of all requests: one for all its connections.

    A request is known by what was signed and not by its signature, of which strangers can make
    several that are all good.

    Args:
        skew_s: seconds by which a consumer's clock may differ; requests older are refused.
        most: requests remembered of one session, and of all that ask for one; when so many came
            within the time, new ones are refused. Whoever fills one leaves the others alone.
    """

    def __init__(self, skew_s: float, most: int = 20_000) -> None:
        self._skew_ms = skew_s * 1000
        self._most = most
        self._seen: OrderedDict[bytes, tuple[int, str]] = OrderedDict()
        self._counts: Counter[str] = Counter()

    def check(self, digest: bytes, timestamp_ms: int, now_ms: int, session_id: str = "") -> None:
        """Remember a request whose signature is good, by what was signed (see `digest_of`).

        Args:
            session_id: empty when a session is asked for, with a key that costs nothing.

        Raises:
            WireError: its time is too far from now, or it came before.
        """
        if abs(timestamp_ms - now_ms) > self._skew_ms:
            raise WireError(Fault.STALE)
        self._forget(now_ms)
        if digest in self._seen:
            raise WireError(Fault.REPLAYED)
        if self._counts[session_id] >= self._most:
            raise WireError(Fault.TOO_LARGE, "too many requests")
        # Until then the same request would be refused for its age anyway.
        self._seen[digest] = now_ms + 2 * int(self._skew_ms), session_id
        self._counts[session_id] += 1

    def _forget(self, now_ms: int) -> None:
        while self._seen:
            digest, (until_ms, session_id) = next(iter(self._seen.items()))
            if until_ms >= now_ms:
                return
            del self._seen[digest]
            self._counts[session_id] -= 1
            if not self._counts[session_id]:
                del self._counts[session_id]


class Answers:
    """What a consumer remembers of the answers of one session, whose requests come one by one.

    Pieces of an answer carry nothing but the provider's time, which is signed: it never goes
    back, and pieces of the same millisecond are told apart by what is in them.
    """

    def __init__(self) -> None:
        self._last_ms = 0
        self._at_last: set[bytes] = set()

    def check(self, digest: bytes, timestamp_ms: int) -> None:
        """Remember a piece whose signature is good.

        Raises:
            WireError: it came before, or another that is younger did, or too many did at once.
        """
        if timestamp_ms < self._last_ms or digest in self._at_last:
            raise WireError(Fault.REPLAYED)
        if timestamp_ms > self._last_ms:
            self._at_last.clear()
        elif len(self._at_last) >= MOST_AT_ONCE:
            raise WireError(Fault.TOO_LARGE, "too many pieces of one moment")
        self._last_ms = timestamp_ms
        self._at_last.add(digest)
