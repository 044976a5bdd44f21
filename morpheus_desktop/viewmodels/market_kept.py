"""How somebody looks at the market, kept between starts: filters, orders, units, stars."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from morpheus_desktop.viewmodels.market_rows import KIND_WORDS, Filters
from router.units import WEI

Unit = Literal["second", "hour", "day"]
Order = tuple[str, bool]

UNIT_S: dict[Unit, int] = {"second": 1, "hour": 3600, "day": 86_400}
STAKE_CHOICES = (900, 3600, 14_400)
# Without a column: as the rating orders bids, by what they give for their price.
RATING = "rating"
MOST_STARS = 1000
LONGEST = 200
MOST_PRICE = 10**9 * WEI
MOST_PIXELS = 10_000


@dataclass(frozen=True)
class Kept:
    """What is kept.

    Args:
        stake_seconds: for how long a session the stakes are shown.
        model_order, bid_order: key of a column, and whether the largest come first.
        split: heights of models and bids; empty before somebody moved the line between them.
    """

    filters: Filters = Filters()  # noqa: RUF009 - frozen
    unit: Unit = "hour"
    stake_seconds: int = STAKE_CHOICES[1]
    model_order: Order = ("price", False)
    bid_order: Order = (RATING, False)
    stars: frozenset[str] = frozenset()
    split: tuple[int, ...] = ()


def as_text(kept: Kept) -> str:
    """One line of text."""
    return json.dumps(asdict(kept) | {"stars": sorted(kept.stars)[:MOST_STARS]})


def from_text(text: str, model_keys: Collection[str], bid_keys: Collection[str]) -> Kept:
    """What was kept; a part of it that makes no sense is as at first.

    Args:
        model_keys, bid_keys: the columns that there are.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Kept()
    if not isinstance(found, dict):
        return Kept()
    first = Kept()
    unit, seconds = found.get("unit"), found.get("stake_seconds")
    return Kept(
        _filters(found.get("filters")),
        next((name for name in UNIT_S if name == unit), first.unit),
        seconds if seconds in STAKE_CHOICES else first.stake_seconds,
        _order(found.get("model_order"), model_keys, first.model_order),
        _order(found.get("bid_order"), bid_keys, first.bid_order),
        frozenset(_texts(found.get("stars"))[:MOST_STARS]),
        _split(found.get("split")),
    )


def _filters(found: Any) -> Filters:
    if not isinstance(found, dict):
        return Filters()
    query, kind, per_s = found.get("query"), found.get("kind"), found.get("price_per_s")
    price = _number(found.get("price"), MOST_PRICE) if per_s in UNIT_S.values() else None
    return Filters(
        query[:LONGEST] if isinstance(query, str) else "",
        next((name for name in KIND_WORDS if name == kind), None),
        tee=found.get("tee") is True,
        online=found.get("online") is not False,
        price=price,
        price_per_s=int(per_s) if price is not None and per_s else Filters.price_per_s,
    )


def _order(found: Any, keys: Collection[str], first: Order) -> Order:
    sound = (
        isinstance(found, list)
        and len(found) == 2
        and isinstance(found[0], str)
        and found[0] in keys
        and isinstance(found[1], bool)
    )
    return cast("Order", tuple(found)) if sound else first


def _texts(found: Any) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _split(found: Any) -> tuple[int, ...]:
    if not isinstance(found, list) or len(found) != 2:
        return ()
    heights = tuple(_number(each, MOST_PIXELS) or 0 for each in found)
    return heights if all(heights) else ()


def _number(value: Any, most: int) -> int | None:
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return value if sound else None
