"""How much and how long a peer may send, and the clock that holds it to that."""

from dataclasses import dataclass, replace

from router.morrpc.errors import Fault, WireError

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one connection may cost.

    Args:
        frame_bytes: bytes of one JSON value.
        answer_bytes: bytes of all that comes on one connection.
        depth: objects and lists in each other, also in what was encrypted.
        marks: brackets and quotes of one frame outside of texts; honest frames have below 100.
        payload_marks: the same of what was encrypted in a frame.
        first_frame_s: seconds to the first whole frame. Deployed providers queue a second question
            of a session without a word, so this is long.
        gap_s: seconds between two whole frames; a byte now and then does not count.
        total_s: seconds for everything.
        skew_s: seconds by which the clocks of two peers may differ.
        upload_bytes_a_second: of a slow connection: what is sent may take so much longer.
    """

    frame_bytes: int = 8 * MIB
    answer_bytes: int = 64 * MIB
    depth: int = 32
    marks: int = 4096
    payload_marks: int = 100_000
    first_frame_s: float = 360.0
    gap_s: float = 120.0
    total_s: float = 3600.0
    skew_s: float = 300.0
    upload_bytes_a_second: int = 32 * 1024

    def with_upload(self, size: int) -> "Limits":
        """The same with time to send so many bytes: nothing comes back before they are there."""
        more = size / self.upload_bytes_a_second
        return replace(
            self,
            first_frame_s=self.first_frame_s + more,
            total_s=self.total_s + more,
        )


# For what is answered in pieces: questions.
PIECES = Limits()
# For what is answered at once: ping, session.request, session.report, uploads.
UNARY = Limits(answer_bytes=MIB, frame_bytes=MIB, first_frame_s=10.0, gap_s=10.0, total_s=10.0)

# For what a provider is asked.
INCOMING = Limits(answer_bytes=8 * MIB, first_frame_s=60.0, gap_s=60.0, total_s=60.0)


class Deadlines:
    """Says how long to go on waiting.

    Args:
        started_s: now, on a clock that never jumps; all later times are of the same clock.
    """

    def __init__(self, limits: Limits, started_s: float) -> None:
        self._end = started_s + limits.total_s
        self._next = started_s + limits.first_frame_s
        self._gap_s = limits.gap_s

    def heard(self, now_s: float) -> None:
        """A whole frame came."""
        self._next = now_s + self._gap_s

    def left_s(self, now_s: float) -> float:
        """Seconds until `check` will raise; 0 when it would now."""
        return max(0.0, min(self._next, self._end) - now_s)

    def check(self, now_s: float) -> None:
        """Raises WireError when the time is over."""
        if not self.left_s(now_s):
            raise WireError(Fault.TOO_SLOW)
