"""The buttons of the sidebar, wide and as icons."""

import pytest
from PySide6.QtCore import Qt

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


def test_the_network_says_what_it_is_used_for(theme, qtbot):
    network = NetworkButton(theme)
    qtbot.addWidget(network)
    network.resize(200, 32)
    assert network.accessibleName() == "Network: Not connected"
    assert theme.hex("accent").lower() not in colors(network)
    network.set_online("Downloading a model")
    assert network.accessibleName() == "Network: Downloading a model"
    assert theme.hex("accent").lower() in colors(network)
    network.set_online("")
    assert network.text() == "Not connected"
