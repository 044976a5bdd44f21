"""The password step: the same rules for click, Enter and paste."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.support.money_desk import PASSWORD


def test_enter_is_held_to_the_rules(way, qtbot):
    step = way.pane.step("password")
    qtbot.keyClicks(step._password.line, "short")
    qtbot.keyClick(step._password.line, Qt.Key.Key_Return)
    assert way.vm.step == "password"
    assert step._password.field.problem == "The password needs at least 8 characters."
    assert not way.pane._next.isEnabled()


def test_what_is_pasted_is_held_to_them_too(way, qtbot):
    step = way.pane.step("password")
    QGuiApplication.clipboard().setText("aaaaaaaaaaaa")
    step._password.line.setFocus()
    QTest.keyClick(step._password.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert way.vm.draft.password == "aaaaaaaaaaaa"
    assert way.pane._next.toolTip() == "The password repeats too few characters."


def test_two_different_ones_are_told_apart_before_the_end(way, qtbot):
    step = way.pane.step("password")
    qtbot.keyClicks(step._password.line, PASSWORD)
    qtbot.keyClicks(step._repeated.line, "correct")
    assert step._repeated.field.problem == ""
    qtbot.keyClicks(step._repeated.line, " house")
    assert step._repeated.field.problem == "The two passwords are not the same."
    qtbot.keyClick(step._repeated.line, Qt.Key.Key_Return)
    assert way.vm.step == "password"


def test_enter_goes_on(way, qtbot):
    step = way.pane.step("password")
    qtbot.keyClicks(step._password.line, PASSWORD)
    qtbot.keyClicks(step._repeated.line, PASSWORD)
    qtbot.keyClick(step._repeated.line, Qt.Key.Key_Return)
    assert way.vm.step == "words"


def test_wiping_empties_both(way, qtbot):
    step = way.pane.step("password")
    qtbot.keyClicks(step._password.line, PASSWORD)
    step.wipe()
    assert step._password.text == ""
    assert not step._password.line.isUndoAvailable()
