"""Amounts as typed and as counted: nothing is lost, rounded or guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadRequest
from router.units import LARGEST, WEI, as_decimal, exact, parse_amount

AMOUNT = st.one_of(st.integers(0, LARGEST), st.integers(0, 10 * WEI))


@given(AMOUNT, st.integers(0, 30))
def test_what_is_shown_is_read_back(units: int, decimals: int) -> None:
    assert parse_amount(exact(units, decimals), decimals) == units


@given(AMOUNT)
def test_against_decimal(units: int) -> None:
    assert Decimal(exact(units)).normalize() == as_decimal(units).normalize()
    assert as_decimal(units).scaleb(18).to_integral_exact() == units if units < 10**27 else True


@given(st.text(max_size=120))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        units = parse_amount(text)
    except BadRequest as caught:
        assert caught.param == "amount"  # noqa: PT017 - both ways are right
        return
    assert 0 <= units <= LARGEST
    assert set(text.strip()) <= set("0123456789.,")


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        ("1", WEI),
        (" 1.5\n", 3 * WEI // 2),
        (".5", WEI // 2),
        ("5.", 5 * WEI),
        ("0.000000000000000001", 1),
        ("00012", 12 * WEI),
        ("1,234.5", 1234 * WEI + WEI // 2),
        ("1,234,567", 1_234_567 * WEI),
        (
            "115792089237316195423570985008687907853269984665640564039457.584007913129639935",
            LARGEST,
        ),
    ],
)
def test_read(text: str, units: int) -> None:
    assert parse_amount(text) == units


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", ",", "-1", "-0", "+1", "1e18", "1e-18", "1.5.5", "0x10", "1 000", "1_000", "1..5", "1.5.", "½", "٣",
        "１", "1,5", "1,234", "12,34.5", "1,23,456", "1.234,5", "NaN", "Infinity", "1 MOR", "$1",
        "0.0000000000000000001", "1\u202e5", "1\x00", "9" * 78, "9" * 5000,
        "115792089237316195423570985008687907853269984665640564039457.584007913129639936",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_amount(text)
    assert caught.value.param == "amount"


def test_a_comma_that_could_be_either_says_how_to_write_it() -> None:
    with pytest.raises(BadRequest, match="thousands or decimals") as caught:
        parse_amount("1,234")
    assert "full stop" in caught.value.hint


def test_negative_amounts_can_be_shown() -> None:
    assert exact(-WEI // 2) == "-0.5"
    assert as_decimal(-1, 0) == -1
