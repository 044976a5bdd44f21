"""The market as rows: what strangers wrote is made plain, what is not known is not zero."""

import pytest

from morpheus_desktop.viewmodels.market_rows import (
    LEAST_SAMPLE,
    Filters,
    Reach,
    bid_rows,
    fitting,
    kind_of,
    model_rows,
    sorted_rows,
    tightest,
    up_count,
)
from router.chain.marketplace import Market, Offer
from tests.support.session_pages import (
    NOON,
    PRICE,
    a_bid,
    a_market,
    a_model,
    provider_of,
    rated,
    stats,
)

DOWN = Reach("down", why="silence")


def market_of(*models, offers=None) -> Market:
    return Market(7, NOON, models, offers or {}, {})


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        (("LLM",), "chat"),
        ((), "chat"),
        ((" STT ", "llm"), "speech"),
        (("vision", "llm"), "vision"),
        (("text-to-image",), "image"),
        (("Embeddings",), "embedding"),
    ],
)
def test_tags_tell_what_a_model_is_for(tags, kind):
    assert kind_of(tags) == kind


def test_names_and_tags_of_strangers_become_one_plain_line():
    name, tag = "Evil\u202egnp\nline <b>two</b>" + "x" * 500, "a\u200bb" * 50
    (row,) = model_rows(market_of(a_model(0, name, (tag, "TEE"))), frozenset())
    assert "\n" not in row.name
    assert "\u202e" not in row.name
    assert len(row.name) <= 60
    assert all(len(each) <= 24 for each in row.tags)
    assert row.tee


def test_a_model_without_bids_has_no_price_and_no_speed():
    (row,) = model_rows(market_of(a_model(0)), frozenset())
    assert (row.bids, row.price, row.tokens_per_s) == (0, None, None)


def test_a_model_without_a_name_is_called_something():
    (row,) = model_rows(market_of(a_model(0, "\u200b")), frozenset())
    assert row.name == "A model without a name"


def test_the_lowest_price_and_the_fastest_of_those_that_are_known():
    offers = (
        Offer(a_bid(0, price=3 * PRICE), stats(40, 50.0)),
        Offer(a_bid(1, provider=1, price=PRICE), stats(LEAST_SAMPLE - 1, 900.0)),
    )
    model = a_model(0)
    (row,) = model_rows(market_of(model, offers={model.id: offers}), frozenset({model.id}))
    assert (row.price, row.tokens_per_s, row.favourite) == (PRICE, 50.0, True)


def test_filters_combine():
    rows = model_rows(a_market(4, names=("Llama", "Llama tiny")), frozenset())
    assert [r.name for r in fitting(rows, Filters("llama"), {})] == ["Llama", "Llama tiny"]
    cheap = Filters("llama", price=PRICE * 3600, price_per_s=3600)
    assert [r.name for r in fitting(rows, cheap, {})] == ["Llama"]
    assert fitting(rows, Filters(tee=True), {}) == []
    assert fitting(rows, Filters(kind="speech"), {}) == []


def test_a_price_a_wei_too_high_does_not_fit():
    rows = model_rows(a_market(1), frozenset())
    assert fitting(rows, Filters(price=PRICE * 3600 - 1, price_per_s=3600), {}) == []


def test_a_provider_is_found_by_its_address():
    rows = model_rows(a_market(2), frozenset())
    assert len(fitting(rows, Filters(provider_of(1).upper().replace("X", "x")), {})) == 2


def test_online_hides_models_of_which_nobody_answered():
    rows = model_rows(a_market(1), frozenset())
    one, both = {provider_of(0): DOWN}, {provider_of(0): DOWN, provider_of(1): DOWN}
    assert fitting(rows, Filters(), one)
    assert not fitting(rows, Filters(), both)
    assert fitting(rows, Filters(online=False), both)
    assert up_count(rows[0], {provider_of(0): Reach("up", 4), provider_of(1): DOWN}) == 1


def test_the_tightest_filter_and_what_it_hides():
    rows = model_rows(a_market(4, names=("Llama",)), frozenset())
    assert tightest(rows, Filters("llama", tee=True), {}) == ("tee", 1)
    assert tightest(rows, Filters("nothing", tee=True), {})[1] == 0


def test_rows_without_a_value_come_last_either_way():
    rows = [3, None, 1]
    assert sorted_rows(rows, lambda r: r, descending=False) == [1, 3, None]
    assert sorted_rows(rows, lambda r: r, descending=True) == [3, 1, None]


def test_bids_are_in_the_order_of_their_rating_and_the_first_that_answers_is_best():
    market = a_market(1, 3)
    offers, order = market.offers[market.models[0].id], rated(market, market.models[0].id)
    rows = bid_rows(offers, order, {})
    assert [row.id for row in rows] == [each.bid.id for each in order]
    assert [row.best for row in rows] == [True, False, False]
    rows = bid_rows(offers, order, {order[0].bid.provider: DOWN})
    assert [row.best for row in rows] == [False, True, False]


def test_what_too_few_sessions_say_is_not_said():
    market = a_market(1, 2)
    offers = market.offers[market.models[0].id]
    new, known = bid_rows(offers, rated(market, market.models[0].id), {})[::-1]
    assert (new.success, new.tokens_per_s, new.first_token_s, new.quality) == (None,) * 4
    assert (known.success, known.first_token_s, known.quality) == (0.95, 0.62, 85)
    assert bid_rows(offers, [], {})[0].quality is None
