"""A switch: told once, quiet when it only shows, still when it is busy."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.spinner import Spinner
from morpheus_desktop.widgets.switch import Switch
from tests.support.looks import colors


@pytest.fixture
def switch(theme, qtbot):
    theme.set_reduced_motion(on=True)
    made = Switch(theme, "API server")
    qtbot.addWidget(made)
    made.show()
    return made


def test_mouse_and_space_flip_it(switch, qtbot):
    told = []
    switch.toggled.connect(told.append)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert told == [True, False]


def test_what_is_shown_is_told_to_nobody(switch, theme, qtbot):
    with qtbot.assertNotEmitted(switch.toggled):
        switch.show_state(on=True)
    assert switch.isChecked()
    assert theme.hex("accent").lower() in colors(switch)


def test_busy_it_cannot_be_flipped(switch, qtbot):
    switch.set_busy(busy=True)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert not switch.isChecked()
    assert switch.findChildren(Spinner)
    switch.set_busy(busy=False)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.isChecked()


def test_it_slides_where_movement_is_wanted(switch, theme, qtbot):
    theme.set_reduced_motion(on=False)
    switch.click()
    assert switch._at < 1.0
    qtbot.waitUntil(lambda: switch._at == 1.0)


def test_it_is_large_enough_to_be_hit(switch):
    assert switch.width() >= 32
    assert switch.height() >= 32
