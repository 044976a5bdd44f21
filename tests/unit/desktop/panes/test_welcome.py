"""The first screen: four ways, and what each leads to today."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.panes.welcome import WelcomePane
from morpheus_desktop.viewmodels.welcome import WelcomeViewModel
from morpheus_desktop.widgets.basic import ThemedButton
from tests.support.looks import clipped, unnamed


@pytest.fixture
def pane(bench, theme, qtbot):
    made = WelcomePane(WelcomeViewModel(bench.library), theme)
    made.resize(1280, 820)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.show_choices()
    return made


def test_the_first_way_is_in_focus_and_starts_a_chat(pane, qtbot):
    assert pane.focusWidget() is pane._cards[0]
    with qtbot.waitSignal(pane.chat_chosen):
        qtbot.keyClick(pane.focusWidget(), Qt.Key.Key_Space)


def test_the_other_ways_are_told_and_remembered(pane, qtbot):
    for card, way in ((pane._cards[1], "create"), (pane._cards[2], "import")):
        with qtbot.waitSignal(pane.wallet_chosen) as told:
            qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        assert told.args == [way]
    with qtbot.waitSignal(pane.demo_chosen):
        qtbot.mouseClick(pane._cards[3], Qt.MouseButton.LeftButton)
    pane._cards[0].setFocus()
    pane.show_choices()
    assert pane.focusWidget() is pane._cards[3]


async def test_without_a_model_it_offers_to_add_one(bench, pane, qtbot):
    await bench.library.scan()
    assert "Add a model file" in pane._cards[0].accessibleName()
    with qtbot.waitSignal(pane.model_file_wanted):
        pane._cards[0].click()


def test_the_theme_can_be_changed_here(pane, theme, qtbot):
    assert pane._mode.text() == "Dark"
    with qtbot.waitSignal(pane.mode_chosen) as told:
        pane._mode.click()
    assert told.args == ["light"]
    theme.set_mode("light")
    assert pane._mode.text() == "Light"


def test_the_terms_can_be_read_first(pane, qtbot):
    terms = next(b for b in pane.findChildren(ThemedButton) if b.accessibleName() == "Terms of use")
    with qtbot.waitSignal(pane.terms_requested):
        terms.click()


@pytest.mark.parametrize(("width", "brand"), [(1280, 420), (960, 320), (880, None)])
def test_the_panel_gives_way_to_the_choices(pane, qtbot, width, brand):
    pane.resize(width, 700)
    qtbot.waitUntil(lambda: pane._brand.isVisible() is (brand is not None))
    if brand is not None:
        qtbot.waitUntil(lambda: pane._brand.width() == brand)
    qtbot.waitUntil(lambda: pane._cards[0].width() <= 716)


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(1280, 820), (960, 640)])
def test_nothing_is_cut_or_unnamed(pane, theme, qtbot, size, scale):
    theme.set_scale(scale)
    pane.resize(*size)
    qtbot.waitUntil(lambda: clipped(pane) == [])
    assert unnamed(pane) == []
