"""Who may connect: how many at once, how often, and how much may wait to be read (pure).

A visitor is whoever counts as one. An address of version 6 counts with all others of its network
of 64 bits, which is what one customer gets.
"""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

REMEMBERED = 4096


class Rate:
    """So many in a minute; a quarter of them may come at once."""

    def __init__(self, a_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_s = a_minute / 60
        self._burst = max(1.0, a_minute / 4)
        self._clock = clock
        self._left = self._burst
        self._at = clock()

    def take(self) -> bool:
        """Let one more come, or not."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._each_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Rates:
    """A `Rate` for each visitor, and one for all together.

    Args:
        each: so many in a minute of one visitor; `most` of all.
    """

    def __init__(
        self, each: float, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each = each
        self._clock = clock
        self._rates: OrderedDict[str, Rate] = OrderedDict()
        self._all = Rate(most, clock)

    def take(self, visitor: str) -> bool:
        """Let one more of this visitor come, or not; what is refused takes nothing from others."""
        rate = self._rates.pop(visitor, None) or Rate(self._each, self._clock)
        self._rates[visitor] = rate
        if len(self._rates) > REMEMBERED:
            self._rates.popitem(last=False)
        return rate.take() and self._all.take()


@dataclass
class _Visitor:
    rate: Rate
    connections: int = 0


class Door:
    """Counts connections.

    Args:
        most: at the same time, of all; `most_each`: of one visitor.
        a_minute: of one visitor, see `Rate`.
    """

    def __init__(
        self,
        most: int,
        most_each: int,
        a_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._most_each = most_each
        self._a_minute = a_minute
        self._clock = clock
        self._visitors: OrderedDict[str, _Visitor] = OrderedDict()
        self.inside = 0
        self.turned_away = 0

    def enter(self, name: str, make_way: Callable[[], bool] = lambda: False) -> bool:
        """Let one more of a visitor in, or not; each that was let in must `leave`.

        Args:
            make_way: asked when all places are taken; whether it let another `leave`.
        """
        visitor = self._visitor(name)
        may_come = visitor.connections < self._most_each and visitor.rate.take()
        if not may_come or (self.inside >= self._most and not make_way()):
            self.turned_away += 1
            return False
        visitor.connections += 1
        self.inside += 1
        return True

    def leave(self, name: str) -> None:
        """One that was let in is gone."""
        self._visitors[name].connections -= 1
        self.inside -= 1

    def _visitor(self, name: str) -> _Visitor:
        visitor = self._visitors.pop(name, None)
        if visitor is None:
            self._forget()
            visitor = _Visitor(Rate(self._a_minute, self._clock))
        self._visitors[name] = visitor
        return visitor

    def _forget(self) -> None:
        """Make room for another; whoever is inside is never forgotten."""
        if len(self._visitors) < REMEMBERED + self._most:
            return
        for name, visitor in self._visitors.items():
            if not visitor.connections:
                del self._visitors[name]
                return


class Budget:
    """Bytes that may be held at the same time.

    Args:
        most: of all; `most_each`: of one visitor.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self._left = most
        self._most_each = most_each
        self._held: Counter[str] = Counter()

    def take(self, visitor: str, count: int) -> bool:
        """Hold so many more for a visitor, or not."""
        if count > min(self._left, self._most_each - self._held[visitor]):
            return False
        self._left -= count
        self._held[visitor] += count
        return True

    def give(self, visitor: str, count: int) -> None:
        """So many are held no longer."""
        self._left += count
        self._held[visitor] -= count
        if not self._held[visitor]:
            del self._held[visitor]


def visitor_of(address: str) -> str:
    """Whom an address counts as."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
