"""Three words asked back, with completion."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.support.money_desk import PASSWORD, PHRASE


@pytest.fixture
def step(way):
    way.vm.draft.words = tuple(PHRASE.split())
    way.vm.draft.asked = (2, 6, 11)
    way.vm.set(password=PASSWORD, repeated=PASSWORD)
    return way.go("check")


def test_only_what_is_asked_for_has_a_field(way, step):
    assert sorted(step._editors) == [2, 6, 11]
    assert step._about.text().startswith("Type the words numbered 3, 7 and 12 from the paper")
    assert way.pane.focusWidget() is step._editors[2]


def test_completion_begins_when_few_words_are_left(step, qtbot):
    editor = step._editors[2]
    qtbot.keyClicks(editor, "ab")
    assert step._offers.words == ()  # more than four
    qtbot.keyClicks(editor, "an")
    assert step._offers.words == ("abandon",)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "abandon"
    assert step._offers.words == ()


def test_the_arrows_choose_what_is_offered_and_a_click_takes_it(step, qtbot):
    editor = step._editors[11]
    editor.setFocus()
    qtbot.keyClicks(editor, "abo")
    assert step._offers.words == ("about", "above")
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "above"
    editor.setText("")
    qtbot.keyClicks(editor, "abo")
    qtbot.mouseClick(step._offers, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert editor.text() == "about"


def test_a_wrong_word_says_which_and_keeps_the_wallet_from_being_made(way, step, qtbot):
    for place, word in ((2, "abandon"), (6, "zebra"), (11, "about")):
        step._editors[place].setText(word)
    assert step._problem.text() == "Not the word you wrote at 7"
    assert "abandon" not in step._problem.text()
    assert step.progress == "2 of 3 correct"
    assert not way.pane._next.isEnabled()
    step._editors[11].setFocus()
    qtbot.keyClick(step._editors[11], Qt.Key.Key_Return)
    assert way.vm.step == "check"
    assert way.pane.focusWidget() is step._editors[6]
    step._editors[6].setText("abandon")
    assert way.pane._next.text() == "Create wallet"
    assert way.pane._next.isEnabled()


def test_typed_words_cannot_be_undone_and_are_wiped(way, step, qtbot):
    editor = step._editors[2]
    qtbot.keyClicks(editor, "zebra")
    assert not editor.isUndoAvailable()
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.text() == "zebra"
    way.vm.forget()
    assert editor.text() == ""


def test_what_was_typed_is_there_again_after_going_back(way, step, qtbot):
    qtbot.keyClicks(step._editors[2], "abandon")
    way.vm.back()
    way.vm.forward()
    assert step._editors[2].text() == "abandon"
