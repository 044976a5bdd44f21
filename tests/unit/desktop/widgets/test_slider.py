"""A slider: by mouse, by keyboard, and quietly."""

import pytest
from PySide6.QtCore import QPoint, Qt

from morpheus_desktop.widgets.slider import Slider
from tests.support.looks import colors


@pytest.fixture
def slider(theme, qtbot):
    made = Slider(theme, "Text size", 80, 200, 10)
    qtbot.addWidget(made)
    made.resize(200, made.sizeHint().height())
    made.show()
    return made


def at(slider, part):
    return QPoint(round(10 + part * (slider.width() - 20)), slider.height() // 2)


def test_a_click_on_the_track_takes_the_thumb_there_in_steps(slider, qtbot):
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(slider, 0.52))
    assert slider.value() == 140


def test_it_follows_the_mouse_and_says_when_it_is_let_go(slider, qtbot):
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(slider, 0.0))
    qtbot.mouseMove(slider, at(slider, 1.0))
    qtbot.waitUntil(lambda: slider.value() == 200)
    assert slider.isSliderDown()
    with qtbot.waitSignal(slider.sliderReleased):
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(slider, 1.0))


def test_from_the_right_in_languages_that_are_read_so(slider, qtbot):
    slider.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at(slider, 0.0))
    assert slider.value() == 200


def test_arrow_keys_and_esc(slider, qtbot):
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 90
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert slider.value() == 200
    qtbot.keyClick(slider, Qt.Key.Key_Escape)
    assert slider.value() == 200


def test_what_is_shown_is_told_to_nobody(slider, qtbot):
    with qtbot.assertNotEmitted(slider.valueChanged):
        slider.show_value(150)
    assert slider.value() == 150


def test_off_it_has_no_accent(slider, theme):
    slider.show_value(150)
    accent = theme.hex("accent").lower()
    assert accent in colors(slider)
    slider.setEnabled(False)
    assert accent not in colors(slider)
