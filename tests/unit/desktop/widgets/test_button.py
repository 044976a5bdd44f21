"""Buttons: busy, off with a reason, and the icon that follows."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.button import button, icon_button
from tests.support.looks import colors

KINDS = ["secondary", "primary", "ghost", "danger", "link", "chip"]


@pytest.fixture
def make(theme, qtbot):
    def made(*args, **options):
        it = button(theme, *args, **options)
        qtbot.addWidget(it)
        it.show()
        return it

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_pressed_by_mouse_and_keyboard(make, qtbot, kind):
    start = make("Start", kind)
    with qtbot.waitSignals([start.clicked, start.clicked]):
        qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
        qtbot.keyClick(start, Qt.Key.Key_Space)


@pytest.mark.parametrize("icon", ["", "cpu"])
def test_while_busy_it_does_nothing_and_keeps_its_width(make, qtbot, icon):
    start = make("Start", icon=icon)
    pressed = []
    start.clicked.connect(lambda: pressed.append(1))
    width = start.sizeHint().width()
    start.set_busy(busy=True)
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(start, key)
    assert pressed == []
    assert start.busy
    assert start.accessibleDescription() == "Working"
    assert abs(start.sizeHint().width() - width) <= 1
    start.set_busy(busy=False)
    qtbot.keyClick(start, Qt.Key.Key_Space)
    assert pressed == [1]
    assert start.accessibleDescription() == ""


def test_off_it_says_why(make):
    load = make("Load", tip="Into memory")
    load.set_reason("No model is chosen.")
    assert not load.isEnabled()
    assert load.toolTip() == load.accessibleDescription() == "No model is chosen."
    load.set_reason("Another reason.")
    load.set_reason("")
    assert load.isEnabled()
    assert load.toolTip() == "Into memory"


def test_the_primary_one_has_the_accent_and_follows_the_theme(make, theme):
    start = make("Start", "primary", icon="cpu")
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        assert {theme.hex("accent").lower(), theme.hex("on-accent").lower()} <= colors(start)


def test_an_icon_button_is_named_by_its_tooltip_and_large_enough(theme, qtbot):
    copy = icon_button(theme, "copy", "Copy the answer")
    qtbot.addWidget(copy)
    assert copy.accessibleName() == copy.toolTip() == "Copy the answer"
    assert copy.sizeHint().width() >= 32
    assert copy.sizeHint().height() >= 32


def test_another_icon(make):
    mode = make("Dark", icon="moon")
    before = mode.icon().pixmap(16, 16).toImage()
    mode.set_icon("sun")
    assert mode.icon().pixmap(16, 16).toImage() != before
    mode.set_icon("")
    assert mode.icon().isNull()
