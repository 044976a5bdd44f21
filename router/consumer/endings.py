"""What closing a session gives back, and when: to the wei and the second, for a given moment.

The contract does the arithmetic of stakes (`stipendToStake`); here is which seconds it is asked
about. Until a closing is mined, three things can still move what was shown: the moment itself, by
some seconds; payments to providers in between, each MOR of which makes what is held larger by
less than a millionth; and a claim of this session's provider, which lowers what the closing pays
it. What the user gets back in all is moved by none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from router.chain.marketplace import Marketplace
from router.chain.records import Bid, Provider, Session
from router.consumer.records import Ending, Rule, Way
from router.errors import NotFound

DAY = 86_400
# Holds end at midnight to the second; a minute later clocks that differ do not matter.
AFTER_MIDNIGHT_S = 60


@dataclass(frozen=True)
class Deal:
    """What counts for the end of a session.

    Args:
        withdrawn: what the provider took of it already; wei.
    """

    stake: int
    price: int
    opened_at: int
    ends_at: int
    is_direct: bool
    withdrawn: int
    provider: Provider


def deal_of(session: Session, bid: Bid, provider: Provider) -> Deal:
    """Of a session that is open."""
    return Deal(
        session.stake,
        bid.price_per_second,
        session.opened_at,
        session.ends_at,
        session.is_direct,
        session.provider_withdrawn,
        provider,
    )


def day_of(at: int) -> int:
    """The midnight UTC before a time."""
    return at - at % DAY


def after_midnight(ends_at: int) -> int:
    """When a session that ends then can be closed with everything back in one transaction."""
    return day_of(ends_at) + DAY + AFTER_MIDNIGHT_S


def held(deal: Deal, at: int, rule: Rule) -> tuple[int, int]:
    """What of the price waits for midnight when it is closed then, and the day it was used on.

    The stake on hold is what `stipendToStake` says of the two; (0, day) when nothing is held.
    """
    end = min(at, deal.ends_at)
    day = day_of(end)
    waits = at < day + DAY if rule == "day-lock" else at < deal.ends_at
    return ((end - max(deal.opened_at, day)) * deal.price if waits else 0), day


def ending(deal: Deal, at: int, rule: Rule, lock: int, *, ours: bool = False) -> Ending:
    """What closing at a time gives.

    Args:
        lock: what `stipendToStake` says of `held(deal, at, rule)`; wei.
        ours: closed with a report of our own, which the contract counts as a dispute.
    """
    end = min(at, deal.ends_at)
    earned = (end - deal.opened_at) * deal.price
    spent = earned if deal.is_direct else 0
    on_hold = min(deal.stake - spent, lock)
    due = earned - deal.withdrawn
    if ours and at < deal.ends_at:
        due -= (at - max(deal.opened_at, day_of(at))) * deal.price
    return Ending(
        way=_way(deal, at),
        at=at,
        at_once=deal.stake - spent - on_hold,
        on_hold=on_hold,
        release_at=day_of(end) + DAY if on_hold else 0,
        spent=spent,
        provider=min(due, deal.provider.may_earn(at)),
        transactions=2 if on_hold else 1,
    )


def _way(deal: Deal, at: int) -> Way:
    if at < deal.ends_at:
        return "now"
    return "natural" if at < day_of(deal.ends_at) + DAY else "after_midnight"


async def endings(
    market: Marketplace,
    deal: Deal,
    moments: Sequence[int],
    rule: Rule,
    block: int,
    *,
    ours: bool = False,
) -> tuple[Ending, ...]:
    """What closing at each of these times gives, by the stakes of one block.

    Raises:
        ChainUnavailable, NotOffered
    """
    reads = [market.read("stipendToStake", *held(deal, at, rule)) for at in moments]
    locks = (await market.many.needed(reads, block)).values
    return tuple(
        ending(deal, at, rule, lock, ours=ours) for at, lock in zip(moments, locks, strict=True)
    )


async def closing_previews(
    market: Marketplace,
    session: Session,
    rule: Rule,
    moments: Sequence[int] = (),
    *,
    ours: bool = False,
) -> tuple[Ending, ...]:
    """What closing a live session gives, now or at other times; all at one block.

    Args:
        moments: by default one, the time of the newest block.
        ours: closed with a report of our own.

    Raises:
        NotFound: there is no such session.
        ChainUnavailable, NotOffered
    """
    bid_id = bytes.fromhex(session.bid_id[2:])
    first = await market.many.needed(
        [market.read("getSession", bytes.fromhex(session.id[2:])), market.read("getBid", bid_id)]
    )
    fresh = Session.from_abi(session.id, first.values[0])
    bid = Bid.from_abi(session.bid_id, first.values[1])
    found = await market.providers([bid.provider] if bid is not None else [], first.block)
    if fresh is None or bid is None or not found:
        raise NotFound(
            "The network does not know this session.",
            safe="Nothing was sent.",
            hint="Refresh the list; the node that answered may be behind.",
        )
    deal = deal_of(fresh, bid, found[0])
    return await endings(market, deal, moments or [first.timestamp], rule, first.block, ours=ours)
