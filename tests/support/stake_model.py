"""The arithmetic of the marketplace, written again from its description, to hold it against.

Whole numbers: wei of MOR, seconds since 1970. Not used by the app, which asks the contract.
"""

from dataclasses import dataclass

MOR = 10**18
DAY = 86_400
# initialReward, rewardDecrease, payoutStart, decreaseInterval
BIG = (3456 * MOR, 592_558_728_240_000_000, 1_707_393_600, DAY)
SMALL = (576 * MOR, 98_759_788_040_000_000, 1_707_393_600, DAY)


def day_of(t: int) -> int:
    return t - t % DAY


def emitted(pool: tuple[int, int, int, int], until: int) -> int:
    """What a pool gave out, day after day, each day a bit less; part of the last day."""
    first, less, start, interval = pool
    total, at, reward = 0, start, first
    while at + interval <= until and reward > 0:
        total += reward
        at += interval
        reward -= less
    if until > at and reward > 0:
        total += reward * (until - at) // interval
    return total


@dataclass
class Model:
    """What the contract knows between calls: all that providers ever got."""

    claimed: int = 0

    def compute_balance(self, t: int) -> int:
        return emitted(BIG, day_of(t)) - self.claimed

    def supply(self, t: int) -> int:
        return 3 * emitted(BIG, day_of(t)) + emitted(SMALL, day_of(t)) + self.claimed

    def stake_for(self, cost: int, t: int) -> int:
        return cost * self.supply(t) * 100 // self.compute_balance(t)

    def stipend_of(self, stake: int, t: int) -> int:
        return stake * self.compute_balance(t) // (self.supply(t) * 100)

    def seconds_for(self, stake: int, price: int, t: int) -> int:
        return min(self.stipend_of(stake, t) // price, 7 * DAY)


@dataclass(frozen=True)
class Outcome:
    """Of a close: what the user gets at once, what waits until when, what the provider gets."""

    user: int
    held: int
    release_at: int
    provider: int
    later: int


def close(
    model: Model, *, stake: int, price: int, opened: int, ends: int, closed: int,
    direct: bool = False, dispute: bool = False, day_lock: bool = True,
) -> Outcome:  # fmt: skip
    """What closing does, before the provider's limit; `model.claimed` is left alone."""
    end = min(closed, ends)
    due = stake - ((end - opened) * price if direct else 0)
    held, release = 0, 0
    if day_lock:
        if closed < day_of(end) + DAY:
            used = (end - max(opened, day_of(end))) * price
            held, release = min(due, model.stake_for(used, day_of(end))), day_of(end) + DAY
    elif closed < ends:
        used = (closed - max(opened, day_of(closed))) * price
        held, release = min(due, model.stake_for(used, day_of(closed))), day_of(closed) + DAY
    earned = (end - opened) * price
    later = 0
    if dispute and closed < ends:
        later = (closed - max(day_of(closed), opened)) * price
    return Outcome(due - held, held, release, earned - later, later)
