"""Puts the bids for a model in order: the score of the protocol, and what the user prefers.

The score is that of other nodes to the last bit, with one difference that is meant: they cut a
provider's stake to 64 bits, so that 20 MOR count as 1.55. Here all stakes count in full.
"""

import math
from collections.abc import Mapping

from router.chain.marketplace import Market, Offer
from router.chain.records import BidStats, ModelStats, Provider, Spread
from router.consumer.rating_config import RatingConfig, Weights
from router.consumer.records import Evidence, RatedBid
from router.units import WEI

# A provider with ten times the least stake has the full part for it.
FULL_STAKE = 10


def rate(
    market: Market,
    model_id: str,
    *,
    model_stats: ModelStats,
    minimum_stake: int,
    config: RatingConfig,
    evidence: Mapping[str, Evidence],
    own_address: str,
) -> list[RatedBid]:
    """The bids for a model: favourites first, then by score; those that are not used come last.

    Bids without a score, as with a price of zero, are left out.

    Args:
        minimum_stake: that providers need; wei.
        evidence: what our own calls for this model showed, by provider.
        own_address: bids of our own are not used.
    """
    rated = []
    for offer in market.offers.get(model_id, ()):
        provider = market.providers.get(offer.bid.provider)
        if provider is None or offer.bid.price_per_second <= 0:
            continue
        excluded = _excluded(provider.address, config, own_address)
        parts = _parts(offer.stats, model_stats, provider, minimum_stake, config.weights)
        score = _score(parts, offer)
        if not math.isfinite(score):
            continue
        rated.append(
            RatedBid(
                offer.bid,
                provider,
                offer.stats,
                None if excluded else score,
                parts,
                evidence.get(provider.address, Evidence()),
                provider.address in config.favourites,
                excluded,
                provider.may_earn(market.timestamp),
            )
        )
    return sorted(rated, key=_place)


def _place(one: RatedBid) -> tuple[bool, bool, float, int, str]:
    """What bids are sorted by; the id last, so that the order never jumps."""
    score = 0.0 if one.score is None else one.score
    return bool(one.excluded), not one.favourite, -score, one.bid.price_per_second, one.bid.id


def _excluded(address: str, config: RatingConfig, own_address: str) -> str:
    if address == own_address:
        return "own"
    if address in config.blocked:
        return "blocked"
    return "not_allowed" if config.allowed and address not in config.allowed else ""


def _parts(
    own: BidStats, of_all: ModelStats, provider: Provider, minimum_stake: int, weights: Weights
) -> tuple[tuple[str, float], ...]:
    """What each part adds to the sum that is divided by the price."""
    tps = _z(own.tps_scaled_1000.mean, of_all.tps_scaled_1000, of_all.count)
    ttft = -_z(own.ttft_ms.mean, of_all.ttft_ms, of_all.count)
    duration = _z(own.total_duration_s, of_all.total_duration_s, of_all.count)
    return (
        ("tps", weights.tps * _within(tps)),
        ("ttft", weights.ttft * _within(ttft)),
        ("duration", weights.duration * _within(duration)),
        ("success", weights.success * _success(own)),
        ("stake", weights.stake * _stake(provider.stake, minimum_stake)),
    )


def _score(parts: tuple[tuple[str, float], ...], offer: Offer) -> float:
    total = 0.0
    for _, value in parts:  # in this order, as other nodes do: floats differ otherwise
        total += value
    # The price as a float first: the quotient of whole numbers is rounded otherwise.
    return total / (float(offer.bid.price_per_second) / WEI)


def _z(value: int, spread: Spread, count: int) -> float:
    """How many standard deviations from the mean; 0 where nothing is known."""
    if count <= 1 or spread.sq_sum <= 0:
        return 0.0
    return (value - spread.mean) / math.sqrt(spread.sq_sum / (count - 1))


def _within(z: float) -> float:
    """Three deviations to both sides as 0 to 1."""
    return _clamped((z + 3) / 6)


def _success(own: BidStats) -> float:
    share = own.success_count / own.total_count if own.total_count else 0.0
    return share * share


def _stake(stake: int, minimum: int) -> float:
    if minimum <= 0:
        return 0.0
    return _clamped(float(stake - minimum) / float((FULL_STAKE - 1) * minimum))


def _clamped(value: float) -> float:
    return min(max(value, 0.0), 1.0)
