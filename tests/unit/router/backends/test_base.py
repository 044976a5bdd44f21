"""router.backends.base: requests and events are values, and a Backend is what answers them."""

import dataclasses

import pytest

from router.backends.base import Backend, Delta, Request, Sampling, Started, Turn
from router.backends.local import LocalBackend
from tests.support.api_client import ScriptedBackend


def test_what_is_not_asked_for_is_left_to_the_model() -> None:
    sampling = Request("m").sampling
    wishes = {name: value for name, value in dataclasses.asdict(sampling).items() if value}
    assert wishes == {}


def test_requests_are_equal_when_they_ask_the_same() -> None:
    one = Request("m", (Turn("user", "Hi"),), sampling=Sampling(seed=1))
    assert one == Request("m", (Turn("user", "Hi"),), sampling=Sampling(seed=1))
    assert one != dataclasses.replace(one, prompt="Hi")


@pytest.mark.parametrize("value", [Request("m"), Turn("user", "Hi"), Delta("x"), Started(1, 2)])
def test_nobody_changes_what_others_hold(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "other")


def test_a_piece_of_text_is_one_token_unless_it_says_more() -> None:
    assert Delta("x").tokens == 1


@pytest.mark.parametrize("kind", [LocalBackend, ScriptedBackend])
def test_those_that_answer_have_what_a_backend_has(kind: type) -> None:
    wanted = {name for name in vars(Backend) if not name.startswith("_")}
    assert wanted == {"complete", "embed"}
    assert wanted <= set(dir(kind))
