"""Tells new messages from old ones that somebody sends again."""

from collections import OrderedDict

from router.morrpc.errors import Fault, WireError


class Requests:
    """What a provider remembers of all requests: one for all its connections.

    A request is known by what was signed and not by its signature, of which strangers can make
    several that are all good.

    Args:
        skew_s: seconds by which a consumer's clock may differ; requests older are refused.
        most: requests remembered; when so many came within the time, new ones are refused.
    """

    def __init__(self, skew_s: float, most: int = 100_000) -> None:
        self._skew_ms = skew_s * 1000
        self._most = most
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def check(self, digest: bytes, timestamp_ms: int, now_ms: int) -> None:
        """Remember a request whose signature is good, by what was signed (see `digest_of`).

        Raises:
            WireError: its time is too far from now, or it came before.
        """
        if abs(timestamp_ms - now_ms) > self._skew_ms:
            raise WireError(Fault.STALE)
        self._forget(now_ms)
        if digest in self._seen:
            raise WireError(Fault.REPLAYED)
        if len(self._seen) >= self._most:
            raise WireError(Fault.TOO_LARGE, "too many requests")
        # Until then the same request would be refused for its age anyway.
        self._seen[digest] = now_ms + 2 * int(self._skew_ms)

    def _forget(self, now_ms: int) -> None:
        while self._seen:
            digest, until_ms = next(iter(self._seen.items()))
            if until_ms >= now_ms:
                return
            del self._seen[digest]


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
            WireError: it came before, or another that is younger did.
        """
        if timestamp_ms < self._last_ms or digest in self._at_last:
            raise WireError(Fault.REPLAYED)
        if timestamp_ms > self._last_ms:
            self._at_last.clear()
        self._last_ms = timestamp_ms
        self._at_last.add(digest)
