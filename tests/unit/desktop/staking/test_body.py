"""The staking page: four places, sessions, closing in place, what is over; hidden and narrow."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractSlider, QLabel, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.staking.body import StakingBody
from morpheus_desktop.viewmodels.staking import STALE_S, StakingViewModel
from router.config import Settings
from router.consumer.records import Returned
from router.devnet.deploy import MOR
from router.errors import ChainUnavailable, ProviderError, WalletLocked
from router.networks import NETWORKS
from tests.support.looks import clipped, unnamed
from tests.support.session_pages import (
    DAY,
    HOUR,
    StatedWallet,
    a_model,
    a_view,
    an_opening,
)
from tests.support.waiting import until, within

EVIL = "<b>bold</b> \u202egnp " + "x" * 90


@pytest.fixture
def wallet() -> StatedWallet:
    return StatedWallet()


@pytest.fixture
def amounts(prefs) -> Amounts:
    return Amounts(prefs)


@pytest.fixture
def vm(pages, wallet, clock, tmp_path, qloop) -> Iterator[StakingViewModel]:
    made = StakingViewModel(pages, wallet, Settings(tmp_path / "settings.toml"), clock=clock)
    yield made
    qloop.run_until_complete(made.close())


@pytest.fixture
def body(vm, theme, amounts, qtbot) -> StakingBody:
    made = StakingBody(vm, theme, amounts)
    made.setObjectName("page")
    made.resize(1064, 792)
    qtbot.addWidget(made)
    return made


def shown(body, qloop) -> None:
    async def look() -> None:
        body.show()
        await until(lambda: body._vm.account and not body._vm.reading)
        body.grab()

    qloop.run_until_complete(look())


def expanded(body, qloop, view):
    within(qloop, lambda: body._vm.expand(view.id), lambda: body._vm.closing)
    return body._rows[view.id].closing


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def tips(widget: QWidget) -> str:
    return "\n".join(each.toolTip() for each in widget.findChildren(QWidget))


def figures(body) -> list[str]:
    return [entry._amount.figure.text() for entry in body._places._entries]


def test_before_the_first_answer_there_are_dashes_and_no_zeros(body, sessions, qloop):
    sessions.problem = ChainUnavailable("No node answers.")
    within(qloop, body.show, lambda: body._vm.problem)
    assert figures(body) == ["—"] * 4
    assert "No node answers." in words(body._note)
    assert not body._none.isVisible()
    assert "No session has ended yet." not in words(body)
    assert words(body).count("Not known yet.") == 2  # active and closed ones


def test_the_four_places_add_up_and_only_what_is_there_can_be_claimed(body, sessions, qloop, qtbot):
    sessions.show(a_view(), claimable=5 * MOR, on_hold=3 * MOR)
    shown(body, qloop)
    assert figures(body) == ["86", "12", "3", "5"]
    assert body._places._total.figure.text() == "106"
    assert "106,000,000,000,000,000,000\u00a0wei" in body._places._total.toolTip()
    with qtbot.waitSignal(body.claim_asked):
        body._places._claim.click()
    sessions.show(a_view())
    assert not body._places._claim.isVisible()


def test_what_one_has_is_rounded_down_and_what_one_pays_is_rounded_up(body, sessions, qloop):
    odd = 12 * MOR + 99_999 * 10**12
    paid = a_view(1, "closed", left=-HOUR)
    paid = replace(paid, session=replace(paid.session, is_direct=True, stake=odd))
    paid = replace(paid, bid=replace(paid.bid, price_per_second=10**13 + 1))
    sessions.show(paid, mor=odd, on_hold=odd)
    shown(body, qloop)
    # All together is 24.199998: one of the two is rounded up, and never what can be spent.
    assert (figures(body)[0], figures(body)[2]) == ("12.0999", "12.1")
    assert body._places._total.figure.text() == "24.1999"
    assert "12.099999" in body._places._entries[2]._amount.toolTip()
    row = [body.history._rows.index(0, column).data() for column in range(6)]
    assert row[3] == "12.0999"
    assert row[4] == "0.07201"


def test_nothing_staked_leads_to_the_market(body, qloop, qtbot):
    shown(body, qloop)
    assert "Nothing is staked" in words(body)
    assert "No session has ended yet." in words(body)
    assert "Not known yet." not in words(body)
    assert body._export.toolTip() == "There is nothing to export"
    (browse,) = [b for b in body._none.findChildren(QWidget) if getattr(b, "click", None)]
    with qtbot.waitSignal(body.market_asked):
        browse.click()


@pytest.mark.parametrize(
    ("view", "first", "second"),
    [
        (a_view(left=2538), "42:18", "ends"),
        (a_view(0, "ended", left=-5), "ended", "closed"),
        (a_view(0, "closing", left=-5), "closing…", "back with the next block"),
        (
            a_view(0, "waiting", problem=ProviderError("The account is empty.")),
            "waiting to close",
            "The account is empty.",
        ),
    ],
)
def test_how_a_session_is(body, sessions, qloop, view, first, second):
    sessions.show(view)
    shown(body, qloop)
    row = body._rows[view.id]
    assert row._left.text() == first
    assert second in row._ends.text()


def test_time_goes_on_without_a_node(body, sessions, clock, qloop):
    view = a_view(left=100)
    sessions.show(view)
    shown(body, qloop)
    clock.now += 45
    body._tick()
    assert body._rows[view.id]._left.text() == "0:55"
    assert "0:55 left" in body._rows[view.id]._ring.accessibleDescription()


def test_closing_is_previewed_in_place_and_closes_what_was_shown(body, sessions, qloop):
    view = a_view()
    sessions.show(view)
    shown(body, qloop)
    closing = expanded(body, qloop, view)
    assert "8\u00a0MOR" in words(closing)
    assert "4\u00a0MOR" in words(closing)
    each_minute = view.session.stake * 60 // view.granted_s
    assert f"about {fmt.amount(each_minute, 'MOR', up=True)} more is on hold" in words(closing)
    assert "with one transaction" in words(closing)
    assert closing._close.text() == "Close and take 8\u00a0MOR"
    body.close_asked.connect(body._vm.close_session)
    within(qloop, closing._close.click, lambda: sessions.asked)
    within(qloop, lambda: None, lambda: not body._vm.sending)
    assert sessions.asked == [("close", view.id)]
    assert not closing.isVisible()


def test_what_cannot_be_closed_can_be_tried_again_or_without_the_provider(body, sessions, qloop):
    view = a_view()
    sessions.show(view)
    sessions.closing_problem = ProviderError("Closing would fail now.", safe="Your stake waits.")
    shown(body, qloop)
    closing = expanded(body, qloop, view)
    assert "Closing would fail now." in words(closing)
    assert not closing._close.isEnabled()
    assert (closing._again.isVisible(), closing._alone.isVisible()) == (True, True)
    sessions.closing_problem = None
    within(qloop, closing._alone.click, lambda: body._vm.closing)
    assert "yours closes it" in words(closing)
    assert closing._close.isEnabled()


def test_a_locked_wallet_is_asked_to_be_unlocked(body, sessions, qloop, qtbot):
    view = a_view()
    sessions.show(view)
    sessions.closing_problem = WalletLocked("The wallet is locked.")
    shown(body, qloop)
    closing = expanded(body, qloop, view)
    assert (closing._unlock.isVisible(), closing._again.isVisible()) == (True, False)
    with qtbot.waitSignal(body.unlock_asked):
        closing._unlock.click()


def test_closing_can_wait_for_midnight(body, sessions, qloop):
    view = a_view()
    sessions.show(view)
    shown(body, qloop)
    closing = expanded(body, qloop, view)
    within(qloop, closing._midnight.click, lambda: sessions.asked)
    assert sessions.asked == [("close_at", view.id, "after_midnight")]
    sessions.show(replace(view, close_at=view.close_at + 9))
    assert "closed after midnight UTC" in body._rows[view.id]._ends.text()


def test_hidden_amounts_are_nowhere_and_nothing_is_signed(body, sessions, amounts, qloop):
    view = a_view()
    sessions.show(view, a_view(1, "closed", left=-9), claimable=5 * MOR, on_hold=MOR)
    shown(body, qloop)
    closing = expanded(body, qloop, view)
    amounts.toggle()
    body.grab()
    assert figures(body) == ["••••"] * 4
    everything = words(body) + tips(body) + closing._close.text()
    assert "\u00a0wei" not in everything
    assert "12\u00a0MOR" not in everything
    assert "8\u00a0MOR" not in everything
    assert body.history._rows.index(0, 3).data() == "••••"
    assert not closing._close.isEnabled()
    assert "Show them" in closing._close.toolTip()


def test_old_figures_say_their_age_and_sign_nothing(body, sessions, clock, qloop):
    sessions.show(claimable=MOR)
    shown(body, qloop)
    sessions.problem = ChainUnavailable("No node answers.")
    clock.now += STALE_S + 1
    within(qloop, body._again.click, lambda: body._vm.problem)
    assert figures(body)[3] == "1"
    assert not body._places._claim.isEnabled()
    assert body._retry.isVisible()


def test_time_is_skipped_on_the_demo_network_only(body, pages, qloop, qtbot):
    shown(body, qloop)
    assert not body._skip.isVisible()
    assert not body._money.isVisible()
    within(qloop, lambda: pages.connect(NETWORKS["demo"]), lambda: body._skip.isVisible())
    assert body._money.isVisible()
    with qtbot.waitSignal(body.skip_asked):
        body._skip.click()


def test_an_opening_is_there_after_a_restart(body, sessions, qloop, qtbot):
    sessions.openings = (an_opening("failed"),)
    shown(body, qloop)
    assert "A session with Llama 3.3 70B waits for you." in words(body._opening)
    with qtbot.waitSignal(body.steps_asked) as told:
        body._steps.click()
    assert told.args == [1]
    sessions.step(an_opening("provider"))
    assert "is being opened" in words(body._opening)
    sessions.step(an_opening("done"))
    assert not body._opening.isVisible()


def test_what_happens_by_itself_can_be_switched(body, qloop):
    shown(body, qloop)
    body._auto.click()
    body.held._switch.click()
    assert (body._vm.auto_close, body._vm.auto_claim) == (False, False)


def test_rows_go_and_come_with_their_sessions(body, sessions, qloop):
    sessions.show(a_view(0), a_view(1))
    shown(body, qloop)
    assert len(body._rows) == 2
    sessions.show(a_view(1))
    assert list(body._rows) == [a_view(1).id]


def look_into(body, qloop, view) -> str:
    asked = body._vm.sessions.closings.asked
    before = len(asked)
    within(qloop, lambda: body.history.table.chosen.emit(view.id), lambda: len(asked) > before)
    within(qloop, lambda: None, lambda: not body._vm._tasks.running("returned"))
    return words(body.history)


def test_a_closed_session_tells_what_came_back_and_its_transaction(body, sessions, qloop, qtbot):
    view, tx_hash = a_view(0, "closed", left=-HOUR), "0x" + "ab" * 32
    sessions.show(view, on_hold=4 * MOR - 1)
    sessions.closings.given[view.id] = Returned(tx_hash, 8 * MOR + 1)
    shown(body, qloop)
    assert "Choose a session" in words(body.history)
    text = look_into(body, qloop, view)
    for part in ("8.000000000000000001 MOR", "3.999999999999999999 MOR, on hold until"):
        assert part in text
    assert (tx_hash in text, view.id in text) == (True, True)
    assert "Choose a session" not in text
    with qtbot.waitSignal(body.link_asked) as asked:
        body.history._details._links._explorer.click()
    assert asked.args == [NETWORKS["base"].explorer.format(hash=tx_hash)]
    # A second look asks nobody.
    body.history.table.chosen.emit(view.id)
    assert sessions.closings.asked == [view.id]


def test_what_was_on_hold_is_told_to_be_free_once_it_is(body, sessions, qloop):
    view = a_view(0, "closed", left=-2 * DAY)
    sessions.closings.given[view.id] = Returned("0xaa", 8 * MOR)
    sessions.show(view)
    shown(body, qloop)
    assert ", and is claimed" in look_into(body, qloop, view)
    sessions.show(view, claimable=4 * MOR)
    assert "and can be claimed if it was not yet" in words(body.history)


def test_a_session_closed_elsewhere_or_a_silent_node_is_no_riddle(body, sessions, qloop):
    view, other = a_view(0, "closed", left=-HOUR), a_view(1, "closed", left=-HOUR)
    sessions.show(view, other)
    shown(body, qloop)
    assert "not closed from this computer" in look_into(body, qloop, view)
    sessions.closings.problem = ChainUnavailable("No node answers.")
    text = look_into(body, qloop, other)
    assert "No node answers." in text
    assert "not closed from this computer" not in text
    sessions.closings.problem = None
    sessions.closings.given[other.id] = Returned("0xaa", 12 * MOR)
    assert "all came back at once" in look_into(body, qloop, other)


def test_what_came_back_is_hidden_with_the_amounts(body, sessions, amounts, qloop):
    view = a_view(0, "closed", left=-HOUR)
    sessions.closings.given[view.id] = Returned("0xaa", 8 * MOR)
    sessions.show(view)
    shown(body, qloop)
    amounts.toggle()
    text = look_into(body, qloop, view)
    assert "••••" in text
    assert "8 MOR" not in text


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1064, 792, 1.0), (904, 612, 1.0), (1196, 736, 1.5), (876, 556, 1.5)],
)
def test_nothing_is_cut_and_everything_is_named(body, theme, sessions, qloop, width, height, scale):
    theme.set_scale(scale)
    views = [replace(a_view(0), model=a_model(0, EVIL)), a_view(1, "waiting"), a_view(2, "closed")]
    sessions.show(*views, claimable=18 * MOR + 1, on_hold=7 * MOR // 3)
    sessions.openings = (an_opening("failed"),)
    body.resize(width, height)
    shown(body, qloop)
    expanded(body, qloop, views[0])
    sessions.closings.given[views[2].id] = Returned("0x" + "ab" * 32, 8 * MOR + 1)
    look_into(body, qloop, views[2])

    async def settle() -> None:
        for _ in range(6):
            await until(lambda: True)
            body.grab()

    qloop.run_until_complete(settle())
    assert clipped(body) == []
    assert unnamed(body) == []


def test_who_comes_to_close_is_led_to_what_comes_back(body, vm, pages, qloop, qtbot):
    """And never to a button that sends something or moves the time."""
    pages.sessions.show(*[a_view(number) for number in range(8)])
    shown(body, qloop)
    body.resize(1064, 500)
    last = vm.open_sessions[-1]

    async def go() -> None:
        vm.expand(last.id)
        body.go_to(last.id)
        await until(lambda: vm.closing)

    qloop.run_until_complete(go())
    closing = body._rows[last.id].closing
    qtbot.waitUntil(lambda: closing.visibleRegion().boundingRect().height() > 40)
    assert body.focusWidget() is closing._midnight


@pytest.mark.parametrize("way", ["chat", "row"])
def test_what_comes_back_is_wholly_in_view_when_it_is_known(
    body, vm, theme, pages, qloop, qtbot, way
):
    """It grows with what is known, and stays where somebody scrolls to."""
    theme.set_scale(1.5)
    pages.sessions.show(*[a_view(number) for number in range(4)])
    body.resize(876, 598)
    shown(body, qloop)
    last = vm.open_sessions[-1]

    async def go() -> None:
        if way == "chat":
            vm.expand(last.id)
            body.go_to(last.id)
        else:
            body._rows[last.id]._close.click()
        await until(lambda: vm.closing)

    qloop.run_until_complete(go())
    closing = body._rows[last.id].closing
    qtbot.waitUntil(lambda: closing.visibleRegion().boundingRect() == closing.rect())
    bar = body._area.verticalScrollBar()
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    body.resize(876, 590)
    qtbot.waitUntil(lambda: not body._leading.isActive())
    assert bar.value() == 0


@pytest.mark.parametrize("phase", ["open", "closing"])
def test_the_keyboard_stays_near_what_is_put_away(body, vm, pages, sessions, qloop, phase):
    """Qt would go on to the next button, which may skip a day."""
    view = a_view()
    sessions.show(view)
    within(qloop, lambda: pages.connect(NETWORKS["demo"]), lambda: True)
    sessions.show(view)
    shown(body, qloop)
    row = body._rows[view.id]
    expanded(body, qloop, view)
    row.closing.setFocus()
    assert body.focusWidget() is row.closing._midnight
    if phase == "closing":
        sessions.show(replace(view, phase="closing"))
    within(qloop, lambda: vm.expand(view.id), lambda: not row.closing.isVisible())
    assert body.focusWidget() is (row._close if phase == "open" else body._again)


def test_when_the_next_session_ends_is_said_whole_where_it_is_narrow(body, sessions, qloop):
    sessions.show(a_view())
    body.resize(904, 612)
    shown(body, qloop)
    note = body._places._entries[1]._note
    assert note.text().startswith("1 session, next ends")
    assert note.height() > 1.5 * note.fontMetrics().height(), "it takes a second line"
    assert note.height() >= note.heightForWidth(note.width())


def test_claiming_speaks_of_the_price_and_not_of_gas(body, qloop):
    shown(body, qloop)
    told = words(body.held)
    assert f"price of up to {body._vm.claim_cap}\u00a0gwei" in told
    assert "gas" not in told


def test_what_no_node_could_tell_is_asked_again(vm, pages, qloop):
    view = a_view()
    pages.sessions.show(view)
    pages.sessions.closing_problem = ChainUnavailable("No node of the network could be used.")

    async def run() -> None:
        vm.expand(view.id)
        await until(lambda: vm.closing or vm.closing_problem)
        if vm.closing is not None:  # it came with the closing, not instead of it
            vm.closing, vm.closing_problem = None, pages.sessions.closing_problem
        pages.sessions.closing_problem = None
        vm._prepare_anew()
        await until(lambda: vm.closing)

    qloop.run_until_complete(run())
    assert vm.closing_problem is None
