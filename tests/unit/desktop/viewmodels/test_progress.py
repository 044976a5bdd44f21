"""An opening, step by step: done, going on, failed, asked, after a restart."""

from collections.abc import Iterator

import pytest

from morpheus_desktop.viewmodels.progress import ProgressViewModel
from router.errors import Busy, ProviderError
from tests.support.session_pages import NOON, StatedSessions, a_quote, an_opening, id_of
from tests.support.waiting import until, within

SILENT = ProviderError("It did not answer.")


@pytest.fixture
def sessions() -> StatedSessions:
    return StatedSessions()


@pytest.fixture
def make(sessions, qloop) -> Iterator[object]:
    made: list[ProgressViewModel] = []

    def build(step: str, **changes: object) -> ProgressViewModel:
        opening = an_opening(step, **changes)
        sessions.openings = (opening,)
        made.append(ProgressViewModel(sessions, opening, "Base", clock=lambda: NOON + 7.0))
        return made[-1]

    yield build
    for each in made:
        qloop.run_until_complete(each.close())


def states(vm) -> list[str]:
    return [step.state for step in vm.steps("12 MOR")]


@pytest.mark.parametrize(
    ("step", "changes", "expected"),
    [
        ("provider", {}, ["working", "waiting", "waiting", "waiting"]),
        ("permission", {}, ["done", "working", "waiting", "waiting"]),
        ("sending", {}, ["done", "done", "working", "waiting"]),
        ("confirming", {"open_tx": 2}, ["done", "done", "working", "waiting"]),
        ("done", {"session_id": id_of(1)}, ["done"] * 4),
        ("failed", {"failed_at": "provider"}, ["failed", "waiting", "waiting", "waiting"]),
        ("failed", {"failed_at": "permission"}, ["done", "failed", "waiting", "waiting"]),
        ("failed", {"failed_at": "confirming"}, ["done", "done", "failed", "waiting"]),
        ("asked", {"worse": a_quote()}, ["waiting"] * 4),
        ("given_up", {}, ["waiting"] * 4),
    ],
)
def test_each_step_of_the_sequence(make, step, changes, expected):
    assert states(make(step, **changes)) == expected


def test_the_steps_name_amount_provider_and_network(make):
    vm = make("confirming", open_tx=2)
    first, second, third, _ = vm.steps("12 MOR")
    assert "0x1111…1111" in first.detail
    assert second.title == "Allow up to 12 MOR"
    assert (third.title, third.detail) == ("Open the session on Base", "Sent, waiting for a block")
    assert vm.elapsed_s == 7


def test_what_was_allowed_before_is_not_asked_for(make):
    vm = make("sending", quote=a_quote(permission=10**30))
    assert vm.steps("12 MOR")[1].detail == "It was allowed already"


@pytest.mark.parametrize(
    ("step", "changes", "words"),
    [
        ("provider", {}, "nothing staked yet"),
        ("failed", {"failed_at": "provider"}, "nothing staked yet"),
        ("confirming", {"open_tx": 2}, "waiting for a block"),
        ("done", {}, "staked"),
    ],
)
def test_what_is_staked_at_this_moment(make, step, changes, words):
    assert make(step, **changes).staked_words == words


def test_it_follows_its_own_opening_only(make, sessions, qtbot):
    vm = make("provider")
    sessions.opening_changed.emit(an_opening("permission"))
    assert vm.opening.step == "permission"
    other = an_opening("done").__class__(2, a_quote(), "done", 0.0)
    sessions.opening_changed.emit(other)
    assert vm.opening.step == "permission"
    with qtbot.waitSignal(vm.opened) as told:
        sessions.opening_changed.emit(an_opening("done", session_id=id_of(3)))
    assert told.args == [id_of(3)]


def test_what_failed_goes_on_when_it_is_tried_again(make, sessions, qloop):
    vm = make("failed", failed_at="provider", error=SILENT)
    within(qloop, vm.retry, lambda: not vm.busy)
    assert sessions.asked == [("retry", 1)]
    assert states(vm)[0] == "working"


def test_what_was_interrupted_by_a_restart_goes_on_by_a_click(make, sessions, qloop):
    vm = make("failed", failed_at="permission", permission_tx=3, error=SILENT)
    assert states(vm) == ["done", "failed", "waiting", "waiting"]
    within(qloop, vm.retry, lambda: not vm.busy)
    assert sessions.asked == [("retry", 1)]


def test_worse_terms_are_agreed_to_once(make, sessions, qloop):
    vm = make("asked", worse=a_quote())

    def twice() -> None:
        vm.agree()
        vm.agree()

    within(qloop, twice, lambda: not vm.busy)
    assert sessions.asked == [("agree", 1)]


def test_what_cannot_be_done_is_told(make, sessions, qloop):
    vm = make("failed", failed_at="provider", error=SILENT)
    told: list[Exception] = []
    vm.failed.connect(told.append)

    async def refuse(_opening_id: int):
        raise Busy("This opening does not wait for that.")

    sessions.retry = refuse

    async def run() -> None:
        vm.retry()
        await until(lambda: told)

    qloop.run_until_complete(run())
    assert "does not wait" in str(told[0])
