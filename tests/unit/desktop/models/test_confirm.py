"""A question before something is done: the safe answer has the focus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from morpheus_desktop.models.confirm import Confirm
from morpheus_desktop.models.wording import Question


@pytest.fixture
def asked(theme, qtbot):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(900, 600)
    over.show()
    dialog = Confirm(theme, over, Question("Delete it?", "For good.", "Delete", danger=True))
    answers: list[int] = []
    dialog.finished.connect(answers.append)
    dialog.open()
    return over, dialog, answers


def test_enter_does_nothing_dangerous(asked, qtbot):
    over, dialog, answers = asked
    assert over.focusWidget() is dialog._cancel
    qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Space)
    assert answers == [QDialog.DialogCode.Rejected]


def test_its_button_says_and_does_it(asked, qtbot):
    _over, dialog, answers = asked
    (go,) = [each for each in dialog.findChildren(QPushButton) if each.text() == "Delete"]
    assert go.property("kind") == "danger"
    go.click()
    assert answers == [QDialog.DialogCode.Accepted]
