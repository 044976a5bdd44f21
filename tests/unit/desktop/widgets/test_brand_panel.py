"""The left side of the first screen."""

import pytest

from morpheus_desktop.widgets.brand_panel import CLAIM, BrandPanel
from morpheus_desktop.widgets.text import Label
from tests.support.looks import paints


@pytest.fixture
def panel(theme, qtbot):
    made = BrandPanel(theme)
    qtbot.addWidget(made)
    made.resize(420, 820)
    made.show()
    return made


def test_it_makes_its_claim(panel):
    assert CLAIM in [each.text() for each in panel.findChildren(Label)]


def test_it_paints_arches_where_there_is_room(panel, theme):
    assert paints(panel, theme.hex("accent"))


def test_the_arches_leave_the_words_alone(panel, theme):
    words = panel._sentence.geometry().bottom()
    image = panel.grab().toImage()
    ground = theme.hex("bg-sidebar").lower()
    row = {image.pixelColor(x, words + 8).name() for x in range(panel.width() - 1)}
    assert row == {ground}


def test_reading_its_words_needs_no_keyboard(panel):
    assert not any(each.focusPolicy() for each in panel.findChildren(Label))
