"""A column that scrolls where there is less room."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.scrolled import LEAST_HEIGHT, Scrolled


@pytest.fixture
def scrolled(theme, qtbot):
    inside = QWidget()
    column = QVBoxLayout(inside)
    for number in range(20):
        column.addWidget(label(f"Line {number} " + "with many words " * 6, wrap=True))
    made = Scrolled(inside, "Terms")
    qtbot.addWidget(made)
    return made


def test_it_wants_the_height_of_what_is_inside(scrolled):
    assert scrolled.hasHeightForWidth()
    assert scrolled.heightForWidth(300) > scrolled.heightForWidth(900)


def test_it_scrolls_where_there_is_less(scrolled, qtbot):
    scrolled.resize(500, 200)
    with qtbot.waitExposed(scrolled):
        scrolled.show()
    qtbot.waitUntil(lambda: scrolled.verticalScrollBar().maximum() > 0)
    assert scrolled.horizontalScrollBar().maximum() == 0
    assert scrolled.minimumSizeHint().height() == LEAST_HEIGHT


def test_it_is_named(scrolled):
    assert scrolled.accessibleName() == "Terms"
