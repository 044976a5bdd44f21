"""Rows become widgets that are connected to the area."""

import pytest

from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.message_area import MessageArea
from morpheus_desktop.chat.notice import Notice, NoticeView
from morpheus_desktop.chat.question import QuestionView
from morpheus_desktop.chat.rows import Row


@pytest.fixture
def area(qtbot):
    made = MessageArea()
    qtbot.addWidget(made)
    return made


def test_an_answer_tells_everything_by_the_area(qtbot, area, theme, make_message):
    row = Row("message 1", "answer", make_message("assistant", "Hello"))
    view = area.make_view(row, theme, 600)
    assert isinstance(view, AnswerView)
    for own, told, args in (
        (view.regenerate_requested, area.regenerate_requested, [2**40]),
        (view.branch_requested, area.branch_requested, [2**40]),
        (view.version_selected, area.version_selected, [2**40]),
        (view.link_clicked, area.link_clicked, ["https://example.com", "text"]),
        (view.copied, area.copied, [True]),
    ):
        with qtbot.waitSignal(told) as heard:
            own.emit(*args)
        assert heard.args == args
    with qtbot.waitSignal(area.view_resized) as heard:
        view.height_changed.emit()
    assert heard.args == [row]


def test_a_question_can_be_edited(qtbot, area, theme, make_message):
    view = area.make_view(Row("message 1", "question", make_message("user", "Q")), theme, 600)
    assert isinstance(view, QuestionView)
    with qtbot.waitSignal(area.edit_requested) as heard:
        view.edit_requested.emit(2**40, "New")
    assert heard.args == [2**40, "New"]


def test_a_notice_tells_its_key(qtbot, area, theme):
    notice = Notice("why", "Because.", action="Dismiss")
    view = area.make_view(Row("notice why", "notice", notice), theme, 600)
    assert isinstance(view, NoticeView)
    with qtbot.waitSignal(area.notice_clicked) as heard:
        view.action_clicked.emit("why")
    assert heard.args == ["why"]


def test_unfolded_reasoning_stays_so(area, theme, make_message):
    message = make_message("assistant", "Hello", reasoning="Hm.")
    view = area.make_view(Row("message 1", "answer", message, unfolded=True), theme, 600)
    assert isinstance(view, AnswerView)
    assert view.unfolded
