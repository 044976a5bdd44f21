"""How the market was looked at comes back; what makes no sense does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.prefs import Prefs
from morpheus_desktop.viewmodels.market import BID_KEYS, MODEL_KEYS
from morpheus_desktop.viewmodels.market_kept import Kept, as_text, from_text
from morpheus_desktop.viewmodels.market_rows import Filters

FULL = Kept(
    Filters('a "quoted", word', "vision", tee=True, online=False, price=5 * 10**16),
    "day",
    14_400,
    ("speed", True),
    ("ping", False),
    frozenset({"0xab", "0xcd"}),
    (400, 280),
)


def back(text: str) -> Kept:
    return from_text(text, MODEL_KEYS, BID_KEYS)


def test_all_of_it_comes_back(tmp_path):
    prefs = Prefs(tmp_path / "window.ini")
    prefs.market_view = as_text(FULL)
    assert back(Prefs(tmp_path / "window.ini").market_view) == FULL


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "[" * 100_000])
def test_what_is_no_text_of_ours_is_as_at_first(text):
    assert back(text) == Kept()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit", "year"),
        ("unit", []),
        ("stake_seconds", 7),
        ("stake_seconds", True),
        ("model_order", ["nothing", True]),
        ("model_order", ["price", 1]),
        ("model_order", [["price"], True]),
        ("bid_order", "price"),
        ("stars", "0xab"),
        ("stars", [1, None]),
        ("split", [1]),
        ("split", [0, 5]),
        ("split", [10**9, 5]),
        ("filters", 7),
        ("filters", {"query": 7, "kind": "x", "tee": 1, "price": "9", "price_per_s": 1}),
        ("filters", {"price": 1, "price_per_s": 7}),
        ("filters", {"price": -1, "price_per_s": 1}),
        ("filters", {"price": True, "price_per_s": 1}),
    ],
)
def test_a_part_that_makes_no_sense_is_as_at_first(name, value):
    assert back(json.dumps({name: value})) == Kept()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["filters", "split", "unit", "kind"]), inner)
        ),
    )
)
def test_anything_can_stand_there(value):
    back(json.dumps(value))
