"""One session before it is opened: its length, its quote, what is missing, what is agreed to."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.viewmodels.opening import (
    LONGEST_S,
    SHORTEST_S,
    SLIDER_STEPS,
    OpenSessionViewModel,
    length_words,
    parse_length,
    seconds_at,
    step_of,
)
from router.devnet.deploy import MOR
from router.errors import BackendError, BadRequest, ChainUnavailable, NotFound, WalletLocked
from tests.support.session_pages import DAY, HOUR, StatedSessions
from tests.support.waiting import until, within


@pytest.fixture
def sessions() -> StatedSessions:
    return StatedSessions()


class Ping:
    """Answers, or says why not."""

    problem: Exception | None = None
    asked = 0

    async def __call__(self) -> float:
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return 0.04


@pytest.fixture
def ping() -> Ping:
    return Ping()


@pytest.fixture
def vm(sessions, ping, qloop) -> Iterator[OpenSessionViewModel]:
    async def ask(seconds, direct):
        return await sessions.quote("0xbid", seconds, is_direct=direct)

    made = OpenSessionViewModel(ask, sessions.open, ping)
    yield made
    qloop.run_until_complete(made.close())


def ready(vm) -> bool:
    return vm.other is not None and not vm.reading and vm.reach.state != "unknown"


def begun(vm, qloop) -> None:
    within(qloop, vm.begin, lambda: ready(vm))


def test_both_ways_of_paying_are_quoted(vm, sessions, qloop):
    assert vm.blocked == "The numbers are being read."
    begun(vm, qloop)
    assert vm.blocked == ""
    assert (vm.quote.is_direct, vm.other.is_direct) == (False, True)
    assert vm.ending("natural").spent == 0
    within(qloop, lambda: vm.set_direct(True), lambda: ready(vm) and vm.quote.is_direct)
    assert vm.ending("natural").spent == vm.quote.cost


def test_a_moving_slider_asks_for_the_last_place_only(vm, sessions, qloop):
    begun(vm, qloop)
    sessions.quoted.clear()

    def move() -> None:
        for seconds in (1800, 2400, 7200):
            vm.set_seconds(seconds)
        assert vm.blocked == "The numbers are being read."

    within(qloop, move, lambda: ready(vm) and vm.quote.seconds == 7200)
    assert {seconds for _, seconds, _ in sessions.quoted} == {7200}


def test_lengths_stay_within_what_there_is(vm, qloop):
    for asked, kept in ((1, SHORTEST_S), (10**9, LONGEST_S)):
        within(qloop, lambda asked=asked: vm.set_seconds(asked), lambda: ready(vm))
        assert vm.seconds == kept


def test_what_is_missing_is_said_to_the_wei(vm, sessions, qloop):
    sessions.balance = 12 * MOR - 1
    begun(vm, qloop)
    assert vm.lacks_mor == 1
    assert vm.blocked == "There is not enough MOR in the wallet."
    vm.confirm()
    assert sessions.asked == []


def test_a_quote_that_fails_says_why_and_can_be_tried_again(vm, sessions, qloop):
    sessions.problem = NotFound("This bid is no longer offered.")
    within(qloop, vm.begin, lambda: vm.problem)
    assert vm.blocked == "This bid is no longer offered."
    sessions.problem = None
    within(qloop, vm.ask_again, lambda: ready(vm))
    assert vm.blocked == ""


def test_a_provider_that_is_silent_cannot_be_chosen(vm, ping, qloop):
    ping.problem = BackendError("It did not answer within 10 s.")
    begun(vm, qloop)
    assert vm.reach.why == "It did not answer within 10 s."
    assert vm.blocked == "The provider does not answer."
    ping.problem = None
    within(qloop, vm.ask_again, lambda: vm.reach.state == "up" and not vm.reading)
    assert (vm.blocked, ping.asked) == ("", 2)


def test_what_was_shown_is_what_is_opened(vm, sessions, qloop):
    begun(vm, qloop)
    shown = vm.quote
    within(qloop, vm.confirm, lambda: vm.outcome)
    assert vm.outcome == "opened"
    assert sessions.asked == [("open", shown)]
    assert vm.opening.quote is shown


def test_two_clicks_open_one_session(vm, sessions, qloop):
    begun(vm, qloop)

    def twice() -> None:
        vm.confirm()
        vm.confirm()

    within(qloop, twice, lambda: vm.outcome)
    assert len(sessions.asked) == 1


def test_a_locked_wallet_is_unlocked_first(vm, sessions, qloop):
    begun(vm, qloop)
    sessions.opening_problem = WalletLocked("The wallet is locked.")
    within(qloop, vm.confirm, lambda: vm.outcome)
    assert (vm.outcome, vm.opening, vm.signing) == ("locked", None, False)
    sessions.opening_problem = None
    qloop.run_until_complete(vm.open())
    assert vm.outcome == "opened"


def test_what_cannot_be_begun_is_said_in_place(vm, sessions, qloop):
    begun(vm, qloop)
    sessions.opening_problem = ChainUnavailable("No node answers.")
    within(qloop, vm.confirm, lambda: vm.problem)
    assert (vm.outcome, vm.signing, vm.blocked) == ("", False, "No node answers.")


def test_numbers_are_read_again_while_somebody_looks(vm, sessions, qloop, monkeypatch):
    monkeypatch.setattr("morpheus_desktop.viewmodels.opening.FRESH_S", 0.01)

    async def run() -> None:
        vm.begin()
        await until(lambda: len(sessions.quoted) >= 6)

    qloop.run_until_complete(run())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5400),
        ("45 min", 2700),
        ("45m", 2700),
        ("1 h", HOUR),
        ("1 h 30 min", 5400),
        ("1h30", 5400),
        ("2 d", 2 * DAY),
        ("1 d 1 h 5 m", DAY + HOUR + 300),
        (" 5 ", 300),
    ],
)
def test_lengths_as_people_write_them(text, seconds):
    assert parse_length(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "soon", "4", "8 d", "-5", "1,5 h", "1e3", "٣٠", "9999 h"]
)
def test_what_is_no_length_is_refused(text):
    with pytest.raises(BadRequest):
        parse_length(text)


@given(st.integers(SHORTEST_S // 60, LONGEST_S // 60))
def test_words_of_a_length_are_read_as_the_same_length(minutes):
    assert parse_length(length_words(minutes * 60)) == minutes * 60


@given(st.integers(0, SLIDER_STEPS))
def test_the_slider_stays_where_it_was_put(step):
    seconds = seconds_at(step)
    assert SHORTEST_S <= seconds <= LONGEST_S
    assert abs(step_of(seconds) - step) <= 10
    assert abs(seconds_at(step_of(seconds)) - seconds) <= max(60, seconds // 50)


def test_an_amount_for_the_next_provider_that_is_none_is_not_confirmed(vm, sessions, qloop):
    begun(vm, qloop)
    vm.set_standby(None)
    assert vm.blocked
    vm.confirm()
    assert not vm.signing
    vm.set_standby(0)
    assert vm.blocked == ""
    assert sessions.asked == []


def test_while_a_length_is_wrong_nothing_is_confirmed(vm, sessions, qloop):
    begun(vm, qloop)
    vm.type_length("2 x")
    assert vm.blocked == "This is not a length."
    vm.confirm()
    assert not vm.signing
    vm.type_length("1 h")
    assert vm.blocked == ""
    within(qloop, lambda: vm.type_length("45 min"), lambda: ready(vm) and vm.quote.seconds == 2700)
    assert sessions.asked == []


def test_another_length_forgets_the_price_of_the_other_way(vm, qloop):
    begun(vm, qloop)
    seen = []

    def choose():
        vm.set_seconds(900)
        seen.append((vm.other, vm.reading))

    within(qloop, choose, lambda: ready(vm))
    assert seen == [(None, True)]
