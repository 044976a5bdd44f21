"""The four places of MOR, which add up: what the pages of wallet and staking show of them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from router.chain.marketplace import Account

DAY = 86_400


@dataclass(frozen=True)
class Place:
    """One place.

    Args:
        wei: None while it is not known.
        token: its colour. hatched: it is not the colour alone that tells.
    """

    name: str
    wei: int | None
    token: str
    hatched: bool = False


def places(account: Account | None) -> tuple[Place, ...]:
    """All four, at the block of the account."""
    return (
        Place("In your wallet", account.mor if account else None, "accent"),
        Place("In active sessions", account.in_sessions if account else None, "info"),
        Place("On hold", account.on_hold if account else None, "warn", hatched=True),
        Place("Claimable now", account.claimable if account else None, "violet"),
    )


def released_at(account: Account | None) -> int:
    """When all that is on hold can be claimed: the next midnight UTC; 0 when nothing is."""
    if account is None or not account.on_hold:
        return 0
    return account.timestamp - account.timestamp % DAY + DAY


def local_time(timestamp: int) -> datetime:
    """A time of the chain in local time."""
    return datetime.fromtimestamp(timestamp, UTC).astimezone()
