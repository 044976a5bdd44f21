"""A menu: what it offers, what it refuses and why."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from morpheus_desktop.widgets.menu import Menu


@pytest.fixture
def menu(theme, qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    around.show()
    made = Menu(theme, around)
    made.around = around  # kept as long as the menu
    return made


def test_a_line_is_run_by_the_keyboard(menu, qtbot):
    done = []
    menu.add("Rename", lambda: done.append("rename"), icon="pencil")
    menu.popup(QPoint(20, 20))
    qtbot.waitUntil(menu.isVisible)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert done == ["rename"]


def test_it_is_gone_when_it_is_closed(menu, qtbot):
    menu.add("Rename", print)
    menu.popup(QPoint(20, 20))
    qtbot.waitUntil(menu.isVisible)
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(menu))


def test_a_reason_turns_a_line_off(menu):
    action = menu.add("Delete", print, reason="It is being written.")
    assert not action.isEnabled()
    assert action.toolTip() == "It is being written."


def test_an_ampersand_is_a_letter_and_keys_are_shown(menu):
    action = menu.add("Copy & paste", print, keys="Ctrl+C")
    assert action.text() == "Copy && paste\tCtrl+C"


def test_corners_are_cut(menu, qtbot):
    menu.add("Rename", print)
    menu.popup(QPoint(20, 20))
    qtbot.waitUntil(menu.isVisible)
    assert not menu.mask().contains(QPoint(0, 0))
    assert menu.mask().contains(menu.rect().center())
    menu.close()
