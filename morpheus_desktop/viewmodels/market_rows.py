"""The market as rows: made from one reading of the chain, filtered and sorted (pure).

Names, tags and endpoints are written by strangers; here they become plain text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from router.chain.marketplace import Market, Offer
from router.chain.records import Model
from router.consumer.records import RatedBid
from router.untrusted import one_line

Kind = Literal["chat", "vision", "speech", "image", "embedding"]
ReachState = Literal["unknown", "asking", "up", "down"]

KIND_WORDS: dict[Kind, str] = {
    "chat": "Chat",
    "vision": "Vision",
    "speech": "Speech",
    "image": "Image",
    "embedding": "Embedding",
}
# What tags say of a model, first match wins; the marketplace itself does not look at tags.
_TAGS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (
        "speech",
        frozenset(
            (
                *("stt", "transcribe", "s2t", "speech", "speech-to-text", "speech2text"),
                *("audio", "tts", "text-to-speech", "text2speech", "t2s"),
            )
        ),
    ),
    ("embedding", frozenset(("embedding", "embeddings"))),
    ("vision", frozenset(("vision", "vlm", "image-to-text"))),
    ("image", frozenset(("image", "text-to-image", "text2image", "t2i", "diffusion", "video"))),
)
TEE = "tee"
MOST_TAGS = 4
LONGEST_TAG = 24
# Fewer sessions than this say nothing about a provider.
LEAST_SAMPLE = 5


@dataclass(frozen=True)
class Reach:
    """Whether a provider answers, as far as this computer has asked.

    Args:
        ms: of the last answer. `why` and `at`: of the last failed try, seconds since 1970.
    """

    state: ReachState = "unknown"
    ms: int = 0
    why: str = ""
    at: float = 0.0


UNKNOWN = Reach()


@dataclass(frozen=True)
class ModelRow:
    """A model with what its bids come to.

    Args:
        price: of the cheapest bid, in wei of MOR a second; None without bids.
        tokens_per_s: of the fastest provider by the chain's statistics; None where unknown.
        words: what a search looks through, folded.
    """

    id: str
    name: str
    kind: Kind
    tags: tuple[str, ...]
    tee: bool
    providers: tuple[str, ...]
    price: int | None
    tokens_per_s: float | None
    favourite: bool
    words: str

    @property
    def bids(self) -> int:
        """How many bids it has."""
        return len(self.providers)


@dataclass(frozen=True)
class BidRow:
    """A bid of the chosen model.

    Args:
        rated: None until the score was worked out.
        best: the first of those that would be used without a choice.
    """

    offer: Offer
    rated: RatedBid | None
    reach: Reach
    best: bool = False

    @property
    def id(self) -> str:
        """Of the bid."""
        return self.offer.bid.id

    @property
    def provider(self) -> str:
        """Its address."""
        return self.offer.bid.provider

    @property
    def price(self) -> int:
        """Wei of MOR a second."""
        return self.offer.bid.price_per_second

    @property
    def known(self) -> bool:
        """Whether there are sessions enough to say how the provider does."""
        return self.offer.stats.total_count >= LEAST_SAMPLE

    @property
    def success(self) -> float | None:
        """Part of the sessions that ended well, 0 to 1; None where there were too few."""
        stats = self.offer.stats
        return stats.success_count / stats.total_count if self.known else None

    @property
    def tokens_per_s(self) -> float | None:
        """By the chain's statistics."""
        return self.offer.stats.tps_scaled_1000.mean / 1000 if self.known else None

    @property
    def first_token_s(self) -> float | None:
        """By the chain's statistics."""
        return self.offer.stats.ttft_ms.mean / 1000 if self.known else None

    @property
    def quality(self) -> int | None:
        """The sum of the score's parts, 0 to 100, whatever the price; None where not known."""
        if self.rated is None or self.rated.score is None or not self.known:
            return None
        return round(100 * sum(value for _, value in self.rated.parts))


@dataclass(frozen=True)
class Filters:
    """What is looked for.

    Args:
        online: hides models of which no provider answered.
        price: the most that `price_per_s` seconds may cost, in wei of MOR; None is any.
    """

    query: str = ""
    kind: Kind | None = None
    tee: bool = False
    online: bool = True
    price: int | None = None
    price_per_s: int = 3600


def kind_of(tags: Iterable[str]) -> Kind:
    """What a model is for, by its tags; one that none of them tells is for chat."""
    found = {tag.strip().casefold() for tag in tags}
    return next((kind for kind, known in _TAGS if found & known), "chat")


def model_rows(market: Market, favourites: frozenset[str]) -> list[ModelRow]:
    """All models of a reading."""
    return [_model_row(model, market, favourites) for model in market.models]


def _model_row(model: Model, market: Market, favourites: frozenset[str]) -> ModelRow:
    offers = market.offers.get(model.id, ())
    rates = [
        offer.stats.tps_scaled_1000.mean / 1000
        for offer in offers
        if offer.stats.total_count >= LEAST_SAMPLE
    ]
    tags = tuple(filter(None, (one_line(tag, LONGEST_TAG) for tag in model.tags)))
    tee = any(tag.casefold() == TEE for tag in tags)
    providers = tuple(offer.bid.provider for offer in offers)
    name = one_line(model.name) or "A model without a name"
    return ModelRow(
        model.id,
        name,
        kind_of(model.tags),
        tuple(tag for tag in tags if tag.casefold() != TEE)[:MOST_TAGS],
        tee,
        providers,
        min((offer.bid.price_per_second for offer in offers), default=None),
        max(rates, default=None),
        model.id in favourites,
        " ".join((name, *tags, *providers, model.id)).casefold(),
    )


def fitting(
    rows: Iterable[ModelRow], filters: Filters, reach: Mapping[str, Reach]
) -> list[ModelRow]:
    """The rows that pass all filters."""
    tests = _tests(filters, reach)
    return [row for row in rows if all(test(row) for test in tests.values())]


def tightest(
    rows: Sequence[ModelRow], filters: Filters, reach: Mapping[str, Reach]
) -> tuple[str, int]:
    """The filter without which most are found, and how many: query, kind, tee, online or price."""
    tests = _tests(filters, reach)
    gains = {
        name: sum(all(test(row) for key, test in tests.items() if key != name) for row in rows)
        for name in tests
    }
    name = max(gains, key=lambda name: gains[name], default="query")
    return name, gains.get(name, 0)


def filters_set(filters: Filters) -> list[str]:
    """The names of those that are set."""
    return [*_tests(filters, {})]


def _tests(filters: Filters, reach: Mapping[str, Reach]) -> dict[str, Callable[[ModelRow], bool]]:
    """A test for each filter that is set."""
    tests: dict[str, Callable[[ModelRow], bool]] = {}
    words = filters.query.casefold().split()
    most, per_s = filters.price, filters.price_per_s
    if words:
        tests["query"] = lambda row: all(word in row.words for word in words)
    if filters.kind is not None:
        tests["kind"] = lambda row: row.kind == filters.kind
    if filters.tee:
        tests["tee"] = lambda row: row.tee
    if most is not None:
        tests["price"] = lambda row: row.price is not None and row.price * per_s <= most
    if filters.online:
        down = {address for address, found in reach.items() if found.state == "down"}
        tests["online"] = lambda row: any(provider not in down for provider in row.providers)
    return tests


def up_count(row: ModelRow, reach: Mapping[str, Reach]) -> int:
    """How many of its providers have answered."""
    return sum(reach.get(provider, UNKNOWN).state == "up" for provider in row.providers)


def sorted_rows(rows: Iterable[Any], key: Callable[[Any], Any], *, descending: bool) -> list[Any]:
    """Sorted by a value; rows without one come last either way, equal ones keep their order."""
    rows = list(rows)
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=descending) + unknown


def bid_rows(
    offers: Sequence[Offer], rated: Sequence[RatedBid], reach: Mapping[str, Reach]
) -> list[BidRow]:
    """The bids of a model in the order of their rating, those without one last."""
    by_id = {each.bid.id: each for each in rated}
    places = {bid_id: place for place, bid_id in enumerate(by_id)}
    rows = [
        BidRow(offer, by_id.get(offer.bid.id), reach.get(offer.bid.provider, UNKNOWN))
        for offer in sorted(offers, key=lambda o: places.get(o.bid.id, len(places)))
    ]
    best = next(
        (
            each.bid.id
            for each in rated
            if not each.excluded and reach.get(each.bid.provider, UNKNOWN).state != "down"
        ),
        "",
    )
    return [replace(row, best=row.id == best) for row in rows]
