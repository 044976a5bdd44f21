"""Who may connect: how many at once, how often, and how much may wait to be read (pure).

An address of version 6 counts with all others of its network of 64 bits, which is what one
customer gets.
"""

import ipaddress
import time
from collections import OrderedDict
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


@dataclass
class _Visitor:
    rate: Rate
    connections: int = 0


class Door:
    """Counts connections.

    Args:
        most: at the same time, of all; `most_each`: of one address.
        a_minute: of one address, see `Rate`.
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

    def enter(self, address: str) -> bool:
        """Let one more in, or not; each that was let in must `leave`."""
        visitor = self._visitor(address)
        if (
            self.inside >= self._most
            or visitor.connections >= self._most_each
            or not visitor.rate.take()
        ):
            self.turned_away += 1
            return False
        visitor.connections += 1
        self.inside += 1
        return True

    def leave(self, address: str) -> None:
        """One that was let in is gone."""
        self._visitors[_place(address)].connections -= 1
        self.inside -= 1

    def _visitor(self, address: str) -> _Visitor:
        place = _place(address)
        visitor = self._visitors.pop(place, None)
        if visitor is None:
            self._forget()
            visitor = _Visitor(Rate(self._a_minute, self._clock))
        self._visitors[place] = visitor
        return visitor

    def _forget(self) -> None:
        """Make room for another; whoever is inside is never forgotten."""
        if len(self._visitors) < REMEMBERED + self._most:
            return
        for place, visitor in self._visitors.items():
            if not visitor.connections:
                del self._visitors[place]
                return


class Budget:
    """Bytes that may be held at the same time, whoever sends them."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, count: int) -> bool:
        """Hold so many more, or not."""
        if count > self._left:
            return False
        self._left -= count
        return True

    def give(self, count: int) -> None:
        """So many are held no longer."""
        self._left += count


def _place(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
