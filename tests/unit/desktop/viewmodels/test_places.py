"""The four places of MOR."""

from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.viewmodels.places import (
    DAY,
    adding_up,
    local_time,
    places,
    released_at,
    shown_elsewhere,
    shown_total,
)
from router.devnet.deploy import MOR
from tests.support.session_pages import NOON, a_view, an_account


def test_what_is_not_known_is_not_zero():
    assert [place.wei for place in places(None)] == [None] * 4
    assert released_at(None) == 0


def test_they_add_up_to_the_wei():
    views = a_view(0), a_view(1, "closed")
    account = an_account(*(view.session for view in views), mor=7, claimable=5, on_hold=3)
    found = places(account)
    assert [place.wei for place in found] == [7, 12 * MOR, 3, 5]
    assert sum(place.wei or 0 for place in found) == account.total
    assert [place.name for place in found if place.hatched] == ["On hold"]


def test_what_is_on_hold_is_free_at_the_next_midnight_utc():
    assert released_at(an_account()) == 0
    midnight = released_at(an_account(on_hold=1))
    assert midnight % DAY == 0
    assert NOON < midnight <= NOON + DAY
    assert local_time(midnight).timestamp() == midnight


def test_what_is_shown_adds_up_to_the_total_that_is_shown():
    account = an_account(
        a_view(0).session, mor=988 * MOR + 593_567 * 10**12 + 9, on_hold=3_166 * 10**12 + 999
    )
    found = places(account)
    assert [place.shown for place in found][:3] == [
        988 * MOR + 593_567 * 10**12, 12 * MOR, 3_166 * 10**12
    ]  # fmt: skip
    assert sum(place.shown or 0 for place in found) == shown_total(account)
    assert (found[0].shown or 0) + shown_elsewhere(account) == shown_total(account)
    assert found[0].wei == account.mor
    assert shown_total(None) is None


@given(st.lists(st.integers(0, 10**23), min_size=4, max_size=4))
def test_rounded_amounts_always_add_up_and_what_can_be_spent_is_never_more(parts):
    shown = adding_up(parts)
    total = sum(each for each in shown if each is not None)
    assert 0 <= sum(parts) - total < 10**16
    assert shown[0] is None or shown[0] <= parts[0]
    for each, part in zip(shown, parts, strict=True):
        assert abs(each - part) < 10**16 if each is not None else 0 < part < 10**10


def test_what_is_smaller_than_the_last_decimal_is_no_zero():
    account = an_account(mor=100 * MOR, on_hold=1)
    assert [place.shown for place in places(account)] == [100 * MOR, None, None, None]
    assert shown_total(account) == account.total
    assert shown_elsewhere(account) == 1
