"""All shortcuts on one page."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.dialogs.shortcuts import ShortcutsDialog
from morpheus_desktop.widgets.keycaps import KeyCaps
from morpheus_desktop.widgets.text import Label
from tests.support.looks import clipped


@pytest.fixture
def commands(prefs):
    made = Commands(prefs)
    made.add(
        Command("chat.new", "New chat", print, "Ctrl+N"),
        Command("help.terms", "Terms of use", print),
        Command("quit", "Quit", print, "Ctrl+Q"),
    )
    return made


def shown(dialog) -> list[str]:
    return [each.text() for each in dialog.findChildren(Label)]


def test_commands_with_keys_are_listed_as_they_are_in_force(commands, theme, over):
    commands.set_keys("quit", "Ctrl+Shift+Q")
    dialog = ShortcutsDialog(commands, theme, over)
    assert {"New chat", "Quit", "New line"} <= set(shown(dialog))
    assert "Terms of use" not in shown(dialog)
    assert "Ctrl+Shift+Q" in [each._keys for each in dialog.findChildren(KeyCaps)]


def test_enter_closes(commands, theme, over, qtbot):
    dialog = ShortcutsDialog(commands, theme, over)
    dialog.open()
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Space)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut(commands, theme, over, qtbot, scale):
    theme.set_scale(scale)
    dialog = ShortcutsDialog(commands, theme, over)
    dialog.open()
    qtbot.waitUntil(lambda: clipped(dialog) == [])
