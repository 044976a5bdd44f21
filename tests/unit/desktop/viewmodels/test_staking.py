"""The staking page: four places, sessions with their time, closing, what is saved."""

import asyncio
import contextlib
import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from morpheus_desktop.viewmodels.staking import (
    STALE_S,
    StakingViewModel,
    closed_with,
    paid,
)
from router.config import Settings
from router.consumer.closings import Closing
from router.devnet.deploy import MOR
from router.errors import Busy, ChainUnavailable, ConfigError, WalletLocked
from router.networks import NETWORKS
from tests.support.session_pages import (
    HOUR,
    PRICE,
    SessionPages,
    StatedSessions,
    StatedWallet,
    a_model,
    a_view,
    an_opening,
)
from tests.support.waiting import within

BROKEN = ChainUnavailable("The node does not answer.")


@pytest.fixture
def wallet() -> StatedWallet:
    return StatedWallet()


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(tmp_path / "settings.toml")


@pytest.fixture
def vm(pages, wallet, settings, clock, qloop) -> Iterator[StakingViewModel]:
    made = StakingViewModel(pages, wallet, settings, clock=clock)
    yield made
    qloop.run_until_complete(made.close())


def read(vm, qloop) -> None:
    within(qloop, vm.refresh, lambda: not vm.reading)


def test_before_the_first_answer_nothing_is_known(vm):
    assert vm.account is None
    assert (vm.stale, vm.released_at) == (False, 0)
    assert vm.cannot_sign == "The balances are not known yet."


def test_open_sessions_are_sorted_by_their_end_and_closed_ones_by_theirs(vm, sessions):
    views = a_view(0, left=HOUR), a_view(1, left=60), a_view(2, "waiting", left=-5)
    closed = a_view(3, "closed", left=-900), a_view(4, "closed", left=-100)
    sessions.show(*views, *closed)
    assert [view.id for view in vm.open_sessions] == [views[2].id, views[1].id, views[0].id]
    assert [view.id for view in vm.closed_sessions] == [closed[1].id, closed[0].id]


def test_what_others_had_read_is_shown_too(vm, sessions, clock, qtbot):
    clock.now += 1000
    with qtbot.waitSignal(vm.changed):
        sessions.show(a_view(), on_hold=5)
    assert vm.account.on_hold == 5
    assert not vm.stale
    assert vm.cannot_sign == ""


def test_time_goes_on_between_two_readings_and_never_below_zero(vm, sessions, clock):
    view = a_view(left=100)
    sessions.show(view)
    clock.now += 40
    assert vm.seconds_left(view) == 60
    clock.now += 100
    assert vm.seconds_left(view) == 0
    assert vm.seconds_left(a_view(1, "waiting")) == 0


def test_what_failed_keeps_the_figures_until_they_are_old(vm, sessions, clock, qloop):
    read(vm, qloop)
    sessions.problem = BROKEN
    clock.now += STALE_S + 1
    read(vm, qloop)
    assert vm.problem is BROKEN
    assert vm.account is not None
    assert vm.stale
    assert vm.cannot_sign == "The network has not answered for a while."
    sessions.problem = None
    read(vm, qloop)
    assert (vm.problem, vm.stale) == (None, False)


def test_a_watched_wallet_signs_nothing(vm, sessions, wallet):
    sessions.show()
    wallet.become("watch")
    assert "only watched" in vm.cannot_sign


def test_what_closing_gives_back_is_found_out_when_it_is_looked_at(vm, sessions, qloop, qtbot):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    assert vm.closing.preview.at_once == 8 * MOR
    vm.expand(view.id)
    assert (vm.expanded, vm.closing) == ("", None)


def test_it_is_closed_as_it_was_shown_and_once(vm, sessions, qloop, qtbot):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    told: list[int] = []
    vm.closing_sent.connect(lambda: told.append(1))

    def twice() -> None:
        vm.close_session()
        vm.close_session()

    within(qloop, twice, lambda: told and not vm.sending)
    assert sessions.asked == [("close", view.id)]
    assert vm.expanded == ""


def test_what_cannot_be_closed_says_why_in_place(vm, sessions, qloop):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    sessions.closing_problem = Busy("This session is being closed already.")
    within(qloop, vm.close_session, lambda: vm.closing_problem)
    assert vm.expanded == view.id
    assert vm.closing is None


def test_without_the_provider_our_own_report_closes(vm, sessions, qloop):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    assert vm.closing.report_by == "provider"
    within(qloop, lambda: vm.prepare_again(ours=True), lambda: vm.closing)
    assert vm.closing.report_by == "us"


def test_while_it_is_sent_another_press_sends_nothing(vm, sessions, qloop, monkeypatch):
    view, held, close = a_view(), asyncio.Event(), sessions.close
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    began = []

    async def slowly(closing, **how):
        began.append(how)
        await held.wait()
        return await close(closing, **how)

    monkeypatch.setattr(sessions, "close", slowly)
    within(qloop, vm.close_session, lambda: began)
    vm.close_session()
    within(qloop, held.set, lambda: not vm.sending)
    assert sessions.asked == [("close", view.id)]
    assert began == [{"accept_unusual_fee": True}], "it was said beside the button"


def test_what_comes_late_of_another_session_is_not_shown(vm, sessions, qloop, monkeypatch):
    first, second, held, prepare = a_view(), a_view(1), asyncio.Event(), sessions.prepare_close
    sessions.show(first, second)
    asked, answered = [], []

    async def slowly(session_id, **how):
        asked.append(session_id)
        while session_id == first.id and not held.is_set():
            with contextlib.suppress(asyncio.CancelledError):  # it answers all the same
                await held.wait()
        answered.append(session_id)
        return await prepare(session_id, **how)

    monkeypatch.setattr(sessions, "prepare_close", slowly)
    within(qloop, lambda: vm.expand(first.id), lambda: asked)
    within(qloop, lambda: vm.expand(second.id), lambda: vm.closing)
    assert vm.closing.session.id == second.id
    changed = []
    vm.changed.connect(lambda: changed.append(1))
    within(qloop, held.set, lambda: first.id in answered and changed)
    assert vm.closing.session.id == second.id


def test_our_own_report_stays_ours_when_it_is_found_out_anew(vm, sessions, qloop):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    within(qloop, lambda: vm.prepare_again(ours=True), lambda: vm.closing)
    old = vm.closing
    within(qloop, lambda: vm.watch(on=True), lambda: vm.closing is not old)
    assert vm.closing.report_by == "us"
    within(qloop, lambda: vm.watch(on=False), lambda: not vm.reading)


def test_what_a_lock_kept_from_closing_is_found_out_anew(vm, sessions, wallet, qloop):
    view = a_view()
    sessions.show(view)
    wallet.become("locked")
    sessions.closing_problem = WalletLocked("The wallet is locked.")
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    assert vm.closing.prepared is None
    sessions.closing_problem = None
    within(qloop, lambda: wallet.become("unlocked"), lambda: vm.closing and vm.closing.prepared)


def test_the_end_can_be_moved_behind_midnight(vm, sessions, qloop):
    view = a_view()
    sessions.show(view)
    for on, way in ((True, "after_midnight"), (False, "natural")):
        within(qloop, lambda on=on: vm.close_after_midnight(view, on), lambda: sessions.asked)
        assert sessions.asked.pop() == ("close_at", view.id, way)
    assert not vm.closes_after_midnight(view)
    assert vm.closes_after_midnight(replace(view, close_at=view.close_at + 9))


def test_what_happens_by_itself_is_a_setting(vm, settings, monkeypatch):
    vm.set_auto_close(False)
    vm.set_auto_claim(False)
    assert (settings.current.market.auto_close, vm.auto_close, vm.auto_claim) == (False,) * 3
    told: list[Exception] = []
    vm.failed.connect(told.append)
    problem = ConfigError("The disk is full.")

    def refuse(_values: object) -> None:
        raise problem

    monkeypatch.setattr(settings, "change", refuse)
    vm.set_auto_close(True)
    assert told == [problem]


def test_openings_that_are_over_are_not_shown(vm, sessions):
    sessions.step(an_opening("failed"))
    assert len(vm.openings) == 1
    sessions.step(an_opening("given_up"))
    assert vm.openings == ()


def test_another_network_has_other_sessions(vm, pages, sessions, qloop):
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing)
    pages.connect(None)
    assert (vm.account, vm.open_sessions, vm.expanded, vm.closing) == (None, (), "", None)
    pages.sessions = StatedSessions()
    within(qloop, lambda: pages.connect(NETWORKS["base-sepolia"]), lambda: vm.account)
    sessions.show(view)
    assert vm.open_sessions == ()


def other_network(pages: SessionPages) -> None:
    pages.connect(NETWORKS["base-sepolia"])


def other_account(pages: SessionPages) -> None:
    pages.address = "0x" + "88" * 20
    pages.changed.emit(None)


others = pytest.mark.parametrize("become", [other_network, other_account])
failing = pytest.mark.parametrize("fails", [False, True])


@others
@failing
def test_what_closing_gives_back_goes_with_its_account(vm, pages, sessions, qloop, become, fails):
    view = a_view()
    sessions.show(view)
    sessions.problem = BROKEN if fails else None
    within(qloop, lambda: vm.expand(view.id), lambda: vm.closing or vm.closing_problem)
    assert (vm.closing is None, vm.closing_problem) == (fails, BROKEN if fails else None)
    within(qloop, lambda: become(pages), lambda: not vm.reading)
    assert (vm.expanded, vm.closing, vm.closing_problem) == ("", None, None)


@others
@failing
def test_an_answer_that_comes_late_is_of_nobody(vm, pages, sessions, qloop, become, fails):
    view = a_view()
    sessions.show(view)
    asked, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    real = sessions.prepare_close

    async def slowly(session_id: str, *, ours: bool = False) -> Closing:
        asked.set()
        await go_on.wait()
        done.set()
        if fails:
            raise BROKEN
        return await real(session_id, ours=ours)

    sessions.prepare_close = slowly
    within(qloop, lambda: vm.expand(view.id), asked.is_set)
    within(qloop, lambda: become(pages), lambda: not vm.reading)
    assert vm.expanded == ""
    within(qloop, go_on.set, lambda: done.is_set() and not vm._tasks.running("closing"))
    assert (vm.closing, vm.closing_problem) == (None, None)


def test_what_was_paid_and_who_closed():
    direct = a_view(0, "closed", left=-HOUR)
    direct = replace(direct, session=replace(direct.session, is_direct=True))
    assert paid(direct) == 2 * HOUR * PRICE
    assert paid(a_view(0, "closed", left=-HOUR)) == 0
    assert closed_with(direct) == "the provider's report"
    ours = replace(direct, session=replace(direct.session, closeout_type=1))
    assert closed_with(ours) == "your own report"
    assert closed_with(a_view()) == ""


def test_a_table_of_all_sessions_has_all_digits_and_no_formulas(vm, sessions):
    view = replace(a_view(0, "closed", left=-9), model=a_model(0, '=HYPERLINK("evil")'))
    view = replace(view, session=replace(view.session, stake=12 * MOR + 1))
    sessions.show(view, a_view(1))
    head, first, second = csv.reader(io.StringIO(vm.csv()))
    row = dict(zip(head, first, strict=True))
    assert row["model"].startswith("'=")
    assert row["staked_mor"] == "12.000000000000000001"
    assert row["closed"].endswith("+00:00")
    assert dict(zip(head, second, strict=True))["closed"] == ""
