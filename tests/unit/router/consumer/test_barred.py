"""router.consumer.barred: whom nobody opens a session with."""

import pytest

from router.consumer.barred import check_provider, is_blocked
from router.errors import BadRequest

ONE, OTHER = "0x" + "aB" * 20, "0x" + "cD" * 20


def test_others_are_not_barred() -> None:
    check_provider(ONE, OTHER, [OTHER])


@pytest.mark.parametrize(
    ("user", "blocked", "code"), [(ONE.lower(), [], "own_bid"), (OTHER, [ONE], "blocked_provider")]
)
def test_who_is_barred(user: str, blocked: list[str], code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_provider(ONE, user, blocked)
    assert (caught.value.code, caught.value.param) == (code, "bid")
    assert caught.value.safe
    assert caught.value.hint


def test_addresses_in_whatever_case() -> None:
    assert is_blocked(ONE.lower(), [ONE])
    assert is_blocked(ONE, [OTHER, ONE.lower()])
    assert not is_blocked(ONE, [OTHER])
