"""Check boxes: hit anywhere, painted as they are."""

import pytest
from PySide6.QtCore import QPoint, Qt

from morpheus_desktop.widgets.check import CheckBox
from tests.support.looks import colors, paints


@pytest.fixture
def choice(theme, qtbot):
    made = CheckBox(theme, "See models")
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def test_its_words_are_part_of_the_target(choice, qtbot):
    assert choice.height() >= 32
    edge = QPoint(choice.width() - 2, choice.height() // 2)
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton, pos=edge)
    assert choice.isChecked()


def test_the_accent_says_that_it_is_on(choice, theme):
    accent = theme.hex("accent").lower()
    assert accent not in colors(choice)
    choice.setChecked(True)
    assert accent in colors(choice)


def test_a_problem_has_a_red_border(choice, theme):
    assert not paints(choice, theme.hex("danger"))
    choice.setProperty("problem", "true")
    assert paints(choice, theme.hex("danger"))


def test_it_grows_with_the_text(choice, theme):
    before = choice.sizeHint()
    theme.set_scale(2.0)
    assert choice.sizeHint().width() > 1.8 * before.width()
