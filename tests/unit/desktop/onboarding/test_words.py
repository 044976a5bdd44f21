"""The new phrase on the screen: only when asked for, only in the active window, never in a label."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget


@pytest.fixture
def step(way):
    return way.go("words")


def test_it_is_hidden_until_it_is_asked_for(way, step, qtbot):
    assert step._grid.visible_words == ()
    step._reveal.click()
    assert step._grid.visible_words == way.vm.draft.words
    assert way.vm.draft.words[0] in step._grid.accessibleDescription()
    step._reveal.click()
    assert step._grid.visible_words == ()
    assert step._grid.accessibleDescription() == ""


def test_nobody_goes_on_who_has_not_seen_them(way, step):
    assert way.pane._next.toolTip() == "Show the words and write them down first."
    way.vm.forward()
    assert way.vm.step == "words"
    step._reveal.click()
    assert way.pane._next.isEnabled()
    step._count.chosen.emit("24")  # shown as well
    step._reveal.click()
    assert way.vm.problem == ""
    step._count.chosen.emit("12")
    assert way.vm.problem
    step._reveal.click()
    way.vm.forward()
    assert way.vm.step == "check"


def test_it_hides_with_the_focus_of_the_window(way, step, qtbot):
    step._reveal.click()
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitExposed(other):
        other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not step.isActiveWindow())
    assert step._grid.visible_words == ()
    qtbot.waitUntil(lambda: step._grid.accessibleDescription() == "")
    way.pane.activateWindow()
    qtbot.waitUntil(lambda: step._grid.visible_words == way.vm.draft.words)


def test_it_is_hidden_again_when_one_comes_back(way, step):
    step._reveal.click()
    way.vm.forward()
    way.vm.back()
    assert step._grid.visible_words == ()


def test_no_widget_keeps_a_word(way, step):
    step._reveal.click()
    phrase = " ".join(way.vm.draft.words)
    texts = []
    for widget in QApplication.allWidgets():
        if isinstance(widget, QLabel | QLineEdit):
            texts.append(widget.text())
        elif isinstance(widget, QPlainTextEdit):
            texts.append(widget.toPlainText())
    assert not any(phrase in text for text in texts)
    assert not any(
        set(phrase.split()) & set(text.split(" ")) == set(phrase.split()) for text in texts
    )


def test_copying_needs_a_second_step(way, step, qtbot):
    QGuiApplication.clipboard().setText("before")
    step._copy.click()
    assert QGuiApplication.clipboard().text() == "before"
    assert step._warning.isVisible()
    step._copy_words()
    assert QGuiApplication.clipboard().text() == " ".join(way.vm.draft.words)
    way.vm.forget()
    assert QGuiApplication.clipboard().text() == ""


def test_there_can_be_24(way, step):
    step._count.chosen.emit("24")
    assert len(way.vm.draft.words) == 24
    assert step._title.text() == "Write down 24 words"
    assert way.vm.title("words") == "Write down 24 words"
