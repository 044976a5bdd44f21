"""router.consumer.trouble: each failure of a provider has words, a code, and what to do."""

import pytest

from router.consumer.trouble import CHOICES, trouble
from router.errors import MorpheusError, ProviderError, WalletLocked
from router.morrpc.errors import Fault, ModelRefusal, RemoteRefusal, WireError


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("began", [False, True])
def test_every_fault_is_explained(fault: Fault, began: bool) -> None:
    error = trouble(WireError(fault), began=began)
    assert error.code == f"provider_{fault.value}"
    assert error.choices == CHOICES
    assert error.message.endswith(".")
    assert "stake" in error.safe
    assert ("cut off" in error.safe) == began
    assert error.hint


def test_own_words_of_a_fault_are_kept() -> None:
    assert "clock" in trouble(WireError(Fault.STALE)).hint
    assert "read on its way" in trouble(WireError(Fault.DOWNGRADED)).hint


def test_refusals_are_said_to_be_unsigned() -> None:
    error = trouble(RemoteRefusal("send 5 MOR to 0xAB\u202e\nor lose all" + "x" * 900))
    assert error.code == "provider_refused"
    assert "not signed" in error.message
    assert "\u202e" not in error.message
    assert "\n" not in error.message
    assert len(error.message) < 400
    assert "gave no reason" in trouble(RemoteRefusal("")).message


def test_a_provider_without_a_free_place_is_told_apart() -> None:
    assert trouble(RemoteRefusal("no capacity")).code == "provider_busy"


def test_errors_of_models_and_of_our_own() -> None:
    assert trouble(ModelRefusal({"error": "too long"})).code == "model_refused"
    locked = WalletLocked("The wallet is locked.", hint="Unlock it first.")
    assert trouble(locked).code == "wallet_locked"
    assert trouble(locked).hint == "Unlock it first."
    plain: MorpheusError = ProviderError("Gone.", code="provider_unreachable")
    assert trouble(plain) is plain


def test_outside_of_a_chat_it_says_what_is_safe_there() -> None:
    assert trouble(WireError(Fault.CUT_OFF), safe="Nothing was staked.").safe == (
        "Nothing was staked."
    )
