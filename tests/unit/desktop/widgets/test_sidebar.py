"""The sidebar: where it leads, and what is left of it as a rail."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.viewmodels.account import AccountWords
from morpheus_desktop.widgets.side_buttons import AccountButton, NavItem, NetworkButton
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS, Sidebar
from router.networks import NETWORKS
from tests.support.looks import unnamed


@pytest.fixture
def sidebar(theme, qtbot):
    made = Sidebar(theme, lambda page: f"keys of {page}")
    qtbot.addWidget(made)
    made.resize(made.width(), 700)
    made.show()
    return made


@pytest.mark.parametrize("entry", [*PAGES, *TOOLS], ids=lambda entry: entry.page)
def test_each_entry_leads_to_its_page(sidebar, qtbot, entry):
    item = next(each for each in sidebar.findChildren(NavItem) if each.text() == entry.title)
    assert f"keys of {entry.page}" in item.toolTip()
    with qtbot.waitSignal(sidebar.page_chosen) as told:
        qtbot.mouseClick(item, Qt.MouseButton.LeftButton)
    assert told.args == [entry.page]


def test_account_network_and_search(sidebar, qtbot):
    with qtbot.waitSignal(sidebar.account_clicked):
        sidebar.findChild(AccountButton).click()
    with qtbot.waitSignal(sidebar.network_clicked):
        sidebar.findChild(NetworkButton).click()
    with qtbot.waitSignal(sidebar.search_clicked):
        sidebar._head.search.click()


def test_one_page_is_marked(sidebar):
    sidebar.set_page("models")
    assert [i.text() for i in sidebar.findChildren(NavItem) if i.isChecked()] == ["Local models"]
    sidebar.set_page("welcome")
    assert not any(item.isChecked() for item in sidebar.findChildren(NavItem))


def test_a_rail_of_icons_still_has_names(sidebar, theme):
    sidebar.set_rail(rail=True)
    assert sidebar.rail
    assert sidebar.width() == 56
    assert not sidebar._head.search.isVisible()
    assert unnamed(sidebar) == []
    theme.set_scale(1.5)
    assert sidebar.width() == 84
    sidebar.set_rail(rail=False)
    assert sidebar.width() == 324


class Stated:
    """Says of wallet and network what it is told to."""

    words = AccountWords("Main wallet", "0xa593…92cB", "0xa5930000000000000000000000000000000092cB")
    network = NETWORKS["demo"]
    chip = "Play money"

    def __init__(self, phase):
        self.phase = phase


def test_wallet_and_network_are_told(sidebar):
    sidebar.show_account(Stated("on"))
    assert sidebar.account_button.accessibleName() == "Main wallet, address ending 9 2 c B"
    assert sidebar.network_button.accessibleName() == "Network: Demo, Play money"
    sidebar.show_account(Stated("off"))
    assert sidebar.network_button.accessibleName() == "Network: Not connected"


@pytest.mark.parametrize(
    ("scale", "height", "has_mark"),
    [(1.0, 640, True), (1.5, 780, True), (1.5, 640, False), (2.0, 640, False)],
)
def test_the_mark_goes_before_it_lies_on_the_account(
    sidebar, theme, qtbot, scale, height, has_mark
):
    sidebar.set_rail(rail=True)
    theme.set_scale(scale)
    sidebar.setFixedHeight(height)
    qtbot.waitUntil(lambda: sidebar._head.isVisible() == has_mark)
    sidebar.grab()
    account = sidebar.findChild(AccountButton).geometry()
    assert not (has_mark and sidebar._head.geometry().intersects(account))
    assert sidebar.rect().contains(account)
    sidebar.set_rail(rail=False)
    assert sidebar._head.isVisible()
