"""Inputs for secrets."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from morpheus_desktop.widgets.secret import PasswordField, SecretLine, SecretText
from tests.support.looks import unnamed

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shown(qtbot):
    def show(widget):
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return show


def test_a_line_has_no_history(theme, shown, qtbot):
    line = shown(SecretLine(theme, "Key", hidden=False))
    qtbot.keyClicks(line, "secret")
    line.setCursorPosition(2)
    qtbot.keyClicks(line, "X")
    assert (line.text(), line.cursorPosition()) == ("seXcret", 3)
    assert not line.isUndoAvailable()
    qtbot.keyClick(line, Qt.Key.Key_Z, CTRL)
    assert line.text() == "seXcret"
    line.wipe()
    qtbot.keyClick(line, Qt.Key.Key_Z, CTRL)
    assert line.text() == ""


def test_a_hidden_line_gives_nothing_to_the_clipboard(theme, shown, qtbot, qapp):
    qapp.clipboard().setText("before")
    line = shown(SecretLine(theme, "Password"))
    qtbot.keyClicks(line, "secret")
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_C, CTRL)
    assert qapp.clipboard().text() == "before"


def test_text_has_no_history_and_tab_leaves_it(theme, shown, qtbot):
    text = shown(SecretText(theme, "Phrase", "words", 3))
    qtbot.keyClicks(text, "secret")
    assert not text.document().isUndoAvailable()
    assert text.tabChangesFocus()
    text.wipe()
    assert text.toPlainText() == ""


def test_the_eye_shows_a_password_until_it_is_wiped(theme, shown):
    field = shown(PasswordField(theme, "Password"))
    field.line.setText("secret")
    assert field.line.echoMode() == QLineEdit.EchoMode.Password
    field._eye.click()
    assert field.line.echoMode() == QLineEdit.EchoMode.Normal
    field.wipe()
    assert (field.text, field.line.echoMode()) == ("", QLineEdit.EchoMode.Password)
    assert unnamed(field) == []


def test_what_is_no_phrase_by_its_length_is_not_taken(theme, shown, qtbot, qapp):
    text = shown(SecretText(theme, "Phrase", "words", 3))
    qapp.clipboard().setText("word " * 10_000_000)
    with qtbot.waitSignal(text.refused):
        text.paste()
    assert text.toPlainText() == ""
