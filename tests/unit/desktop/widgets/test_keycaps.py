"""Shortcuts as key caps."""

import pytest

from morpheus_desktop.widgets.keycaps import KeyCaps, caps, caps_width
from tests.support.looks import colors


@pytest.mark.parametrize(
    ("keys", "single"),
    [
        ("", ()),
        ("Esc", ("Esc",)),
        ("Ctrl+Shift+N", ("Ctrl", "Shift", "N")),
        ("Ctrl++", ("Ctrl", "+")),
        ("+", ("+",)),
        ("Ctrl+,", ("Ctrl", ",")),
    ],
)
def test_a_shortcut_is_taken_apart(keys, single):
    assert caps(keys) == single


def test_no_keys_take_no_room(theme):
    assert caps_width("", theme) == 0


def test_more_keys_need_more_room_and_larger_text_too(theme, qtbot):
    shown = KeyCaps("Ctrl+K", theme)
    qtbot.addWidget(shown)
    short = shown.sizeHint().width()
    shown.set_keys("Ctrl+Shift+K")
    longer = shown.sizeHint().width()
    assert longer > short
    theme.set_scale(2.0)
    assert shown.sizeHint().width() > 1.8 * longer


def test_caps_are_painted(theme, qtbot):
    shown = KeyCaps("Ctrl+K", theme)
    qtbot.addWidget(shown)
    shown.resize(shown.sizeHint())
    assert theme.hex("bg-raised").lower() in colors(shown)
