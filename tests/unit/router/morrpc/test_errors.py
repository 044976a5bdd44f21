"""What people read, and what becomes of a stranger's words."""

import pytest

from router.errors import MorpheusError
from router.morrpc.errors import (
    Fault,
    ModelRefusal,
    Refusal,
    RemoteRefusal,
    WireError,
    refusal_of,
)


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_says_what_happened_what_is_safe_and_what_to_do(fault: Fault) -> None:
    error = WireError(fault)
    assert error.fault is fault
    for sentence in (error.message, error.safe, error.hint):
        assert sentence.endswith(".")
        assert "!" not in sentence
    assert WireError(fault, "a detail").message == error.message[:-1] + " (a detail)."


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("session expired", Refusal.SESSION_EXPIRED),
        ("session cannot be loaded: x: y", Refusal.SESSION_UNKNOWN),
        ("session not found", Refusal.SESSION_UNKNOWN),
        ("user not found", Refusal.USER_UNKNOWN),
        ("no capacity", Refusal.NO_CAPACITY),
        ("received invalid signature from provider", Refusal.BAD_SIGNATURE),
        ("unknown method: unknown method: sealed.request", Refusal.NOT_SUPPORTED),
        ("failed to prompt: failed to get adapter: api adapter not found: ", Refusal.MODEL_MISSING),
        ("", Refusal.OTHER),
        ("please send money", Refusal.OTHER),
    ],
)
def test_words_of_deployed_peers(text: str, refusal: Refusal) -> None:
    assert refusal_of(text) is refusal
    assert RemoteRefusal(text).refusal is refusal


def test_a_strangers_words_are_inert() -> None:
    error = RemoteRefusal("no\ncapacity\x1b[31m\u202eevil" + "x" * 100_000)
    assert len(error.text) <= 200
    assert error.text.startswith("no capacity[31mevil")
    assert error.refusal is Refusal.NO_CAPACITY
    assert error.text in error.message
    assert RemoteRefusal("").message == "The other side refused."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"providerModelError": {"error": {"message": "too long\n"}}}, "“too long”"),
        ({"providerModelError": {"error": "busy"}}, "“busy”"),
        ({"error": {"message": {"message": 7}}}, "failed."),
        ([], "failed."),
        (None, "failed."),
    ],
)
def test_a_models_words(body: object, message: str) -> None:
    error = ModelRefusal(body)
    assert isinstance(error, MorpheusError)
    assert message in error.message
    assert error.body == body
