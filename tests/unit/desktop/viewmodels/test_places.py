"""The four places of MOR."""

from morpheus_desktop.viewmodels.places import DAY, local_time, places, released_at
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
