"""The dialog of an unexpected error."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from morpheus_desktop.dialogs.problem import ProblemDialog
from morpheus_desktop.problems import crash_of
from tests.support.looks import clipped


@pytest.fixture
def crash():
    try:
        raise ValueError("what went wrong, with password=hunter2hunter2")
    except ValueError as error:
        return crash_of(error)


@pytest.fixture
def dialog(crash, theme, over):
    made = ProblemDialog(crash, theme, over)
    made.open()
    return made


def test_it_says_what_is_safe_and_shows_the_report_without_secrets(dialog, crash):
    report = dialog.findChild(QPlainTextEdit)
    assert report.toPlainText() == crash.report
    assert "what went wrong" in report.toPlainText()
    assert "hunter2" not in report.toPlainText()
    assert report.isReadOnly()


def test_enter_goes_on(dialog, over, qtbot):
    assert over.focusWidget().text() == "Continue"
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Space)


def test_the_report_is_copied(dialog, crash, qtbot):
    qtbot.mouseClick(dialog._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == crash.report
    assert dialog._copy.text() == "Copied"


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_nothing_is_cut(crash, theme, over, qtbot, scale):
    theme.set_scale(scale)
    dialog = ProblemDialog(crash, theme, over)
    dialog.open()
    qtbot.waitUntil(lambda: clipped(dialog) == [])
