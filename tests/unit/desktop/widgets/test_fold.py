"""Two parts beside or below each other."""

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from morpheus_desktop.widgets.fold import Fold


@pytest.fixture
def page(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 200)
    return made


def made(page, theme, qtbot, **options) -> Fold:
    # A window of its own would grow with what is in it.
    fold = Fold(theme, QLabel("first part"), QLabel("second part"), 400, **options)
    fold.setParent(page)
    fold.resize(500, 80)
    with qtbot.waitExposed(page):
        page.show()
    return fold


def test_it_folds_where_there_is_no_room(page, theme, qtbot):
    fold = made(page, theme, qtbot)
    first, second = fold._parts
    assert not fold.folded
    assert first.y() == second.y()
    fold.resize(390, 80)
    qtbot.waitUntil(lambda: fold.folded)
    qtbot.waitUntil(lambda: second.y() > first.y())
    fold.resize(410, 80)
    qtbot.waitUntil(lambda: not fold.folded)


def test_larger_text_folds_earlier(page, theme, qtbot):
    fold = made(page, theme, qtbot)
    theme.set_scale(1.5)
    assert fold.folded


def test_it_asks_for_no_more_width_than_its_wider_part(page, theme, qtbot):
    fold = made(page, theme, qtbot)
    widest = max(part.minimumSizeHint().width() for part in fold._parts)
    assert fold.minimumSizeHint().width() == widest


def test_the_second_part_can_have_a_width_of_its_own(page, theme, qtbot):
    fold = made(page, theme, qtbot, side=150)
    assert fold._parts[1].maximumWidth() == 150
    fold.resize(300, 80)
    qtbot.waitUntil(lambda: fold._parts[1].maximumWidth() > 10_000)


def test_parts_that_need_more_fold_earlier(page, theme, qtbot):
    fold = made(page, theme, qtbot)
    first, second = fold._parts
    first.setMinimumWidth(450)
    qtbot.waitUntil(lambda: fold.folded)
    second.hide()
    qtbot.waitUntil(lambda: not fold.folded)
    first.setMinimumWidth(0)
    second.show()
    qtbot.waitUntil(lambda: second.x() > first.x())
