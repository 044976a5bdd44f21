"""The buttons of the sidebar, wide and as icons."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.viewmodels.account import AccountWords
from morpheus_desktop.widgets.side_buttons import AccountButton, NavItem, NetworkButton
from tests.support.looks import colors


@pytest.fixture
def item(theme, qtbot):
    made = NavItem("Chat", "message-square", "Ctrl+1", theme)
    qtbot.addWidget(made)
    made.resize(200, 36)
    made.show()
    return made


def test_a_page_is_marked_by_the_window_and_not_by_the_click(item, qtbot):
    with qtbot.waitSignal(item.clicked):
        qtbot.mouseClick(item, Qt.MouseButton.LeftButton)
    assert not item.isChecked()


def test_the_open_page_has_ground_and_accent(item, theme):
    assert theme.hex("bg-active").lower() not in colors(item)
    item.setChecked(True)
    assert {theme.hex("bg-active").lower(), theme.hex("accent").lower()} <= colors(item)


def test_the_tooltip_has_the_keys_and_in_the_rail_the_title(item):
    item.set_rail(rail=False)
    assert item.toolTip() == "Ctrl+1"
    item.set_rail(rail=True)
    assert item.toolTip() == "Chat  Ctrl+1"
    assert item.sizeHint().height() == 40


def test_the_focus_is_shown(item, theme, qtbot):
    item.activateWindow()
    item.setFocus()
    qtbot.waitUntil(item.hasFocus)
    assert theme.hex("focus").lower() in colors(item)


@pytest.mark.parametrize("rail", [False, True])
def test_without_a_wallet_the_account_says_so_and_what_to_do(theme, qtbot, rail):
    account = AccountButton(theme)
    qtbot.addWidget(account)
    account.set_rail(rail=rail)
    assert account.accessibleName() == "No wallet, local chat only. Set up"
    assert account.toolTip() == (account.accessibleName() if rail else "")
    account.resize(200, account.sizeHint().height())
    assert (theme.hex("accent-soft").lower() in colors(account)) is not rail


@pytest.mark.parametrize("rail", [False, True])
def test_a_wallet_has_its_picture_name_and_address(theme, qtbot, rail):
    account = AccountButton(theme)
    qtbot.addWidget(account)
    account.set_rail(rail=rail)
    account.resize(200, account.sizeHint().height())
    before = colors(account)
    address = "0xa5930000000000000000000000000000000092cB"
    account.show_account(AccountWords("Main wallet", "0xa593…92cB, locked", address, locked=True))
    assert account.accessibleName() == "Main wallet, address ending 9 2 c B, locked"
    assert theme.hex("accent-soft").lower() not in colors(account)
    assert colors(account) - before
    assert (theme.hex("warn").lower() in colors(account)) is not rail


@pytest.mark.parametrize("rail", [False, True])
def test_money_that_is_not_real_is_told_beside_the_network(theme, qtbot, rail):
    network = NetworkButton(theme)
    qtbot.addWidget(network)
    network.set_rail(rail=rail)
    network.resize(200, network.sizeHint().height())
    assert network.accessibleName() == "Network: Not connected"
    assert theme.hex("warn-soft").lower() not in colors(network)
    network.show_network("Demo", "on", "Play money")
    assert network.accessibleName() == "Network: Demo, Play money"
    assert {theme.hex("warn-soft").lower(), theme.hex("accent").lower()} <= colors(network)
    network.show_network("Base", "failed", "")
    assert network.accessibleName() == "Network: Base, not reached"
    assert theme.hex("danger").lower() in colors(network)
