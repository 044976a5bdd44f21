"""Settings of the looks: at once, and for the next start."""

import pytest
from PySide6.QtCore import QPoint, Qt

from morpheus_desktop.frame_commands import Looks
from morpheus_desktop.settings.appearance import AppearanceSection


@pytest.fixture
def section(theme, prefs, qtbot):
    made = AppearanceSection(Looks(theme, prefs), theme)
    made.resize(800, 500)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_theme_changes_at_once_and_is_remembered(section, theme, prefs):
    section._modes._buttons["light"].click()
    assert not theme.dark
    assert prefs.theme_mode == "light"


def test_the_text_grows_by_the_keyboard(section, theme, prefs, qtbot):
    qtbot.keyClick(section._size, Qt.Key.Key_Right)
    assert theme.scale == prefs.text_size == 1.1
    assert section._percent.text() == "110\u00a0%"


def test_under_the_mouse_it_grows_when_it_is_let_go(section, theme, qtbot):
    slider = section._size
    end = QPoint(slider.width() - 10, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=end)
    assert theme.scale == 1.0
    assert section._percent.text() == "200\u00a0%"
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    assert theme.scale == 2.0


def test_contrast_and_motion(section, theme, prefs):
    section._contrast.click()
    section._motion.click()
    assert theme.high_contrast
    assert prefs.high_contrast
    assert theme.reduced_motion
    assert prefs.reduced_motion


def test_what_changes_elsewhere_is_shown(section, theme, qtbot):
    theme.set_mode("light")
    theme.set_scale(1.4)
    theme.set_high_contrast(on=True)
    theme.set_reduced_motion(on=True)
    assert section._modes.current == "light"
    assert section._size.value() == 140
    assert section._percent.text() == "140\u00a0%"
    assert section._contrast.isChecked()
    assert section._motion.isChecked()
