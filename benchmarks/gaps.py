"""How evenly the window's loop turns: the gaps between the calls of a 10 ms timer.

A gap is the time from one call to the next, the interval included: 10 ms is perfect.
"""

import math
from collections.abc import Sequence
from time import perf_counter

from PySide6.QtCore import Qt, QTimer

INTERVAL_MS = 10


class GapMeter:
    """Collects gaps while it is on."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._last = 0.0
        self._timer = QTimer(interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Go on collecting."""
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Pause; the time until the next start is no gap."""
        self._timer.stop()

    def _tick(self) -> None:
        now = perf_counter()
        self.gaps_ms.append((now - self._last) * 1000)
        self._last = now


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]
