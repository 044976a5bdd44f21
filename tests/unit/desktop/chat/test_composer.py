"""The composer: what can be sent, what is shown of it, and Stop while an answer is written."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from morpheus_desktop.chat.composer import READY, REMOTE, WRITING, Composer, Way


@pytest.fixture
def composer(qtbot, theme):
    made = Composer(theme)
    qtbot.addWidget(made)
    made.resize(712, 100)
    made.show()
    return made


def named(composer: Composer, name: str) -> QPushButton:
    (found,) = [
        b
        for b in composer.findChildren(QPushButton)
        if name in (b.text(), b.accessibleName()) and not b.isHidden()
    ]
    return found


def test_only_a_question_can_be_sent(qtbot, composer):
    assert not composer._send.isEnabled()
    assert composer._send.toolTip() == "Type a question first"
    composer.edit.setPlainText("  \n ")
    with qtbot.assertNotEmitted(composer.sent):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    composer.set_text("Why?")
    with qtbot.waitSignal(composer.sent):
        qtbot.mouseClick(composer._send, Qt.MouseButton.LeftButton)
    assert composer.text == "Why?"


def test_a_click_anywhere_in_the_box_is_for_the_text(qtbot, composer):
    composer._attach.setFocus()
    empty = composer._attach.geometry().topRight() + QPoint(200, 8)
    assert composer.childAt(empty) is None
    qtbot.mouseClick(composer, Qt.MouseButton.LeftButton, pos=empty)
    assert composer.focusWidget() is composer.edit


def test_a_file_alone_can_be_sent(qtbot, composer):
    composer.set_attachments(["notes.txt"])
    with qtbot.waitSignal(composer.sent):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    composer.set_attachments([])
    with qtbot.assertNotEmitted(composer.sent):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)


def test_send_becomes_stop(qtbot, composer):
    composer.set_writing(writing=True)
    assert composer._stop.isVisible()
    assert not composer._send.isVisible()
    assert composer.edit.placeholderText() == WRITING
    with qtbot.waitSignal(composer.stopped):
        qtbot.mouseClick(composer._stop, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(composer.stopped):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.set_text("Next")  # it waits for the answer
    assert composer._send.isVisible()
    composer.set_writing(writing=False)
    assert composer._send.isVisible()
    assert not composer._stop.isVisible()
    assert composer.edit.placeholderText() == READY
    with qtbot.assertNotEmitted(composer.stopped):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)


def test_files_are_chips_that_leave_by_a_click(qtbot, composer):
    composer.set_attachments(["a.txt", "b & c.txt"])
    with qtbot.waitSignal(composer.detached) as signal:
        qtbot.mouseClick(named(composer, "b && c.txt"), Qt.MouseButton.LeftButton)
    assert signal.args == [1]


@pytest.mark.parametrize(
    ("used", "text", "tip"),
    [
        (1_204, "1,204 of 8,192 tokens", "Context used so far"),
        (9_000, "9,000 of 8,192 tokens", "The oldest messages will be left out."),
    ],
)
def test_the_meter(composer, used, text, tip):
    composer.set_meter(used, 8_192)
    assert composer._meter.text() == text
    assert composer._meter.toolTip() == tip
    assert composer._ring.accessibleDescription() == text
    assert composer._ring.value == pytest.approx(min(used / 8_192, 1))
    composer.set_meter(0, 0)
    assert not composer._meter.isVisible()


def test_parameters_are_shown_short(qtbot, composer):
    composer.set_parameters("0.7", "")
    assert named(composer, "System prompt: none")
    composer.set_parameters("1", "You are a pirate & speak like one, always")
    assert composer._system.text().startswith("System prompt: You are a pirate && spea")
    assert composer._system.text().endswith("…")
    with qtbot.waitSignal(composer.parameters_asked):
        qtbot.mouseClick(composer._system, Qt.MouseButton.LeftButton)


def test_every_control_has_a_name(composer):
    composer.set_attachments(["a.txt"])
    composer.set_parameters("0.7", "")
    for button in composer.findChildren(QPushButton):
        assert button.accessibleName() or button.text(), button


def test_the_box_shows_that_it_has_the_focus(qtbot, composer):
    composer.activateWindow()
    composer.edit.setFocus()
    qtbot.waitUntil(lambda: composer.property("focused") == "true")
    composer._system.setFocus()
    qtbot.waitUntil(lambda: composer.property("focused") == "false")


def test_where_questions_go_is_said(theme, qtbot):
    composer = Composer(theme)
    qtbot.addWidget(composer)
    assert composer.edit.placeholderText() == READY
    composer.set_way(Way(remote=True))
    assert composer.edit.placeholderText() == REMOTE


def test_without_a_session_typing_stays_possible(theme, qtbot):
    composer = Composer(theme)
    qtbot.addWidget(composer)
    composer.show()
    sent: list[str] = []
    composer.sent.connect(lambda: sent.append(composer.text))
    composer.set_way(Way(remote=True, offer="Open a session"))
    assert composer._send.text() == "Open a session"
    assert composer._send.isEnabled()
    composer.set_text("Still here")
    for act in (composer._send.click, lambda: qtbot.keyClick(composer.edit, Qt.Key.Key_Return)):
        with qtbot.waitSignal(composer.offered):
            act()
    assert (sent, composer.text) == ([], "Still here")
    composer.set_way(Way(remote=True, reason="No network is connected"))
    assert composer._send.text() == "Send"
    assert not composer._send.isEnabled()
    assert composer._send.toolTip() == "No network is connected"
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert (sent, composer.text) == ([], "Still here")
    composer.set_way(Way(remote=True))
    composer._send.click()
    assert sent == ["Still here"]
