"""A row that goes on below."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from morpheus_desktop.widgets.wrap import Wrap


@pytest.fixture
def box(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    layout = Wrap(made, gap=10, line_gap=5)
    for height in (20, 30, 20):
        part = QLabel()
        part.setFixedSize(100, height)
        layout.addWidget(part)
    made.show()
    return made


def places(box, width) -> list[tuple[int, int]]:
    box.resize(width, 300)
    box.layout().activate()
    return [box.layout().itemAt(at).geometry().topLeft().toTuple() for at in range(3)]


def test_all_on_one_line_where_there_is_room(box):
    assert places(box, 320) == [(0, 5), (110, 0), (220, 5)]
    assert box.heightForWidth(320) == 30


def test_on_more_lines_where_there_is_not(box):
    assert places(box, 319) == [(0, 5), (110, 0), (0, 35)]
    assert box.heightForWidth(319) == 55
    assert places(box, 100)[2] == (0, 60)
    assert box.minimumSizeHint().width() == 100


def test_hidden_ones_take_no_room(box):
    box.layout().itemAt(1).widget().hide()
    assert box.heightForWidth(210) == 20


def test_from_right_to_left_it_begins_at_the_right(box):
    box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert places(box, 320)[0] == (220, 5)


def test_it_can_be_emptied(box):
    box.layout().clear()
    assert box.layout().count() == 0
    assert box.layout().sizeHint().height() == 0
