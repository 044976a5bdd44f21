"""The report is read before it is saved."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit

from morpheus_desktop.dialogs.report import ReportDialog
from morpheus_desktop.widgets.basic import ThemedButton
from tests.support.looks import clipped, unnamed


@pytest.fixture
def dialog(theme, over):
    made = ReportDialog(theme, over, "line one\n" + "x" * 400)
    made.open()
    return made


@pytest.mark.parametrize(("words", "code"), [("Save report…", 1), ("Cancel", 0)])
def test_it_is_saved_only_when_asked_for(dialog, qtbot, words, code):
    button = next(b for b in dialog.findChildren(ThemedButton) if b.text() == words)
    with qtbot.waitSignal(dialog.finished) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [code]


def test_all_of_it_is_shown_and_cannot_be_changed(dialog):
    view = dialog.findChild(QPlainTextEdit)
    assert view.toPlainText().startswith("line one\nxxx")
    assert view.isReadOnly()


def test_the_keyboard_can_leave_the_report(dialog, over, qtbot):
    view = dialog.findChild(QPlainTextEdit)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert over.focusWidget() is not view
    assert unnamed(dialog) == []


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut(theme, over, qtbot, scale):
    theme.set_scale(scale)
    dialog = ReportDialog(theme, over, "line\n" * 100)
    dialog.open()
    qtbot.waitUntil(lambda: clipped(dialog) == [])
