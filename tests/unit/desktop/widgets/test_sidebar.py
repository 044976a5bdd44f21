"""The sidebar: where it leads, and what is left of it as a rail."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.side_buttons import AccountButton, NavItem, NetworkButton
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS, Sidebar
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
    with qtbot.waitSignal(sidebar.page_chosen) as told:
        sidebar.findChild(AccountButton).click()
    assert told.args == ["wallet"]
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


def test_the_network_is_told(sidebar):
    sidebar.set_online("Downloading")
    assert sidebar.findChild(NetworkButton).text() == "Downloading"
