"""How bids are put in order: weights and allowed providers of a file, and lists of the settings."""

import functools
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from router.config import MarketConfig
from router.errors import BadRequest, ConfigError
from router.outside import parse_json
from router.untrusted import one_line
from router.wallet.checks import checked_address

log = logging.getLogger(__name__)

ALGORITHM = "default"
KNOWN = frozenset({"algorithm", "providerallowlist", "params", "$schema"})
# Five decimal fractions that make 1 on paper do not always make 1.0 in binary.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Weights:
    """How much each part of a score counts; together they make 1."""

    tps: float = 0.24
    ttft: float = 0.08
    duration: float = 0.24
    success: float = 0.32
    stake: float = 0.12


@dataclass(frozen=True)
class RatingConfig:
    """What is preferred. Addresses have their checksum; an empty `allowed` allows everybody."""

    weights: Weights = field(default_factory=Weights)
    allowed: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    favourites: frozenset[str] = frozenset()


def load(path: Path, market: MarketConfig) -> RatingConfig:
    """From `rating-config.json`, which may be missing, and the settings.

    Raises:
        ConfigError: one of them is wrong; says what.
    """
    weights, allowed = Weights(), frozenset[str]()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})") from error
    else:
        weights, allowed = _parsed(path, data)
    return RatingConfig(
        weights,
        allowed,
        _addresses(market.blocked, "The setting market.blocked"),
        _addresses(market.favourites, "The setting market.favourites"),
    )


def _parsed(path: Path, data: bytes) -> tuple[Weights, frozenset[str]]:
    try:
        found = parse_json(data)
    except ValueError as error:
        raise _wrong(path, "is not JSON") from error
    if not isinstance(found, Mapping):
        raise _wrong(path, "is not an object")
    # In whatever case, as the original reads it: a list of allowed providers must not be overlooked.
    found = _named(path, found, KNOWN)
    if found.get("algorithm", ALGORITHM) != ALGORITHM:
        raise _wrong(path, 'has another algorithm than "default"')
    allowed = found.get("providerallowlist") or []
    if not isinstance(allowed, list) or not all(isinstance(item, str) for item in allowed):
        raise _wrong(path, "needs a list of addresses as providerAllowlist")
    params = found.get("params")
    weights = params
    if isinstance(params, Mapping):
        weights = _named(path, params, frozenset({"weights"})).get("weights")
    return _weights(path, weights), _addresses(allowed, f"providerAllowlist in {path.name}")


def _named(path: Path, found: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """The same with names in lower case; of others a warning stands in the log."""
    lower = {name.lower(): value for name, value in found.items()}
    _warn_of(path.name, tuple(sorted(lower.keys() - known)))
    return lower


@functools.cache
def _warn_of(name: str, unknown: tuple[str, ...]) -> None:
    """Once: the file is read again for each model that is looked at."""
    if unknown:
        words = one_line(", ".join(unknown), 200)
        log.warning("%s has members that mean nothing here: %s", name, words)


def _weights(path: Path, found: Any) -> Weights:
    if found is None:
        return Weights()
    names = {each.name for each in fields(Weights)}
    if not isinstance(found, Mapping) or set(found) != names:
        raise _wrong(path, f"needs exactly these weights: {', '.join(sorted(names))}")
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise _wrong(path, f"needs a number from 0 to 1 as weight {name}")
    if not math.isclose(math.fsum(found.values()), 1.0, rel_tol=0.0, abs_tol=TOLERANCE):
        raise _wrong(path, f"has weights that make {math.fsum(found.values()):g} together, not 1")
    return Weights(**{name: float(value) for name, value in found.items()})


def _addresses(texts: tuple[str, ...] | list[str], where: str) -> frozenset[str]:
    try:
        return frozenset(checked_address(text) for text in texts)
    except BadRequest as error:
        raise ConfigError(
            f"{where} has an entry that cannot be used. {error.message}",
            safe="Nothing was sent.",
            hint=error.hint,
        ) from error


def _wrong(path: Path, what: str) -> ConfigError:
    return ConfigError(
        f"The file {path.name} {what}.",
        safe="Nothing was sent; bids are not put in order until it is right.",
        hint="Correct the file, or remove it to use the usual order.",
    )
