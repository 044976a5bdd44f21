"""The top of a page."""

import pytest

from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.page_header import PageHeader
from tests.support.looks import colors


@pytest.fixture
def header(theme, qtbot):
    made = PageHeader(theme, "Local models", "4 installed, 17.5 GB")
    qtbot.addWidget(made)
    made.resize(800, made.height())
    made.show()
    return made


def test_it_is_as_high_as_the_text_asks(header, theme):
    assert header.height() == 56
    theme.set_scale(1.5)
    assert header.height() == 84


def test_facts_change_and_give_way_to_the_actions(header, theme, qtbot):
    header.set_facts("5 installed, " + "very large " * 30)
    action = button(theme, "Add file or folder")
    header.add_action(action)
    qtbot.waitUntil(lambda: action.width() >= action.sizeHint().width())
    assert action.geometry().right() < header.width()
    assert header._facts.width() > 0
    header.resize(300, header.height())
    qtbot.waitUntil(lambda: header._facts.width() < 40)
    assert action.width() >= action.sizeHint().width()


def test_a_hairline_ends_it(header, theme):
    image = header.grab().toImage()
    assert image.pixelColor(400, header.height() - 1).name() == theme.hex("line-subtle").lower()
    assert theme.hex("line-subtle").lower() in colors(header)
