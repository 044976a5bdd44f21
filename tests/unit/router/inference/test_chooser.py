"""How tokens are chosen, with the real model's probabilities."""

import json

import pytest

from router.backends.base import Sampling
from router.errors import BadRequest
from router.inference import grammar, native, sampling
from router.inference.chooser import Chooser

pytestmark = [pytest.mark.model, pytest.mark.slow]


def write(
    model: native.Model,
    context: native.Context,
    rules: str | None = None,
    *,
    count: int = 12,
    **wishes: object,
) -> str:
    context.keep(0)
    context.add(model.tokens("The list of colours: red, green, red, green,", special=False))
    chooser = Chooser(model, sampling.choose(Sampling(**wishes), sampling.Defaults()), rules)
    data = b""
    for _ in range(count):
        token = chooser.next(context)
        if model.ends_answer(token):
            break
        data += model.piece(token)
        context.add_one(token)
    chooser.close()
    chooser.close()
    return data.decode("utf-8", "replace")


def test_temperature_zero_is_always_the_same(model: native.Model, context: native.Context) -> None:
    assert write(model, context, temperature=0) == write(model, context, temperature=0)


def test_a_seed_repeats_and_another_differs(model: native.Model, context: native.Context) -> None:
    hot = {"temperature": 1.5, "top_p": 1.0, "top_k": 0, "min_p": 0.0}
    first = write(model, context, seed=1, **hot)
    assert write(model, context, seed=1, **hot) == first
    assert any(write(model, context, seed=seed, **hot) != first for seed in (2, 3))
    assert len({write(model, context, **hot) for _ in range(3)}) > 1


@pytest.mark.parametrize("seed", [-1, 0xFFFFFFFF, 2**64 - 1])
def test_extreme_seeds_repeat_too(model: native.Model, context: native.Context, seed: int) -> None:
    assert write(model, context, seed=seed, temperature=2) == write(
        model, context, seed=seed, temperature=2
    )


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}])
def test_the_narrowest_choice_is_the_likeliest_token(
    model: native.Model, context: native.Context, narrow: dict[str, float]
) -> None:
    assert write(model, context, temperature=2, **narrow) == write(model, context, temperature=0)


@pytest.mark.parametrize(
    "penalty", [{"repeat_penalty": 5.0}, {"presence_penalty": 2.0, "frequency_penalty": 2.0}]
)
def test_penalties_keep_the_answer_from_repeating_itself(
    model: native.Model, context: native.Context, penalty: dict[str, float]
) -> None:
    plain = write(model, context, temperature=0, count=40)
    varied = write(model, context, temperature=0, count=40, **penalty)
    assert len(set(varied.split())) > len(set(plain.split()))


def test_a_grammar_holds_even_a_hot_model(model: native.Model, context: native.Context) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "c": {"enum": ["red", "blue"]}},
        "required": ["n", "c"],
    }
    for seed in range(5):
        text = write(
            model, context, grammar.from_schema(schema), count=80, temperature=3, top_k=0, seed=seed
        )
        value = json.loads(text)
        assert isinstance(value["n"], int)
        assert value["c"] in ("red", "blue")


@pytest.mark.parametrize("rules", ["root ::= (((", "root ::= root", "other ::= [a]"])
def test_a_grammar_that_is_none_is_refused(model: native.Model, rules: str) -> None:
    with pytest.raises(BadRequest):
        Chooser(model, sampling.choose(Sampling(), sampling.Defaults()), rules)
