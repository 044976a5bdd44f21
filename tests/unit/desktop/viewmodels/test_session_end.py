"""Where the stake of a closed session is."""

from dataclasses import replace

from morpheus_desktop.viewmodels.session_end import SessionEnd, end_of, paid
from router.consumer.records import Returned
from router.devnet.deploy import MOR
from tests.support.session_pages import DAY, HOUR, NOON, a_view

MIDNIGHT = NOON - NOON % DAY + DAY


def test_what_did_not_come_at_once_was_on_hold_until_midnight_utc():
    view = a_view(0, "closed", left=-HOUR)
    end = end_of(view, Returned("0xaa", 8 * MOR + 1))
    assert end == SessionEnd(0, 8 * MOR + 1, 4 * MOR - 1, MIDNIGHT)


def test_a_session_closed_after_its_day_was_free_at_the_end_of_that_day():
    view = a_view(0, "closed", left=-HOUR)
    view = replace(view, session=replace(view.session, closed_at=MIDNIGHT + HOUR))
    assert end_of(view, Returned("0xaa", MOR)).free_at == MIDNIGHT
    assert end_of(view, Returned("0xaa", 12 * MOR)) == SessionEnd(0, 12 * MOR, 0, 0)


def test_what_was_paid_comes_back_neither_at_once_nor_later():
    view = a_view(0, "closed", left=-HOUR)
    view = replace(view, session=replace(view.session, is_direct=True))
    spent = 2 * HOUR * view.bid.price_per_second
    assert paid(view) == spent
    assert end_of(view, Returned("0xaa", 12 * MOR - spent)).later == 0


def test_without_its_transaction_nothing_is_guessed():
    assert end_of(a_view(0, "closed"), None) == SessionEnd(0)
