"""One table serves shortcuts and palette; the user may change the keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.prefs import Prefs


@pytest.fixture
def prefs(tmp_path, qapp):
    return Prefs(tmp_path / "window.ini")


@pytest.fixture
def window(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


def test_keys_run_the_command(prefs, window, qtbot):
    done = []
    commands = Commands(prefs)
    commands.add(Command("one", "One", lambda: done.append(1), "Ctrl+1"))
    commands.bind(window)
    commands.add(Command("two", "Two", lambda: done.append(2), "Ctrl+2"))
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert done == [1, 2]


def test_a_disabled_command_does_nothing(prefs):
    done = []
    commands = Commands(prefs)
    commands.add(Command("one", "One", lambda: done.append(1), enabled=lambda: False))
    commands.run("one")
    commands.run("unknown")
    assert done == []


def test_an_id_is_used_once(prefs):
    commands = Commands(prefs)
    commands.add(Command("one", "One", print))
    with pytest.raises(ValueError, match="one"):
        commands.add(Command("one", "Other", print))


def test_the_users_keys_replace_the_built_in_ones(prefs, window, qtbot):
    done = []
    commands = Commands(prefs)
    commands.add(Command("one", "One", lambda: done.append(1), "Ctrl+1"))
    commands.bind(window)
    commands.set_keys("one", "Ctrl+J")
    assert commands.keys("one") == "Ctrl+J"
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert done == []
    qtbot.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert done == [1]
    commands.set_keys("one", None)
    assert commands.keys("one") == "Ctrl+1"


def test_keys_without_a_built_in_one_can_be_given(prefs, window, qtbot):
    done = []
    commands = Commands(prefs)
    commands.add(Command("one", "One", lambda: done.append(1)))
    commands.bind(window)
    commands.set_keys("one", "Ctrl+J")
    qtbot.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert done == [1]


def test_conflicts_are_found(prefs):
    commands = Commands(prefs)
    commands.add(Command("one", "One", print, "Ctrl+1"), Command("two", "Two", print, "Ctrl+2"))
    assert commands.conflict("two", "Ctrl+1") is commands.find("one")
    assert commands.conflict("one", "Ctrl+1") is None
    assert commands.conflict("two", "") is None
