"""Sessions in few words."""

import pytest

from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from tests.support.chat_money import ChatMoney, session_view


@pytest.fixture
def money(tmp_path, qloop):
    made = ChatMoney(tmp_path)
    yield made
    qloop.run_until_complete(made.money.close())


@pytest.fixture
def sessions(money):
    made = SessionsViewModel(money.money)
    yield made
    made.close()


def test_before_money_is_loaded_there_is_nothing(sessions):
    assert (sessions.views, sessions.words, sessions.is_read) == ((), "", False)


def test_sessions_of_the_network_that_is_connected(money, sessions, qtbot):
    money.open()
    money.connect()
    assert not sessions.is_read
    with qtbot.waitSignal(sessions.changed):
        money.show(session_view(1), session_view(2, left=60), session_view(3, phase="ended"))
    assert sessions.is_read
    assert len(sessions.views) == 3
    assert [view.seconds_left for view in sessions.running] == [60, 2538]
    assert sessions.waiting == 1
    assert sessions.words == "2 sessions, next ends in 1:00"
    money.connect(phase="failed")
    assert (sessions.views, sessions.is_read) == ((), False)


def test_time_passes_between_two_readings(money, sessions):
    money.ready(session_view(left=3))
    (view,) = sessions.running
    assert sessions.seconds_left(view) == 3
    sessions._pass()
    assert sessions.seconds_left(view) == 2
    money.show(session_view(left=1))
    assert sessions.seconds_left(sessions.running[0]) == 1
    for _ in range(3):
        sessions._pass()
    assert sessions.seconds_left(sessions.running[0]) == 0


def test_what_ends_soon_is_told(money, sessions, qtbot):
    money.ready()
    with qtbot.waitSignal(sessions.warned) as told:
        money.sessions.warned.emit(session_view(left=299))
    assert told.args[0].seconds_left == 299
