"""Sessions in few words."""

from types import SimpleNamespace

import pytest

from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from router.events import Emitter
from tests.support.session_pages import (
    HOUR,
    SessionPages,
    StatedSessions,
    a_model,
    a_quote,
    a_view,
    an_opening,
)


@pytest.fixture
def pages() -> SessionPages:
    return SessionPages()


@pytest.fixture
def money(pages):
    return SimpleNamespace(funds=pages, loaded=Emitter())


@pytest.fixture
def vm(money, qapp):
    made = SessionsViewModel(money)
    yield made
    made.close()


def test_before_money_is_loaded_there_is_nothing_to_say(money, pages, qapp):
    money.funds = None
    made = SessionsViewModel(money)
    assert (made.words, made.running, made.can_claim, made.opening) == ("", (), False, None)
    money.funds = pages
    pages.sessions.show(a_view())
    money.loaded.emit(None)
    assert len(made.running) == 1
    made.close()


@pytest.mark.parametrize(
    ("views", "words"),
    [
        ((), ""),
        ((a_view(left=HOUR - 1),), "1 session, ends in 59:59"),
        ((a_view(left=HOUR), a_view(1, left=90)), "2 sessions, next ends in 1:30"),
        ((a_view(0, "waiting"), a_view(1, "ended")), "2 sessions to close"),
        ((a_view(0, "closed"),), ""),
    ],
)
def test_words(vm, pages, views, words):
    pages.sessions.show(*views)
    assert vm.words == words


def test_time_goes_on_while_a_session_runs(vm, pages, qtbot):
    pages.sessions.show(a_view(left=90))
    assert vm._tick.isActive()
    with qtbot.waitSignal(vm.changed):
        vm._tick.timeout.emit()
    assert vm.words == "1 session, ends in 1:29"
    pages.sessions.show()
    assert not vm._tick.isActive()


def test_what_is_being_opened_comes_first(vm, pages, qtbot):
    pages.sessions.show(a_view())
    quote = a_quote(model=a_model(0, "Evil\n" + "x" * 99))
    with qtbot.waitSignal(vm.stepped):
        pages.sessions.step(an_opening("provider", quote=quote))
    assert vm.words.startswith("Opening Evil")
    assert len(vm.words) < 50
    pages.sessions.step(an_opening("failed"))
    assert vm.words == "Llama 3.3 70B waits for you"
    pages.sessions.step(an_opening("done"))
    assert vm.words.startswith("1 session")


def test_what_can_be_claimed_and_what_ends_soon_is_told(vm, pages, qtbot):
    pages.sessions.show(claimable=5)
    assert vm.can_claim
    view = a_view()
    with qtbot.waitSignal(vm.warned) as told:
        pages.sessions.warned.emit(view)
    assert told.args == [view]


def test_another_network_has_other_sessions(vm, pages):
    before = pages.sessions
    before.show(a_view())
    pages.connect(None)
    assert vm.words == ""
    pages.sessions = StatedSessions()
    pages.connect(pages.network)
    before.show(a_view(), claimable=5)
    assert (vm.words, vm.can_claim) == ("", False)
