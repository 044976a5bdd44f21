"""Numbers, sizes and times as the design writes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop import format as fmt


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


NOW = at(2025, 8, 18, 12, 0, 0)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "—"),
        (0, "0.0 GB"),
        (1, "0.1 GB"),
        (149_000_000, "0.1 GB"),
        (151_000_000, "0.2 GB"),
        (17_480_000_000, "17.5 GB"),
        (1_234_500_000_000, "1,234.5 GB"),
    ],
)
def test_memory(size, text):
    assert plain(fmt.memory(size)) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "—"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (98_498_000, "98.5 MB"),
        (212_000_000, "212 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1.00 GB"),
        (5_030_000_000, "5.03 GB"),
        (11_500_000_000, "11.5 GB"),
        (2_000_000_000_000_000, "2,000 TB"),
    ],
)
def test_file_size(size, text):
    assert plain(fmt.file_size(size)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0:00"),
        (24.9, "0:24"),
        (59.99, "0:59"),
        (60, "1:00"),
        (42 * 60 + 18, "42:18"),
        (3599, "59:59"),
        (3600, "1 h 0 m"),
        (2 * 3600 + 25 * 60 + 59, "2 h 25 m"),
        (86_399, "23 h 59 m"),
        (86_400, "1 d 0 h"),
        (2 * 86_400 + 4 * 3600 + 3599, "2 d 4 h"),
    ],
)
def test_duration(seconds, text):
    assert plain(fmt.duration(seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0, "0 ms"),
        (0.09, "90 ms"),
        (0.0994, "99 ms"),
        (0.0999, "0.10 s"),
        (0.62, "0.62 s"),
        (0.999, "1.0 s"),
        (3.44, "3.4 s"),
        (59.99, "0:59"),
        (61, "1:01"),
    ],
)
def test_short_time(seconds, text):
    assert plain(fmt.short_time(seconds)) == text


def test_speed_and_counts():
    assert plain(fmt.speed(61.24)) == "61.2 tok/s"
    assert fmt.speed(None) == "—"
    assert fmt.count(31204118) == "31,204,118"
    assert fmt.counted(1, "match", "matches") == "1 match"
    assert fmt.counted(1204, "token") == "1,204 tokens"


def test_units_never_stand_alone_on_a_line():
    assert " " not in fmt.memory(4e8) + fmt.speed(3) + fmt.short_time(0.5)


def test_short_hash():
    digest = "9c41" + "0" * 56 + "d07e"
    assert fmt.short_hash(digest) == "9c41…d07e"
    assert fmt.short_hash("0x" + digest) == "0x9c4100…d07e"
    assert fmt.short_hash("main") == "main"


@pytest.mark.parametrize(
    ("then", "text"),
    [
        (NOW + timedelta(hours=1), "now"),
        (NOW, "now"),
        (NOW - timedelta(seconds=2), "2 s ago"),
        (NOW - timedelta(minutes=6, seconds=59), "6 min ago"),
        (NOW - timedelta(hours=3), "3 h ago"),
        (at(2025, 8, 17, 23, 0), "Yesterday"),
        (at(2025, 8, 14, 9, 0), "14 Aug"),
        (at(2024, 12, 31, 9, 0), "31 Dec 2024"),
    ],
)
def test_age(then, text):
    assert plain(fmt.age(then, NOW)) == text


def test_age_just_after_midnight_counts_minutes_first():
    now = at(2025, 8, 18, 0, 2)
    assert plain(fmt.age(at(2025, 8, 17, 23, 56), now)) == "6 min ago"


@pytest.mark.parametrize(
    ("then", "text"),
    [
        (at(2025, 8, 18, 20, 29), "today 20:29"),
        (at(2025, 8, 17, 18, 2), "yesterday 18:02"),
        (at(2025, 8, 19, 2, 0), "02:00 tomorrow"),
        (at(2025, 7, 2, 16, 2), "2 Jul 16:02"),
    ],
)
def test_moment(then, text):
    assert plain(fmt.moment(then, NOW)) == text


@pytest.mark.parametrize(
    ("wei", "text", "up"),
    [
        (None, "—", "—"),
        (0, "0", "0"),
        (86_421 * 10**15, "86.421", "86.421"),
        (12_150 * 10**15, "12.15", "12.15"),
        (8_565_849 * 10**12, "8.5658", "8.5659"),
        (12_480_501 * 10**15, "12,480.5", "12,480.51"),
        (10**21, "1,000", "1,000"),
        (10**21 - 1, "999.9999", "1,000"),
        (10**18 - 1, "0.9999", "1"),
        (45 * 10**15, "0.045", "0.045"),
        (12_500_000_000_000, "0.0000125", "0.0000125"),
        (381_259 * 10**12, "0.3812", "0.3813"),
        (1, "0.000000000000000001", "0.000000000000000001"),
        (12_345, "0.000000000000012345"[:-1], "0.00000000000001235"),
    ],
)
def test_amounts_round_to_the_safe_side(wei, text, up):
    assert fmt.amount(wei) == text
    assert fmt.amount(wei, up=True) == up


@given(wei=st.integers(0, 2**256 - 1))
def test_an_amount_is_never_shown_on_the_wrong_side(wei):
    with localcontext(prec=100):
        down, up = (
            Decimal(fmt.amount(wei, up=up).replace(",", "")).scaleb(18) for up in (False, True)
        )
        assert down <= wei <= up
        assert Decimal(fmt.grouped(wei).replace(",", "")).scaleb(18) == wei


def test_movements_have_a_sign_and_a_true_minus():
    assert fmt.movement(25 * 10**18, "MOR") == "+25\u00a0MOR"
    assert fmt.movement(-12_150_011 * 10**12, "MOR") == "−12.1501\u00a0MOR"
    assert fmt.movement(0, "ETH") == "0\u00a0ETH"


def test_the_tooltip_of_an_amount_has_all_digits_the_wei_and_the_block():
    assert plain(fmt.amount_tip(1_234 * 10**18 + 1, "MOR", 31_204_118)) == (
        "1,234.000000000000000001 MOR\n1,234,000,000,000,000,000,001 wei\nBlock 31,204,118"
    )
    assert fmt.amount_tip(None, "MOR") == "Not known"


def test_addresses_are_short_full_and_spoken():
    address = "0x9E04f19cfAb8e43BF1C6f0b8b5c0f2B6c9d3a8F9"
    assert fmt.short_address(address) == "0x9E04…a8F9"
    assert fmt.full_address(address).replace(" ", "") == address
    assert [len(group) for group in fmt.address_groups(address)] == [4] * 10
    assert fmt.spoken_address(address) == "address ending a 8 F 9"
