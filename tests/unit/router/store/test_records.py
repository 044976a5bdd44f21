"""router.store.records: values go into JSON and come back; impossible ones are left out."""

import json
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.backends.base import Sampling
from router.store.records import (
    Stats,
    sampling_from,
    sampling_values,
    stats_from,
    stats_to_json,
    storable,
)

WHOLE = st.integers(0, 2**40)
SECONDS = st.floats(0, 1e6)


@given(
    st.builds(
        Stats,
        *[WHOLE] * 2,
        *[SECONDS] * 2,
        WHOLE,
        SECONDS,
        *[WHOLE] * 2,
        *[st.text()] * 3,
        st.integers(0, 2**256 - 1),
        *[st.booleans()] * 2,
        st.text(),
        st.lists(st.text(), max_size=3).map(tuple),
    )
)
def test_stats_come_back(stats: Stats) -> None:
    text = stats_to_json(stats)
    assert text is not None
    assert stats_from(json.loads(text)) == stats


def test_no_stats() -> None:
    assert stats_to_json(None) is None
    assert stats_from(None) is None
    assert stats_from([1]) is None
    assert stats_from({}) == Stats()


@pytest.mark.parametrize("value", ["1", None, True, [], {}, 1.5, 10**400, -(10**400)])
def test_impossible_counts_are_left_out(value: object) -> None:
    assert stats_from({"prompt_tokens": value, "answer_tokens": 3}) == Stats(answer_tokens=3)


@pytest.mark.parametrize("value", ["1", None, True, [], 10**400, float("nan"), float("inf")])
def test_impossible_times_are_left_out(value: object) -> None:
    assert stats_from({"total_s": value, "unknown": 1}) == Stats()


@pytest.mark.parametrize("value", ["1", None, True, 1.0, -1, 2**256])
def test_impossible_amounts_are_left_out(value: object) -> None:
    assert stats_from({"cost": value, "is_direct": 1, "claimed": "yes"}) == Stats()


def test_sampling_comes_back() -> None:
    sampling = Sampling(
        temperature=0.0, top_k=5, stop=("a", "b"), json_schema={"type": "object"}, seed=7
    )
    values = json.loads(json.dumps(sampling_values(sampling)))
    assert sampling_from(values) == sampling
    assert sampling_values(Sampling()) == {}
    assert sampling_from({}) == sampling_from("x") == Sampling()


@pytest.mark.parametrize("name", get_type_hints(Sampling))
def test_impossible_wishes_are_left_out(name: str) -> None:
    for value in (object(), [1], True, 10**400):
        assert sampling_from({name: value}) == Sampling()


def test_storable_text() -> None:
    assert storable("a\ud83d") == "a?"
    assert storable("grüße 👋\0") == "grüße 👋\0"
