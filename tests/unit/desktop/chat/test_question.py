"""A question, its files, its versions and its editor."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat.question import QuestionView
from morpheus_desktop.theme import Theme
from router.store.records import Attachment, Message
from tests.support.messages import MakeMessage

Show = Callable[[Message], QuestionView]


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Show:
    def make(message: Message) -> QuestionView:
        view = QuestionView(theme, message, 600)
        qtbot.addWidget(view)
        view.show()
        view.show_range(0, 2_000, math.inf)
        return view

    return make


def button(view: QuestionView, name: str) -> PaintedButton:
    return next(b for b in view.findChildren(PaintedButton) if b.accessibleName() == name)


def test_a_short_question_has_a_small_bubble(show: Show, make_message: MakeMessage) -> None:
    view = show(make_message("user", "Hi"))
    assert view.content_height == 44
    assert view._bubble.right() == 599
    assert view._bubble.width() < 60
    long = show(make_message("user", "word " * 200))
    assert 480 <= long._bubble.width() <= 510


def test_the_text_is_shown_as_typed(show: Show, make_message: MakeMessage) -> None:
    view = show(make_message("user", "# not a *title*\n\n    x\u202ey"))
    (prose,) = view.findChildren(Prose)
    assert prose.toPlainText() == "# not a *title*\n\n    x⟨U+202E⟩y"


def test_files(show: Show, make_message: MakeMessage) -> None:
    files = (
        Attachment("a\u202elog.txt", "text/plain", 12_345),
        Attachment("b.png", "image/png", 9),
    )
    view = show(make_message("user", "Look", attachments=files))
    assert view.content_height == 44 + 24 + 6
    assert [text for _, text in view._chips()] == ["alog.txt  12\u00a0kB", "b.png  9\u00a0B"]
    only = show(make_message("user", "", attachments=files))
    assert only.content_height == 44
    assert not view.grab().isNull()
    many = show(make_message("user", "", attachments=files * 6))
    assert many.content_height > 44 + 24
    assert all(box.right() < 600 for box, _ in many._chips())


def test_actions(qtbot: QtBot, show: Show, make_message: MakeMessage) -> None:
    view = show(make_message("user", "text"))
    view.window().activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.hasFocus)
    with qtbot.waitSignal(view.copied) as signal:
        button(view, "Copy").click()
    assert signal.args == [False]
    assert QGuiApplication.clipboard().text() == "text"


def test_edit(qtbot: QtBot, show: Show, make_message: MakeMessage) -> None:
    message = make_message("user", "old")
    view = show(message)
    with qtbot.waitSignal(view.height_changed):
        view.edit()
    field = view.findChildren(QPlainTextEdit)[0]
    assert field.toPlainText() == "old"
    field.setPlainText("new")
    with qtbot.waitSignal(view.edit_requested) as signal:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert signal.args == [message.id, "new"]
    assert view.content_height == 44
    view.edit()
    with qtbot.assertNotEmitted(view.edit_requested):
        qtbot.keyClick(view.findChildren(QPlainTextEdit)[-1], Qt.Key.Key_Escape)
    assert view.content_height == 44


def test_versions(qtbot: QtBot, show: Show, make_message: MakeMessage) -> None:
    message = make_message("user", "x")
    view = show(message)
    assert view.set_message(replace(message, versions=(1, 5)))
    assert view.content_height == 44 + 32
    with qtbot.waitSignal(view.version_selected) as signal:
        button(view, "Next version").click()
    assert signal.args == [5]
    assert not view.set_message(replace(message, content="other"))


def test_layout(show: Show, make_message: MakeMessage, theme: Theme) -> None:
    view = show(make_message("user", "word " * 100))
    height = view.content_height
    assert view.y_of(view.anchor(4)) == 4
    assert view.y_of(view.anchor(100)) == 100
    view.set_width(300)
    view.show_range(0, 5_000, math.inf)
    assert view.content_height > 1.5 * height
    theme.set_scale(1.5)
    view.restyle()
    view.show_range(0, 5_000, math.inf)
    assert view.content_height > 3 * height
