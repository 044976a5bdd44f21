"""One measured figure, its target, and how it is printed: a JSON object a line."""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """The median of several runs of one measurement.

    Args:
        at_least, at_most: the target, if there is one; never both.
    """

    benchmark: str
    metric: str
    values: Sequence[float]
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None

    def line(self) -> str:
        """The JSON object that is printed."""
        target = self.at_least if self.at_least is not None else self.at_most
        return json.dumps(
            {
                "benchmark": self.benchmark,
                "metric": self.metric,
                "value": round(self.value, 4),
                "unit": self.unit,
                "runs": len(self.values),
                "target": target,
                "ok": self.ok,
            }
        )


def show(figure: Figure) -> None:
    """Print one figure; the spread goes to stderr, where people look."""
    print(figure.line(), flush=True)
    low, high = min(figure.values), max(figure.values)
    print(f"  {figure.metric}: {low:.4g} to {high:.4g} {figure.unit}", file=sys.stderr)
