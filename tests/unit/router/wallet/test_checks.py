"""What people type about keys."""

import pytest

from router.errors import BadRequest
from router.wallet.checks import (
    BURN,
    CURVE_ORDER,
    check_password,
    checked_address,
    danger_of,
    look_alikes,
    private_key,
)
from tests.support.money_desk import FIRST


@pytest.mark.parametrize("password", ["", "short", "a" * 20, "ab" * 10, "x" * 2000])
def test_passwords_that_do_not_protect(password):
    with pytest.raises(BadRequest):
        check_password(password)


def test_a_password_of_eight_characters_is_enough():
    check_password("abcd1234")


@pytest.mark.parametrize("text", ["11" * 32, " 0x" + "aB" * 32, "0X" + "11" * 32])
def test_keys(text):
    assert len(private_key(text)) == 32


@pytest.mark.parametrize(
    "text",
    ["", "11" * 31, "zz" * 32, "00" * 32, f"{CURVE_ORDER:x}", "f" * 64, "١" * 64, "11" * 33],
)
def test_other_texts_are_no_keys_and_not_repeated(text):
    with pytest.raises(BadRequest) as caught:
        private_key(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", [FIRST, FIRST.lower(), f" {FIRST} ", "0x" + FIRST[2:].upper()])
def test_addresses_get_their_checksum(text):
    assert checked_address(text) == FIRST


@pytest.mark.parametrize(
    "text", ["", FIRST[2:], FIRST[:-1], FIRST[:-1] + "5", "0x" + "g" * 40, "0x" + "٣" * 40]
)
def test_other_texts_are_no_addresses(text):
    with pytest.raises(BadRequest):
        checked_address(text)


def test_addresses_from_which_nothing_comes_back():
    assert "lost" in danger_of(BURN)
    assert "lost" in danger_of("0x" + "0" * 40)
    assert "lost" in danger_of("0x" + "0" * 39 + "9")
    assert danger_of(FIRST) == ""


def test_look_alikes_have_the_same_ends():
    twin = FIRST[:6] + "0" * 32 + FIRST[-4:]
    assert look_alikes(FIRST, [FIRST, twin, "0x" + "1" * 40]) == (twin,)
