"""The editor of a question."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.edit_box import EditBox
from morpheus_desktop.theme import Theme


@pytest.fixture
def box(qtbot: QtBot, theme: Theme) -> EditBox:
    made = EditBox(theme, "old text")
    qtbot.addWidget(made)
    made.resize(500, made.height_for(500))
    made.show()
    return made


def field(box: EditBox) -> QPlainTextEdit:
    return box.findChildren(QPlainTextEdit)[0]


def test_enter_sends(qtbot: QtBot, box: EditBox) -> None:
    qtbot.keyClicks(field(box), " and new")
    with qtbot.waitSignal(box.sent) as signal:
        qtbot.keyClick(field(box), Qt.Key.Key_Return)
    assert signal.args == ["old text and new"]


def test_shift_enter_breaks_the_line(qtbot: QtBot, box: EditBox) -> None:
    before = box.height_for(500)
    with qtbot.waitSignal(box.height_changed):
        qtbot.keyClick(field(box), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert box.height_for(500) == before + 20


def test_escape_and_cancel_give_up(qtbot: QtBot, box: EditBox) -> None:
    with qtbot.waitSignal(box.given_up):
        qtbot.keyClick(field(box), Qt.Key.Key_Escape)
    cancel = next(b for b in box.findChildren(QPushButton) if b.text() == "Cancel")
    with qtbot.waitSignal(box.given_up):
        cancel.click()


def test_nothing_is_not_sent(qtbot: QtBot, box: EditBox) -> None:
    field(box).setPlainText("  ")
    with qtbot.assertNotEmitted(box.sent):
        qtbot.keyClick(field(box), Qt.Key.Key_Return)
    send = next(b for b in box.findChildren(QPushButton) if b.text() == "Send again")
    assert not send.isEnabled()


def test_it_stops_growing(box: EditBox) -> None:
    field(box).setPlainText("x\n" * 100)
    assert box.height_for(500) == 12 * 20 + 24 + 40


@pytest.mark.parametrize("text", ["One", "One\nTwo\nThree", "line\n" * 40])
def test_the_buttons_stand_below_the_text(qtbot, theme, text):
    box = EditBox(theme, text)
    qtbot.addWidget(box)
    for scale in (1.0, 1.5):
        theme.set_scale(scale)
        box.resize(500, box.height_for(500))
        box.show()
        field = box._field.geometry()
        assert field.bottom() < box._again.geometry().top()
        assert box._again.geometry().bottom() < box.height()


def test_a_huge_paste_is_refused_with_a_reason(box: EditBox, qapp: QApplication) -> None:
    qapp.clipboard().setText("x" * 50_000_000)
    field(box).paste()
    assert field(box).toPlainText() == "old text"
    assert "at most 200,000" in box._problem.text()
    field(box).setPlainText("new")
    assert box._problem.text() == ""
