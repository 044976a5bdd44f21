"""The top of a page."""

import pytest
from PySide6.QtWidgets import QWidget

from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.page_header import PageHeader
from tests.support.looks import clipped, colors


@pytest.fixture
def page(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 300)
    return made


@pytest.fixture
def header(page, theme, qtbot):
    # A window of its own would grow with what is in it.
    made = PageHeader(theme, "Local models", "4 installed, 17.5 GB")
    made.setParent(page)
    made.resize(800, made.height())
    with qtbot.waitExposed(page):
        page.show()
    return made


def test_it_is_as_high_as_the_text_asks(header, theme):
    assert header.height() == 56
    theme.set_scale(1.5)
    assert header.height() == 84


def test_facts_change_and_give_way_to_the_actions(header, theme, qtbot):
    header.set_facts("5 installed, " + "very large " * 30)
    action = button(theme, "Add file or folder")
    header.add_action(action)
    action.show()
    qtbot.waitUntil(lambda: action.width() == action.sizeHint().width())
    assert action.mapTo(header, action.rect().topRight()).x() < header.width()
    assert header._facts.width() > 0
    just_enough = 2 * 24 + header.title.sizeHint().width() + 2 * 12 + 1 + action.width()
    header.resize(just_enough, header.height())
    qtbot.waitUntil(lambda: header._facts.width() < 40)
    assert not header.folded
    assert action.width() >= action.sizeHint().width()
    assert header.title.width() >= header.title.sizeHint().width()


def test_actions_without_room_stand_below_and_come_back(header, theme, qtbot):
    actions = [button(theme, words) for words in ("Skip one day", "Export", "Read again")]
    for action in actions:
        header.add_action(action)
        action.show()
    header.resize(330, header.height())
    qtbot.waitUntil(lambda: header.folded and header.height() > 56)
    qtbot.waitUntil(lambda: clipped(header) == [])
    assert all(not action.visibleRegion().isEmpty() for action in actions)
    header.resize(700, header.height())
    qtbot.waitUntil(lambda: not header.folded and header.height() == 56)


def test_an_action_that_comes_later_folds_it_and_one_that_goes_unfolds_it(header, theme, qtbot):
    first, second = button(theme, "Export"), button(theme, "Skip one day")
    header.resize(330, header.height())
    header.add_action(first)
    header.add_action(second)
    first.show()
    qtbot.waitUntil(lambda: not header.folded)
    second.show()
    qtbot.waitUntil(lambda: header.folded)
    second.hide()
    qtbot.waitUntil(lambda: not header.folded)


def test_it_asks_for_the_widest_action_only(header, theme):
    before = header.minimumSizeHint().width()
    for _ in range(9):
        header.add_action(button(theme, "Export"))
    assert header.minimumSizeHint().width() == before


def test_a_hairline_ends_it(header, theme):
    image = header.grab().toImage()
    assert image.pixelColor(400, header.height() - 1).name() == theme.hex("line-subtle").lower()
    assert theme.hex("line-subtle").lower() in colors(header)
