"""Where the stake of a session that is closed is: what came back at once, and what came later."""

from dataclasses import dataclass

from router.consumer.endings import DAY, day_of
from router.consumer.records import Returned, SessionView


@dataclass(frozen=True)
class SessionEnd:
    """What became of a stake; wei.

    Args:
        spent: what the provider was paid of it.
        at_once, later: None where the transaction that closed it is not known here.
        free_at: when what was on hold could be claimed; 0 when nothing was.
    """

    spent: int
    at_once: int | None = None
    later: int | None = None
    free_at: int = 0


def end_of(view: SessionView, returned: Returned | None) -> SessionEnd:
    """Of a closed session; `returned` is what its closing gave back."""
    spent = paid(view)
    if returned is None:
        return SessionEnd(spent)
    session = view.session
    later = max(session.stake - spent - returned.at_once, 0)
    ended = min(session.closed_at, session.ends_at)
    return SessionEnd(spent, returned.at_once, later, day_of(ended) + DAY if later else 0)


def paid(view: SessionView) -> int:
    """MOR that the user paid for a session, in wei: something with direct payment only."""
    session = view.session
    if not session.is_direct or view.bid is None:
        return 0
    end = min(session.closed_at or session.ends_at, session.ends_at)
    return (end - session.opened_at) * view.bid.price_per_second
