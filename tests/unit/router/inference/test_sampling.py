"""Which wishes make sense, and what stands for those not made."""

import dataclasses
import math

import pytest

from router.backends.base import Sampling
from router.errors import BadRequest
from router.inference import sampling


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"temperature": 0, "top_p": 1, "top_k": 0, "min_p": 0, "max_tokens": 1, "seed": -1},
        {"stop": ("a",) * 16, "presence_penalty": -2, "frequency_penalty": 2.0},
    ],
)
def test_what_makes_sense_is_accepted(wishes: dict[str, object]) -> None:
    sampling.check(Sampling(**wishes))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("top_p", 1.1),
        ("top_p", math.inf),
        ("top_k", -1),
        ("min_p", 2),
        ("repeat_penalty", 0),
        ("presence_penalty", 3),
        ("frequency_penalty", -3),
        ("max_tokens", 0),
        ("seed", 2**64),
        ("stop", ("",)),
        ("stop", ("x" * 257,)),
        ("stop", ("x",) * 17),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        sampling.check(Sampling(**{name: value}))
    assert refused.value.param == name
    assert name in refused.value.message


def test_the_file_recommends() -> None:
    found = sampling.defaults(
        {"general.sampling.temp": "0.6", "general.sampling.top_k": "20"}, 10**9
    )
    assert (found.temperature, found.top_k) == (0.6, 20)


@pytest.mark.parametrize("value", ["nan", "hot", "-3", "1e9", ""])
def test_a_recommendation_that_makes_no_sense_is_passed_over(value: str) -> None:
    assert sampling.defaults({"general.sampling.temp": value}, 10**9) == sampling.Defaults()


def test_a_small_model_is_cooler() -> None:
    small, usual = sampling.defaults({}, 135_000_000), sampling.Defaults()
    assert small.temperature < usual.temperature
    assert small.repeat_penalty > usual.repeat_penalty == 1


def test_wishes_go_before_defaults() -> None:
    choice = sampling.choose(Sampling(temperature=0, top_k=1, seed=7), sampling.Defaults())
    assert (choice.temperature, choice.top_k, choice.seed) == (0, 1, 7)
    assert choice.top_p == sampling.Defaults().top_p
    assert dataclasses.replace(choice, seed=None) == sampling.choose(
        Sampling(temperature=0, top_k=1), sampling.Defaults()
    )
