"""Which signed pieces of answers came before, whatever session they were said to be of.

A piece names neither its session nor its question. The order within a session is the business of
`router.morrpc.freshness`; this tells what somebody on the way recorded in one session and sends
as an answer in another, or once the order was forgotten.
"""

import time
from collections.abc import Callable

from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import PIECES

MOST_PIECES = 131_072
# A piece may be stamped ahead by as much as it may be late.
KEPT_S = 2 * PIECES.skew_s
_PART = 8  # bytes that tell a key and a piece apart


class Seen:
    """The pieces of the last minutes; one for all that asks in an account's name.

    Only pieces that were signed are remembered, so nobody on the way can push others out.

    Args:
        now_s: seconds that only go forward.
        most: pieces remembered at least; twice as many at most.
    """

    def __init__(
        self,
        now_s: Callable[[], float] = time.monotonic,
        *,
        kept_s: float = KEPT_S,
        most: int = MOST_PIECES // 2,
    ) -> None:
        self._now_s = now_s
        self._kept_s = kept_s
        self._most = most
        self._since = now_s()
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()

    def check(self, public_key: bytes, digest: bytes) -> None:
        """Remember a piece whose signature is good.

        Raises:
            WireError: it came before.
        """
        now = self._now_s()
        if now - self._since > self._kept_s or len(self._new) >= self._most:
            self._old, self._new, self._since = self._new, set(), now
        name = public_key[-_PART:] + digest[:_PART]
        if name in self._new or name in self._old:
            raise WireError(Fault.REPLAYED)
        self._new.add(name)
