"""What the window does about sessions: pages, commands, badge, short messages."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.commands import Commands
from morpheus_desktop.dialogs.open_session import OpenSessionDialog
from morpheus_desktop.dialogs.opening import OpeningDialog
from morpheus_desktop.problems import Problems
from morpheus_desktop.session_desk import SessionDesk
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.toast import Toast
from router.errors import ChainUnavailable
from tests.support.money_desk import MoneyBench
from tests.support.session_pages import SessionPages, StatedDemo, a_view, an_opening, id_of
from tests.support.waiting import until, within


class Wallet:
    """Remembers which reviews were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def claim(self) -> None:
        self.asked.append("claim")

    def end_permission(self) -> None:
        self.asked.append("end permission")

    def receive(self) -> None:
        self.asked.append("receive")


@pytest.fixture
def pages() -> SessionPages:
    return SessionPages(demo=StatedDemo())


@pytest.fixture
def wallet() -> Wallet:
    return Wallet()


@pytest.fixture
def desk(tmp_path, pages, wallet, make_window, theme, prefs, qloop, request) -> Iterator[object]:
    bench = MoneyBench(tmp_path / "money").open()
    bench.money.funds = pages
    window = make_window()
    request.node.qt_widgets.clear()
    account = AccountViewModel(bench.money, bench.settings)
    made = SessionDesk(
        bench.money, bench.settings, account, SessionsViewModel(bench.money), window, theme,
        prefs, Amounts(prefs), Problems(), wallet=lambda: wallet, save=lambda *_: None,
    )  # fmt: skip
    made.add_commands(commands := Commands(prefs))
    made.test = SimpleNamespace(window=window, commands=commands, account=account)
    yield made
    qloop.run_until_complete(made.close())
    qloop.run_until_complete(account.close())
    bench.money.funds = bench.funds
    qloop.run_until_complete(bench.money.close())


def toasts(desk) -> dict[str, Toast]:
    return {each.accessibleName(): each for each in desk.test.window.findChildren(Toast)}


def enabled(desk) -> set[str]:
    return {command.id for command in desk.test.commands.all() if command.enabled()}


async def closed(desk, kind: type) -> None:
    """Wait for a dialog, and leave it."""
    window = desk.test.window
    await until(lambda: [d for d in window.findChildren(kind) if d.isVisible()])
    for dialog in window.findChildren(Overlay):
        dialog.reject()
    await until(lambda: not desk.opening.turns.busy)


def test_only_what_can_be_done_now_is_offered(desk, pages):
    assert enabled(desk) == {"stake.export", "demo.skip_day"}
    pages.sessions.show(a_view(), claimable=5)
    pages.sessions.step(an_opening("failed"))
    assert enabled(desk) == {
        "session.extend", "session.steps", "stake.claim", "stake.export", "demo.skip_day",
    }  # fmt: skip


def test_claiming_leads_to_its_review(desk, pages, wallet, qtbot):
    pages.sessions.show(claimable=5)
    desk.test.commands.run("stake.claim")
    assert wallet.asked == ["claim"]


def test_the_sidebar_tells_that_mor_can_be_claimed(desk, pages):
    item = desk.test.window.sidebar._items["staking"]
    pages.sessions.show(claimable=5)
    assert (item._badge, item.accessibleDescription()) == ("1", "MOR can be claimed")
    item.grab()
    item.rail = True
    item.grab()
    pages.sessions.show()
    assert (item._badge, item.accessibleDescription()) == ("", "")


def test_five_minutes_before_its_end_a_session_can_be_extended(desk, pages, qloop):
    view = a_view(left=300)
    pages.sessions.show(view)
    pages.sessions.warned.emit(view)
    (toast,) = [t for name, t in toasts(desk).items() if "ends in five minutes" in name]

    async def run() -> None:
        toast.act()
        await closed(desk, OpenSessionDialog)

    qloop.run_until_complete(run())


def test_ctrl_e_extends_the_session_that_ends_first(desk, pages, qloop):
    pages.sessions.show(a_view(0, left=900), a_view(1, left=90))
    assert desk.test.commands.find("session.extend").keys == "Ctrl+E"

    async def run() -> None:
        desk.test.commands.run("session.extend")
        await closed(desk, OpenSessionDialog)

    qloop.run_until_complete(run())
    desk.extend("0xgone")
    assert any("is over" in name for name in toasts(desk))


def test_an_opening_that_nobody_looks_at_tells_how_it_goes(desk, pages, qloop, qtbot):
    pages.sessions.step(an_opening("provider"))
    assert toasts(desk) == {}
    pages.sessions.step(an_opening("failed"))
    (toast,) = [t for name, t in toasts(desk).items() if "waits for you" in name]

    async def run() -> None:
        toast.act()
        await closed(desk, OpeningDialog)

    qloop.run_until_complete(run())
    pages.sessions.step(an_opening("done", session_id=id_of(4)))
    (toast,) = [t for name, t in toasts(desk).items() if "is open" in name]
    with qtbot.waitSignal(desk.chat_asked) as told:
        toast.act()
    assert told.args == [id_of(4)]


def test_the_pages_are_made_once_and_joined(desk, pages, wallet, qtbot, qloop):
    desk.test.panes = desk.market_pane(), desk.staking_pane()  # as long as money is told of
    for body in (desk.market.body, desk.staking.body):
        qtbot.addWidget(body)
    assert desk.market is desk.market
    desk.staking.body.claim_asked.emit()
    assert wallet.asked == ["claim"]
    desk.staking.body.market_asked.emit()
    assert desk.test.window.page == "market"
    desk.opening.permission_left.emit()
    desk.opening.receive_asked.emit()
    assert wallet.asked[1:] == ["end permission", "receive"]
    with qtbot.waitSignal(desk.chat_asked):
        desk.staking.body.chat_asked.emit("0x1")
    within(
        qloop,
        lambda: desk.opening.bids_asked.emit(id_of(0)),
        lambda: desk.market.vm.chosen == id_of(0),
    )


def test_f5_reads_the_market_too_when_it_is_looked_at(desk, pages, qtbot, qloop):
    body = desk.market.body
    body._looking.setInterval(10**6)
    qtbot.addWidget(body)
    desk.test.account.read_again.emit()
    assert pages.market.read == 0
    within(qloop, body.show, lambda: pages.market.read == 1 and not desk.market.vm.reading)
    within(
        qloop,
        desk.test.account.refresh,
        lambda: pages.market.read == 2 and not desk.market.vm.reading,
    )


def test_a_network_that_goes_or_comes_back_is_seen_by_the_market_at_once(desk, pages, qtbot, qloop):
    body, account = desk.market.body, desk.test.account
    body._looking.setInterval(10**6)
    qtbot.addWidget(body)

    def read(times: int) -> bool:
        return pages.market.read == times and not desk.market.vm.reading

    def turn(problem: str) -> None:
        account.problem = problem
        account.changed.emit()
        account.changed.emit()

    within(qloop, body.show, lambda: read(1))
    pages.market.problem = ChainUnavailable("No node answers.")
    within(qloop, lambda: turn("No node answers."), lambda: read(2))
    assert desk.market.vm.problem is not None
    pages.market.problem = None
    within(qloop, lambda: turn(""), lambda: read(3))
    assert desk.market.vm.problem is None
