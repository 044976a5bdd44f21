"""The transcript: few widgets, a steady view, streaming, keyboard, announcements."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QAbstractAnimation, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat import announce, transcript
from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.flow import Flow
from morpheus_desktop.chat.notice import Notice, NoticeView
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat.question import QuestionView
from morpheus_desktop.chat.transcript import TranscriptView, column_of
from morpheus_desktop.theme import Theme
from router.store.records import Message, Stats
from tests.support.messages import MakeMessage


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TranscriptView:
    made = TranscriptView(theme)
    qtbot.addWidget(made)
    made.resize(800, 600)
    with qtbot.waitExposed(made):  # its last resize event stops what glides
        made.show()
    return made


def conversation(make: MakeMessage, count: int) -> list[Message]:
    answer = "A paragraph of an answer with **some** words.\n\n- one\n- two\n\n" * 3
    return [
        make("user", f"Question {n}?") if n % 2 == 0 else make("assistant", f"Answer {n}. {answer}")
        for n in range(count)
    ]


def settled(qtbot: QtBot, view: TranscriptView) -> None:
    qtbot.waitUntil(lambda: not (view._settler.isActive() or view._flusher.isActive()))


def shown(view: TranscriptView, kind: Any) -> list[AnswerView | QuestionView | NoticeView]:
    found: list[Any] = view.viewport().findChildren(kind)
    return sorted((v for v in found if v.isVisible()), key=lambda v: v.y())


def words(view: TranscriptView) -> list[str]:
    """The text that is really in the window, from the top."""
    area = view.viewport().rect()
    parts = []
    for part in view.findChildren(Prose):
        at = part.mapTo(view.viewport(), part.rect().topLeft())
        if part.isVisible() and area.intersects(part.rect().translated(at)):
            parts.append((at.y(), part.toPlainText()))
    return [text for _, text in sorted(parts)]


def at_end(view: TranscriptView) -> bool:
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_a_chat_opens_at_its_end(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    messages = conversation(make_message, 10_000)
    view.set_messages(messages)
    settled(qtbot, view)
    assert at_end(view)
    assert view.following
    assert words(view)[-1].startswith("Answer 9999.")
    assert len(view._live) < 30
    assert not view._pill.isVisible()


def test_widgets_exist_near_the_window_only(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    view.set_messages(conversation(make_message, 400))
    bar = view.verticalScrollBar()
    for share in (0.0, 0.3, 0.9, 0.5):
        bar.setValue(int(bar.maximum() * share))
        settled(qtbot, view)
        assert 2 <= len(view._live) < 40
        assert len(view.findChildren(Flow)) < 120
        assert words(view)


def test_what_is_read_does_not_move_when_heights_become_known(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "AHEAD_S", 0.001)  # little at a time
    view.set_messages(conversation(make_message, 300))
    settled(qtbot, view)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    # What is above the window is made and measured later, and may move as it likes.
    read = next(v for v in shown(view, AnswerView) if v.geometry().bottom() > 0)
    before = read.y()
    settled(qtbot, view)
    assert any(v.geometry().bottom() <= 0 for v in shown(view, AnswerView))
    assert read.isVisible()
    assert abs(read.y() - before) <= 1


def test_streaming_follows_the_end(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    messages = conversation(make_message, 20)
    view.set_messages(messages)
    answer = make_message(state="writing")
    view.add(make_message("user", "Go on"))
    view.add(answer)
    for n in range(60):
        view.append(answer.id, f"Sentence {n} of it.\n\n")
        if n % 20 == 0:
            settled(qtbot, view)
    settled(qtbot, view)
    assert at_end(view)
    assert "Sentence 59 of it." in words(view)[-1]


def test_scrolling_up_stops_following(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    messages = conversation(make_message, 20)
    answer = make_message(state="writing", content="Start.\n\n" * 40)
    view.set_messages([*messages, answer])
    settled(qtbot, view)
    bar = view.verticalScrollBar()
    bar.setValue(bar.value() - 300)
    settled(qtbot, view)
    assert not view.following
    top = words(view)[0]
    place = bar.value()
    view.append(answer.id, "More.\n\n" * 100)
    settled(qtbot, view)
    assert bar.value() == place
    assert words(view)[0].startswith(top)
    assert view._pill.isVisible()
    qtbot.mouseClick(view._pill, Qt.MouseButton.LeftButton)
    settled(qtbot, view)
    assert at_end(view)
    assert view.following
    assert not view._pill.isVisible()


def test_text_that_comes_while_nobody_looks_is_kept(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    answer = make_message(state="writing")
    view.set_messages([*conversation(make_message, 100), answer])
    view.append(answer.id, "Seen. ")
    settled(qtbot, view)
    view.verticalScrollBar().setValue(0)
    settled(qtbot, view)
    assert f"message {answer.id}" not in view._live
    view.append(answer.id, "Unseen.", "Thought.")
    settled(qtbot, view)
    view.jump_to_latest()
    settled(qtbot, view)
    assert words(view)[-1] == "Seen. Unseen."


def test_the_end_of_an_answer_keeps_its_widgets(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage, stats: Stats
) -> None:
    question, answer = make_message("user", "Q"), make_message(state="writing")
    view.set_messages([question, answer])
    view.append(answer.id, "All of it.")
    settled(qtbot, view)
    (widget,) = shown(view, AnswerView)
    done = replace(answer, content="All of it.", state="done", stats=stats)
    view.set_message(done)
    assert shown(view, AnswerView) == [widget]
    view.set_messages([question, done])
    assert shown(view, AnswerView) == [widget]


def test_another_branch_replaces_from_where_it_differs(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    question, one, two = (
        make_message("user", "Q"),
        make_message(content="First"),
        make_message(content="Second"),
    )
    view.set_messages([question, one])
    settled(qtbot, view)
    kept = shown(view, QuestionView)
    view.set_messages([question, two])
    settled(qtbot, view)
    assert words(view) == ["Q", "Second"]
    assert shown(view, QuestionView) == kept
    view.set_messages([])
    assert words(view) == []
    assert view.verticalScrollBar().maximum() == 0


def test_a_new_question_scrolls_to_the_end(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    messages = conversation(make_message, 40)
    view.set_messages(messages)
    view.verticalScrollBar().setValue(0)
    settled(qtbot, view)
    view.set_messages([*messages, make_message("user", "New")])
    settled(qtbot, view)
    assert at_end(view)
    assert words(view)[-1] == "New"


def test_notices(qtbot: QtBot, view: TranscriptView, make_message: MakeMessage) -> None:
    messages = conversation(make_message, 2)
    view.set_messages(messages)
    view.set_notices(
        [Notice("a", "Above.", before=messages[1].id, action="Look"), Notice("b", "At the end.")]
    )
    settled(qtbot, view)
    assert [v.accessibleName() for v in shown(view, NoticeView)] == ["Above.", "At the end."]
    with qtbot.waitSignal(view.notice_clicked) as signal:
        shown(view, NoticeView)[0].findChildren(PaintedButton)[0].click()
    assert signal.args == ["a"]
    view.add(make_message("user", "Q"))
    settled(qtbot, view)
    assert [row.key for row in view._rows][-1] == "notice b"
    view.set_notices([])
    assert not shown(view, NoticeView)


def test_keys(qtbot: QtBot, view: TranscriptView, make_message: MakeMessage) -> None:
    view.set_messages(conversation(make_message, 60))
    settled(qtbot, view)
    bar = view.verticalScrollBar()
    end = bar.value()
    top = words(view)[0]
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    gliding = QAbstractAnimation.State.Running
    qtbot.waitUntil(lambda: bar.value() < end and view._glide._motion.state() != gliding)
    settled(qtbot, view)
    # How far the end is now depends on heights that were guessed; what is read does not.
    assert top in words(view)
    assert words(view)[0] != top
    assert not view.following
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert bar.value() == 0
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bar.value() == 48)
    qtbot.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert at_end(view)


def test_tab_visits_messages_in_order(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    view.set_messages(conversation(make_message, 4))
    settled(qtbot, view)
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    names = []
    for _ in range(20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        name = QApplication.focusWidget().accessibleName()
        if name in ("Your message", "Answer from SmolLM2 135M"):
            names.append(name)
    assert names[:4] == ["Your message", "Answer from SmolLM2 135M"] * 2


def test_scroll_to_and_edit(qtbot: QtBot, view: TranscriptView, make_message: MakeMessage) -> None:
    messages = conversation(make_message, 200)
    view.set_messages(messages)
    view.scroll_to(messages[50].id)
    settled(qtbot, view)
    assert words(view)[0] == "Question 50?"
    assert not view.following
    view.edit(messages[80].id)
    settled(qtbot, view)
    editors = [v for v in shown(view, QuestionView) if getattr(v, "_editor", None)]
    assert len(editors) == 1


def test_the_column(qtbot: QtBot, view: TranscriptView, theme: Theme) -> None:
    assert view.column == (44, 712)
    view.resize(1200, 600)
    assert view.column == column_of(1200, theme) == (240, 720)
    theme.set_scale(1.5)
    assert view.column == (60, 1080)


def test_looks_change_at_once(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage, theme: Theme
) -> None:
    view.set_messages(conversation(make_message, 30))
    settled(qtbot, view)
    dark, before = view.grab().toImage(), view.verticalScrollBar().maximum()
    theme.set_mode("light")
    settled(qtbot, view)
    assert view.grab().toImage() != dark
    assert words(view)[-1].startswith("Answer 29.")
    theme.set_scale(1.5)
    settled(qtbot, view)
    assert view.verticalScrollBar().maximum() > before
    assert at_end(view)


def test_start_and_end_are_announced(
    view: TranscriptView, make_message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for module in (transcript, announce):
        monkeypatch.setattr(module, "announce", lambda widget, text: said.append(text))
    view.set_messages([make_message("user", "Q")])
    answer = make_message(state="writing")
    view.add(answer)
    for _ in range(50):
        view.append(answer.id, "token ")
    view.set_message(replace(answer, content="token " * 50, state="done"))
    assert said == ["SmolLM2 135M is answering.", "The answer is complete."]


def test_live_figures_and_unknown_ids(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage, stats: Stats
) -> None:
    answer = make_message(state="writing")
    view.set_messages([answer])
    view.set_live(answer.id, stats)
    view.set_live(999, stats)
    view.append(999, "lost")
    view.scroll_to(999)
    view.edit(999)
    settled(qtbot, view)
    assert words(view) == []


def test_one_append_is_shown_with_the_others(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = make_message(state="writing")
    view.set_messages([answer])
    flushes = 0
    real = AnswerView.flush

    def flush(self: AnswerView) -> None:
        nonlocal flushes
        flushes += 1
        real(self)

    monkeypatch.setattr(AnswerView, "flush", flush)
    for n in range(500):
        view.append(answer.id, f"{n} ")
    settled(qtbot, view)
    assert flushes == 1
    assert words(view)[0].startswith("0 1 2 3")


def test_versions_and_code_from_the_keyboard(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    view.step_version(1)
    assert not view.copy_last_code()
    first = make_message(content="```sh\nls\u200b\n```")
    view.set_messages([first, make_message(content="No code.", versions=(7, 2))])
    with qtbot.waitSignal(view.version_selected) as signal:
        view.step_version(-1)
    assert signal.args == [7]
    with qtbot.assertNotEmitted(view.version_selected):
        view.step_version(1)
    with qtbot.waitSignal(view.copied) as signal:
        assert view.copy_last_code()
    assert signal.args == [True]
    assert QGuiApplication.clipboard().text() == "ls\u200b"


def test_who_failed_appears_while_it_is_written(
    qtbot: QtBot, view: TranscriptView, make_message: MakeMessage
) -> None:
    answer = make_message(state="writing", origin="remote")
    view.set_messages([make_message("user", "Q"), answer])
    stats = Stats(rerouted="A failed. 15 MOR went into a new session.")
    view.set_message(replace(answer, stats=stats))
    settled(qtbot, view)
    (notice,) = view.findChildren(NoticeView)
    assert "15\u00a0MOR" in notice.accessibleName()
    view.hide_amounts(hidden=True)
    settled(qtbot, view)
    shown = [each for each in view.findChildren(NoticeView) if each.isVisible()]
    assert ["15\u00a0MOR" in each.accessibleName() for each in shown] == [False]
