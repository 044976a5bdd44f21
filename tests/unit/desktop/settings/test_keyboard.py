"""The keys of commands: pressed anew, refused when they are taken, and back again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.settings.keyboard import KeyboardSection

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def commands(prefs):
    made = Commands(prefs)
    made.done = []
    made.add(
        Command("chat.new", "New chat", lambda: made.done.append("new"), "Ctrl+N"),
        Command("quit", "Quit", lambda: made.done.append("quit"), "Ctrl+Q"),
    )
    return made


@pytest.fixture
def section(commands, theme, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    commands.bind(window)
    made = KeyboardSection(commands, theme)
    made.setParent(window)
    window.resize(800, 500)
    made.resize(800, 500)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    made.window_kept = window
    return made


def parts(section, command):
    return section._rows[command]


def press(section, qtbot, command, key, modifiers=CTRL):
    field = parts(section, command)[1]
    field.setFocus()
    qtbot.keyClick(field, key, modifiers)


def test_other_keys_are_pressed_and_work_at_once(section, commands, prefs, qtbot):
    press(section, qtbot, "chat.new", Qt.Key.Key_J)
    assert parts(section, "chat.new")[1].text() == "Ctrl+J"
    assert prefs.keys("chat.new") == "Ctrl+J"
    assert commands.done == []
    qtbot.keyClick(section.window_kept, Qt.Key.Key_J, CTRL)
    qtbot.keyClick(section.window_kept, Qt.Key.Key_N, CTRL)
    assert commands.done == ["new"]


def test_a_shortcut_in_force_is_not_run_in_its_field(section, commands, qtbot):
    press(section, qtbot, "chat.new", Qt.Key.Key_Q)
    assert commands.done == []
    assert parts(section, "chat.new")[0].said == "Ctrl+Q is already for: Quit."
    assert commands.keys("chat.new") == "Ctrl+N"


def test_a_letter_alone_is_left_to_typing(section, commands, qtbot):
    press(section, qtbot, "chat.new", Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
    assert "function key" in parts(section, "chat.new")[0].said
    press(section, qtbot, "chat.new", Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
    assert commands.keys("chat.new") == "F7"
    assert parts(section, "chat.new")[0].said == ""


def test_backspace_takes_keys_away_and_the_arrow_brings_them_back(section, commands, prefs, qtbot):
    _row, field, back = parts(section, "chat.new")
    assert not back.isEnabled()
    press(section, qtbot, "chat.new", Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier)
    assert (commands.keys("chat.new"), field.text()) == ("", "")
    back.click()
    assert (commands.keys("chat.new"), field.text()) == ("Ctrl+N", "Ctrl+N")
    assert prefs.keys("chat.new") is None
    assert not back.isEnabled()


def test_built_in_keys_that_were_given_away_stay_there(section, commands, qtbot):
    press(section, qtbot, "quit", Qt.Key.Key_X)
    press(section, qtbot, "chat.new", Qt.Key.Key_Q)
    parts(section, "quit")[2].click()
    assert parts(section, "quit")[0].said == "Ctrl+Q is already for: New chat."
    assert commands.keys("quit") == "Ctrl+X"


def test_tab_and_modifiers_alone_are_no_keys(section, commands, qtbot):
    field = parts(section, "chat.new")[1]
    for key in (Qt.Key.Key_Control, Qt.Key.Key_Tab, Qt.Key.Key_Escape):
        press(section, qtbot, "chat.new", key, Qt.KeyboardModifier.NoModifier)
    assert field.text() == "Ctrl+N"
    assert parts(section, "chat.new")[0].said == ""
