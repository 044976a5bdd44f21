"""What a provider can claim of a session, as the contract pays it (pure).

The contract has no reading function for it, and a claim that pays nothing still costs its fee.
"""

from router.chain.records import Bid, Provider, Session

DAY_S = 86_400


def claimable(session: Session, bid: Bid, provider: Provider, now: int) -> int:
    """MOR that `claimForProvider` pays at a time; wei. 0 before the session is over.

    What was used on the day of an early close waits for the next midnight UTC. More than the
    provider may still earn with its stake stays where it is.
    """
    end = min(session.closed_at, session.ends_at) if session.closed_at else session.ends_at
    if now < end:
        return 0
    due = (end - session.opened_at) * bid.price_per_second - session.provider_withdrawn
    day = session.closed_at - session.closed_at % DAY_S
    held = 0
    if session.closed_at and now < day + DAY_S:
        held = (session.closed_at - max(day, session.opened_at)) * bid.price_per_second
    return max(0, min(due - held, provider.may_earn(now)))
