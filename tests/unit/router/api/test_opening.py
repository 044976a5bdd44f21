"""router.api.opening: one wish is one session, whatever happens to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from router.api.errors import ApiError, describe
from router.api.opening import Wish, Wishes
from router.chain.records import Bid, BidStats, Spread
from router.consumer.records import Evidence, Opening, OpeningStep, Quote, RatedBid
from router.errors import (
    BadRequest,
    Busy,
    ChainUnavailable,
    InsufficientFunds,
    MorpheusError,
    NotFound,
    ProviderError,
    StillOnTheWay,
)
from tests.support.quoted import BID_ID, MODEL_ID, PROVIDER, a_quote

NO_STATS = BidStats(Spread(0, 0), Spread(0, 0), 0, 0, 0)
SESSION = "0x" + "cd" * 32
OTHER = "0x" + "b3" * 32
GONE = ProviderError("Gone.", code="provider_unreachable")


@dataclass
class Sessions:
    """Stands for router.consumer.sessions; `ends` says how each opening ends, in order."""

    ends: list[Callable[[Opening], Opening]] = field(default_factory=list)
    bids: tuple[str, ...] = (BID_ID,)
    excluded: str = ""
    balance: int = 2**201
    unusual_fee: bool = False
    all: dict[int, Opening] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    is_sent: bool = False
    retried: list[int] = field(default_factory=list)

    @property
    def openings(self) -> tuple[Opening, ...]:
        return tuple(self.all.values())

    async def rated(self, model_id: str) -> list[RatedBid]:
        return [
            RatedBid(quote_of(bid).bid, quote_of(bid).provider, NO_STATS, 1.0, (), Evidence(),
                     excluded=self.excluded)
            for bid in self.bids
        ]  # fmt: skip

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        made = quote_of(bid_id, seconds=seconds, is_direct=is_direct)
        return replace(made, balance=self.balance, unusual_fee=self.unusual_fee)

    async def open(self, quote: Quote, wish: str = "") -> Opening:
        await asyncio.sleep(0)
        made = Opening(len(self.all) + 1, quote, "provider", 0.0)
        self.all[made.id] = made
        self.names[wish] = made.id
        return made

    async def wished(self, wish: str) -> Opening | None:
        return self.all.get(self.names.get(wish, 0))

    async def opening_done(self, opening_id: int) -> Opening:
        opening = self.all[opening_id]
        if opening.step == "provider":
            for _ in range(50):  # others get their turn
                await asyncio.sleep(0)
            end = self.ends.pop(0) if self.ends else done
            opening = self.all[opening_id] = end(opening)
        return opening

    async def retry(self, opening_id: int) -> Opening:
        self.retried.append(opening_id)
        self.all[opening_id] = replace(self.all[opening_id], step="provider", error=None)
        return self.all[opening_id]

    async def give_up(self, opening_id: int) -> Opening:
        if self.is_sent:
            raise Busy("It was sent.")
        self.all[opening_id] = replace(self.all[opening_id], step="given_up", worse=None)
        return self.all[opening_id]


def quote_of(bid_id: str, **changes: Any) -> Quote:
    return a_quote(bid=Bid(bid_id, PROVIDER, MODEL_ID, 10**13, 0, 6, 0), **changes)


def done(opening: Opening) -> Opening:
    return replace(opening, step="done", session_id=SESSION)


def fails(error: MorpheusError, at: OpeningStep = "provider") -> Callable[[Opening], Opening]:
    return lambda opening: replace(opening, step="failed", error=error, failed_at=at)


def asks(opening: Opening) -> Opening:
    return replace(opening, step="asked", worse=replace(opening.quote, amount=2**202))


def wish(key: str = "k", **changes: Any) -> Wish:
    return replace(Wish(3600, key, model_id=MODEL_ID), **changes)


async def test_the_same_key_is_the_same_session() -> None:
    sessions, wishes = Sessions(), Wishes()
    found = await asyncio.gather(*(wishes.carry_out(sessions, wish()) for _ in range(5)))
    assert (set(found), len(sessions.all)) == ({SESSION}, 1)
    await wishes.carry_out(sessions, wish("other"))
    assert len(sessions.all) == 2


@pytest.mark.parametrize(
    "other",
    [wish(seconds=7200), wish(is_direct=True), wish(model_id=OTHER), wish(bid_id=OTHER)],
)
async def test_a_key_is_of_one_wish(other: Wish) -> None:
    sessions, wishes = Sessions(), Wishes()
    await wishes.carry_out(sessions, wish())
    with pytest.raises(BadRequest) as caught:
        await wishes.carry_out(sessions, other)
    assert caught.value.param == "Idempotency-Key"
    assert len(sessions.all) == 1


async def test_without_a_key_only_what_is_on_its_way_is_the_same() -> None:
    sessions, wishes = Sessions(), Wishes()
    found = await asyncio.gather(
        *(wishes.carry_out(sessions, wish("")) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in found].count(StillOnTheWay) == 2
    await wishes.carry_out(sessions, wish(""))
    assert len(sessions.all) == 2


async def test_the_next_bid_when_a_provider_does_not_sign() -> None:
    sessions = Sessions([fails(GONE)], bids=(BID_ID, OTHER))
    assert await Wishes().carry_out(sessions, wish()) == SESSION
    first, second = sessions.openings
    assert (first.step, second.step) == ("given_up", "done")
    assert second.quote.bid.id == OTHER
    assert await Wishes().carry_out(sessions, wish()) == SESSION
    assert len(sessions.all) == 2


async def test_when_nobody_signs_it_is_said_why() -> None:
    sessions = Sessions([fails(GONE), fails(GONE)], bids=(BID_ID, OTHER))
    with pytest.raises(ProviderError):
        await Wishes().carry_out(sessions, wish())
    assert [opening.step for opening in sessions.openings] == ["given_up", "given_up"]
    with pytest.raises(ProviderError):
        await Wishes().carry_out(sessions, wish())
    assert len(sessions.all) == 2


async def test_nobody_else_is_tried_once_more_than_a_signature_was_asked() -> None:
    """Nor when it is no provider's fault: the next one could not help, or be a second session."""
    for failure in (fails(GONE, "sending"), fails(ChainUnavailable("No node."))):
        sessions = Sessions([failure], bids=(BID_ID, OTHER))
        with pytest.raises(MorpheusError):
            await Wishes().carry_out(sessions, wish())
        assert len(sessions.all) == 1


async def test_what_failed_goes_on_with_its_key_and_is_given_up_without() -> None:
    sessions = Sessions([fails(ChainUnavailable("No node."))])
    with pytest.raises(ChainUnavailable):
        await Wishes().carry_out(sessions, wish(bid_id=BID_ID, model_id=""))
    assert await Wishes().carry_out(sessions, wish(bid_id=BID_ID, model_id="")) == SESSION
    assert (sessions.retried, len(sessions.all)) == ([1], 1)
    sessions = Sessions([fails(ChainUnavailable("No node."))])
    with pytest.raises(ChainUnavailable):
        await Wishes().carry_out(sessions, wish(""))
    assert sessions.openings[0].step == "given_up"


async def test_what_was_sent_is_not_given_up() -> None:
    sessions = Sessions([fails(ChainUnavailable("No node."), "confirming")], is_sent=True)
    with pytest.raises(StillOnTheWay):
        await Wishes().carry_out(sessions, wish(""))


async def test_a_worse_quote_is_refused_and_not_left_waiting() -> None:
    sessions = Sessions([asks])
    with pytest.raises(ApiError) as caught:
        await Wishes().carry_out(sessions, wish())
    assert (caught.value.status, caught.value.code) == (409, "quote_changed")
    assert sessions.openings[0].step == "given_up"
    with pytest.raises(Busy):
        await Wishes().carry_out(sessions, wish())


async def test_an_error_out_of_the_book_has_its_status_again() -> None:
    for code, status in (("provider_too_slow", 504), ("SessionTooShort", 422)):
        error = MorpheusError("Why.")
        error.code = code
        with pytest.raises(MorpheusError) as caught:
            await Wishes().carry_out(Sessions([fails(error)]), wish("", bid_id=BID_ID, model_id=""))
        told = describe(caught.value)
        assert told is not None
        assert (told.status, told.code) == (status, code)


async def test_nothing_is_begun_with_too_little_or_for_nobody() -> None:
    sessions = Sessions(balance=1)
    with pytest.raises(InsufficientFunds):
        await Wishes().carry_out(sessions, wish())
    for nobody in (Sessions(bids=()), Sessions(excluded="blocked")):
        with pytest.raises(NotFound):
            await Wishes().carry_out(nobody, wish())
        assert nobody.openings == ()
    assert sessions.openings == ()


async def test_an_unusual_fee_is_not_paid_where_nobody_sees_it() -> None:
    sessions = Sessions(unusual_fee=True)
    with pytest.raises(BadRequest) as caught:
        await Wishes().carry_out(sessions, wish("", bid_id=BID_ID, model_id=""))
    assert caught.value.code == "unusual_fee"
    assert sessions.all == {}
