"""The four places of MOR, which add up: what the pages of wallet and staking show of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from morpheus_desktop import format as fmt
from router.chain.marketplace import Account
from router.units import DECIMALS

DAY = 86_400
# The four are never shown with more decimals than this.
MOST_DECIMALS = 8


@dataclass(frozen=True)
class Place:
    """One place.

    Args:
        wei: None while it is not known.
        token: its colour. hatched: it is not the colour alone that tells.
        shown: rounded so that what is shown of all four adds up to what is shown of the total;
            None where the amount is to be shown by itself.
    """

    name: str
    wei: int | None
    token: str
    hatched: bool = False
    shown: int | None = None


def places(account: Account | None) -> tuple[Place, ...]:
    """All four, at the block of the account."""
    four = (
        Place("In your wallet", account.mor if account else None, "accent"),
        Place("In active sessions", account.in_sessions if account else None, "info"),
        Place("On hold", account.on_hold if account else None, "warn", hatched=True),
        Place("Claimable now", account.claimable if account else None, "violet"),
    )
    shown = adding_up([place.wei or 0 for place in four])
    return tuple(
        replace(place, shown=rounded) if place.wei else place
        for place, rounded in zip(four, shown, strict=True)
    )


def shown_total(account: Account | None) -> int | None:
    """The total, rounded as the places are that add up to it."""
    if account is None:
        return None
    return sum(_shown(place) for place in places(account))


def shown_elsewhere(account: Account) -> int:
    """All that is not in the wallet, rounded as its places are."""
    return sum(_shown(place) for place in places(account)[1:])


def _shown(place: Place) -> int:
    return (place.wei or 0) if place.shown is None else place.shown


def adding_up(parts: Sequence[int]) -> list[int | None]:
    """Amounts in wei, rounded to the same decimals so that they add up to their total rounded down.

    The first one, which can be spent, is always rounded down; of the others those with the largest
    remainder are rounded up. What is smaller than the last decimal is None: it is no zero.
    """
    decimals = min(fmt.column_decimals(parts), MOST_DECIMALS)
    step = 10 ** (DECIMALS - decimals)
    whole = [part // step for part in parts]
    missing = sum(parts) // step - sum(whole)
    by_rest = sorted(range(1, len(parts)), key=lambda at: parts[at] % step, reverse=True)
    for at in by_rest[:missing]:
        whole[at] += 1
    return [
        units * step if units or not part else None
        for units, part in zip(whole, parts, strict=True)
    ]


def released_at(account: Account | None) -> int:
    """When all that is on hold can be claimed: the next midnight UTC; 0 when nothing is."""
    if account is None or not account.on_hold:
        return 0
    return account.timestamp - account.timestamp % DAY + DAY


def local_time(timestamp: int) -> datetime:
    """A time of the chain in local time."""
    return datetime.fromtimestamp(timestamp, UTC).astimezone()
