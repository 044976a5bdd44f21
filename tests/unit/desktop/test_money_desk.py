"""What the window does about wallet and network."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from morpheus_desktop.commands import Commands
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.money_desk import NO_DEMO_WALLET, MoneyDesk
from morpheus_desktop.problems import Problems
from morpheus_desktop.regions import usable
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.toast import ToastText
from router.networks import NETWORKS
from tests.support.looks import name_of
from tests.support.money_desk import PASSWORD, PHRASE, MoneyBench
from tests.support.waiting import until, within


@pytest.fixture
def money(tmp_path, qloop):
    made = MoneyBench(tmp_path / "money").open()
    yield made
    qloop.run_until_complete(made.money.close())


@pytest.fixture
def desk(money, make_window, theme, prefs, qloop, request):
    window = make_window()
    # Ended below: qtbot would do it before what goes on in it was ended.
    request.node.qt_widgets.clear()
    account = AccountViewModel(money.money, money.settings)
    made = MoneyDesk(money.money, money.settings, account, window, theme, Problems())
    made.add_commands(commands := Commands(prefs))
    commands.bind(window)
    made.commands = commands
    yield made
    qloop.run_until_complete(made.close())
    qloop.run_until_complete(account.close())


def lines(desk):
    menu = desk._window.findChildren(Menu)[-1]
    found = [a.text().partition("\t")[0] for a in menu.actions() if not a.isSeparator()]
    menu.close()
    return found


def test_setting_up_covers_the_window_and_leaving_forgets(desk, qloop):
    within(qloop, desk.show_onboarding)
    assert desk._window.page == "cover"
    assert len(desk._way.draft.words) == 12
    desk._pane._back.click()
    assert desk._window.page == "welcome"
    assert desk._way.draft.words == ()


@pytest.mark.parametrize("command", ["page.wallet", "help.welcome"])
def test_leaving_by_a_shortcut_forgets_as_well(desk, qloop, command):
    within(qloop, lambda: desk.show_onboarding("import"))
    desk._pane.step("source")._key.line.setText("ab" * 32)
    assert desk._way.draft.key
    desk._window._parts.commands.run(command)
    assert desk._window.page != "cover"
    assert desk._way.draft.key == ""
    assert desk._pane.step("source")._key.text == ""


def test_another_way_begins_with_empty_fields(desk, qloop):
    within(qloop, desk.show_onboarding)
    desk._pane.step("password")._password.line.setText("half of it")
    within(qloop, lambda: desk.show_onboarding("import"))
    assert desk._pane.step("password")._password.text == ""
    assert desk._way.draft.password == ""
    assert desk._window.page == "cover"


def test_a_second_wallet_is_not_made(desk, money, qloop):
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk.show_onboarding()
    assert desk._window.page == "wallet"


def test_the_demo_network_leads_to_the_wallet(desk, money, qloop):
    async def run() -> None:
        desk.try_demo()
        await until(lambda: desk._account.phase == "on")
        await desk._account.close()

    qloop.run_until_complete(run())
    assert money.settings.current.network == "demo"
    assert desk._window.page == "wallet"


def test_ctrl_l_locks_and_says_so(desk, money, qtbot, qloop):
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk._window.open_page("wallet")
    qtbot.keyClick(desk._window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert money.wallet.state.kind == "locked"


def test_the_demo_wallet_is_not_said_to_be_locked(desk, money, monkeypatch):
    money.wallet.borrow(bytes.fromhex("11" * 32))
    told: list[ToastText | str] = []
    monkeypatch.setattr(desk._window, "toast", told.append)
    desk.lock()
    words = "The demo wallet has no password, so it cannot be locked"
    assert told == [ToastText(words, icon="info", tone="text-2")]
    assert money.wallet.state.kind == "unlocked"


def test_the_menu_of_the_account(desk, money, qloop):
    within(qloop, desk.account_menu)  # without a wallet it sets one up
    assert desk._window.page == "cover"
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk.account_menu()
    demo = "Go to the demo network, with play money"
    assert lines(desk) == ["Open the wallet", "Copy the address", "Lock", demo]
    money.wallet.lock()
    desk.account_menu()
    assert lines(desk) == ["Open the wallet", "Copy the address", "Unlock…", demo]


def test_a_wallet_of_ones_own_leads_back_to_the_demo_network(desk, money, qloop):
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk.account_menu()
    menu = desk._window.findChildren(Menu)[-1]

    async def run() -> None:
        menu.actions()[-1].trigger()
        menu.close()
        await until(lambda: desk._account.phase == "on")
        await desk._account.close()

    qloop.run_until_complete(run())
    assert money.settings.current.network == "demo"
    desk.account_menu()
    assert lines(desk)[-1] == "Has play money here, as the demo wallet had"


def test_whoever_had_the_demo_wallet_is_told_where_it_is(desk, money, monkeypatch, qloop):
    told: list[ToastText] = []
    monkeypatch.setattr(desk._window, "toast", told.append)
    money.wallet.borrow(bytes.fromhex("11" * 32))
    within(qloop, lambda: desk.show_onboarding("import"))
    desk._finish()
    assert told == [], "nothing was made"
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk._finish()
    assert [each.text for each in told] == [NO_DEMO_WALLET]
    assert "On the demo network it gets play money" in NO_DEMO_WALLET


def test_whoever_had_none_is_told_nothing_of_it(desk, money, monkeypatch, qloop):
    told: list[ToastText] = []
    monkeypatch.setattr(desk._window, "toast", told.append)
    within(qloop, desk.show_onboarding)
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    desk._finish()
    assert told == []


def test_unlocking_from_everywhere(desk, money, qloop):
    async def run() -> None:
        await money.wallet.create(PHRASE, PASSWORD)
        money.wallet.lock()
        desk.commands.run("wallet.unlock")
        await until(lambda: desk._window.findChildren(UnlockDialog))
        dialog = desk._window.findChildren(UnlockDialog)[0]
        dialog._password.setText(PASSWORD)
        dialog._go.click()
        await until(lambda: money.wallet.state.kind == "unlocked")
        await desk._account.close()

    qloop.run_until_complete(run())


def test_the_menu_of_networks(desk):
    desk.network_menu()
    found = lines(desk)
    assert [line.partition(",")[0] for line in found[:5]] == [n.title for n in NETWORKS.values()]
    assert "Not connected" in found[5]


def test_keys_and_clicks_keep_the_wallet_open(desk, money, qtbot, qloop):
    qloop.run_until_complete(money.wallet.create(PHRASE, PASSWORD))
    money.autolock._day_clock = lambda: money.now
    money.autolock.touch()
    desk.watch_activity()
    money.now += 800
    qtbot.mouseClick(desk._window.windowHandle(), Qt.MouseButton.LeftButton)
    money.now += 800
    money.autolock._apart = money.now - money.autolock._run_clock()
    money.autolock.look()
    assert money.wallet.state.kind == "unlocked"
    money.now += 101
    money.autolock._apart += 101
    money.autolock.look()
    assert money.wallet.state.kind == "locked"


def test_every_network_is_a_command(desk, money, qloop):
    within(qloop, lambda: desk.commands.run("network.base-sepolia"))
    assert money.settings.current.network == "base-sepolia"
    assert desk.commands.find("network.base-sepolia").detail() == "In use"


@pytest.mark.parametrize("name", ["password", "words", "network", "funds", "source", "accounts"])
def test_tab_reaches_every_control_of_a_step(desk, money, qtbot, qloop, name):
    way = "import" if name in ("source", "accounts") else "create"

    async def run() -> None:
        desk.show_onboarding(way)
        desk._way.set(phrase=PHRASE)
        desk._way._go(name)
        await until(lambda: name != "accounts" or desk._way.accounts)
        await until(lambda: desk._pane.isVisible())

    qloop.run_until_complete(run())
    # The arrow keys move inside a row of choices, which is one stop.
    inside = {b for row in desk._pane.findChildren(Segmented) for b in row.findChildren(QWidget)}
    chosen = {each for each in inside if isinstance(each, QAbstractButton) and each.isChecked()}
    wanted = {each for each in desk._pane.findChildren(QWidget) if usable(each)}
    wanted -= inside - chosen
    reached = set()
    for _ in range(2 * len(wanted) + 2):
        qtbot.keyClick(desk._window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(desk._window.focusWidget())
    assert [name_of(each) for each in wanted - reached] == []
