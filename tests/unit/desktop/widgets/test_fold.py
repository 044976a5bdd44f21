"""Two parts beside or below each other."""

from PySide6.QtWidgets import QLabel

from morpheus_desktop.widgets.fold import Fold


def made(theme, qtbot, **options) -> Fold:
    fold = Fold(theme, QLabel("first part"), QLabel("second part"), 400, **options)
    qtbot.addWidget(fold)
    fold.resize(500, 80)
    with qtbot.waitExposed(fold):
        fold.show()
    return fold


def test_it_folds_where_there_is_no_room(theme, qtbot):
    fold = made(theme, qtbot)
    first, second = fold._parts
    assert not fold.folded
    assert first.y() == second.y()
    fold.resize(390, 80)
    qtbot.waitUntil(lambda: fold.folded)
    qtbot.waitUntil(lambda: second.y() > first.y())
    fold.resize(410, 80)
    qtbot.waitUntil(lambda: not fold.folded)


def test_larger_text_folds_earlier(theme, qtbot):
    fold = made(theme, qtbot)
    theme.set_scale(1.5)
    assert fold.folded


def test_it_asks_for_no_more_width_than_its_wider_part(theme, qtbot):
    fold = made(theme, qtbot)
    widest = max(part.minimumSizeHint().width() for part in fold._parts)
    assert fold.minimumSizeHint().width() == widest


def test_the_second_part_can_have_a_width_of_its_own(theme, qtbot):
    fold = made(theme, qtbot, side=150)
    assert fold._parts[1].maximumWidth() == 150
    fold.resize(300, 80)
    qtbot.waitUntil(lambda: fold._parts[1].maximumWidth() > 10_000)
