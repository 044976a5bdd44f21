"""An answer in each of its states."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.footer import Footer
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.theme import Theme
from router.store.records import Message, Stats
from tests.support.messages import MakeMessage

Show = Callable[[Message], AnswerView]


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Show:
    def make(message: Message) -> AnswerView:
        view = AnswerView(theme, message, 600)
        qtbot.addWidget(view)
        view.show()
        see(view)
        return view

    return make


def see(view: AnswerView) -> None:
    for _ in range(4):
        view.show_range(0, view.content_height, math.inf)


def text(view: AnswerView) -> str:
    parts = [part for part in view.findChildren(Prose) if part.isVisibleTo(view)]
    return "\n\n".join(part.toPlainText() for part in sorted(parts, key=lambda part: part.y()))


def footer(view: AnswerView) -> str:
    return view.findChildren(Footer)[0].accessibleName()


def button(view: AnswerView, name: str) -> PaintedButton:
    return next(b for b in view.findChildren(PaintedButton) if b.accessibleName() == name)


def test_streamed_with_reasoning(show: Show, make_message: MakeMessage, stats: Stats) -> None:
    message = make_message(state="writing")
    view = show(message)
    assert footer(view) == "Reading"
    view.buffer("", "Let me think. ")
    view.flush()
    assert footer(view) == ""
    view.buffer("", "Yes.")
    view.buffer("The **answer")
    view.flush()
    see(view)
    assert text(view) == "The answer"
    assert footer(view) == "Writing"
    view.set_live(Stats(answer_tokens=58, first_token_s=0.09, total_s=1.02))
    assert footer(view).startswith("Writing, 61.3")
    view.buffer("** is 42.")
    done = replace(
        message,
        content="The **answer** is 42.",
        reasoning="Let me think. Yes.",
        state="done",
        stats=stats,
    )
    assert view.set_message(done)
    see(view)
    assert text(view) == "The answer is 42."
    assert footer(view).startswith("52.3")
    assert view.unfolded is False


def test_a_rest_that_was_not_streamed_is_added(show: Show, make_message: MakeMessage) -> None:
    message = make_message(state="writing", content="One")
    view = show(message)
    assert view.set_message(replace(message, content="One two", state="stopped"))
    see(view)
    assert text(view) == "One two"
    assert footer(view).startswith("Stopped by you")


def test_another_text_needs_another_view(show: Show, make_message: MakeMessage) -> None:
    message = make_message(content="One")
    assert not show(message).set_message(replace(message, content="Two"))


def test_failed(qtbot: QtBot, show: Show, make_message: MakeMessage) -> None:
    message = make_message(content="Half", state="failed", error="The model stopped.")
    view = show(message)
    higher = view.content_height
    with qtbot.waitSignal(view.regenerate_requested) as signal:
        button(view, "Try again").click()
    assert signal.args == [message.id]
    view.set_message(replace(message, state="done", error=""))
    assert view.content_height < higher


def test_actions(qtbot: QtBot, show: Show, make_message: MakeMessage) -> None:
    message = make_message(content="The **text**\u200b", versions=(7, 1, 9))
    view = show(message)
    assert not [b for b in view.findChildren(PaintedButton) if b.accessibleName() == "Copy"]
    view.set_last(last=True)
    with qtbot.waitSignal(view.copied) as signal:
        button(view, "Copy").click()
    assert signal.args == [True]
    assert QGuiApplication.clipboard().text() == message.content
    with qtbot.waitSignal(view.branch_requested) as signal:
        button(view, "Branch into a new chat").click()
    assert signal.args == [message.id]
    with qtbot.waitSignal(view.more_requested) as signal:
        button(view, "More").click()
    assert (signal.args[0], type(signal.args[1])) == (message.id, QPoint)
    with qtbot.waitSignal(view.version_selected) as signal:
        button(view, "Previous version").click()
    assert signal.args == [7]


def test_the_keyboard_brings_the_actions(
    qtbot: QtBot, show: Show, make_message: MakeMessage
) -> None:
    view = show(make_message(content="x"))
    view.window().activateWindow()
    rest = view.grab().toImage()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.hasFocus)
    assert button(view, "Copy").isVisible()
    assert view.grab().toImage() != rest


def test_no_actions_while_writing(show: Show, make_message: MakeMessage) -> None:
    view = show(make_message(state="writing", content="x"))
    view.set_last(last=True)
    assert not [b for b in view.findChildren(PaintedButton) if b.isVisible()]


def test_layout(show: Show, make_message: MakeMessage, theme: Theme) -> None:
    view = show(make_message(content="word " * 200, reasoning="why", model="A\u202eB"))
    assert view.accessibleName() == "Answer from AB"
    height = view.content_height
    view.unfold(shown=True)
    see(view)
    assert view.unfolded
    assert view.content_height > height
    anchor = view.anchor(view.content_height - 60)
    assert abs(view.y_of(anchor) - (view.content_height - 60)) <= 60
    assert view.y_of(view.anchor(5)) == 5
    view.set_width(300)
    see(view)
    assert view.content_height > 1.5 * height
    theme.set_scale(1.5)
    view.restyle()
    see(view)
    assert view.content_height > 3 * height


ADDRESS = "0x9E04" + "0" * 32 + "a8F9"


def test_a_remote_answer_says_who_writes_it(show: Show, make_message: MakeMessage) -> None:
    message = make_message(state="writing", origin="remote", model="Llama 3.3 70B")
    view = show(message)
    assert view.accessibleName() == "Answer from Llama 3.3 70B, remote"
    message = replace(message, stats=Stats(provider=ADDRESS, session_id="0x1"))
    assert view.set_message(message)
    assert view.accessibleName() == "Answer from Llama 3.3 70B, address ending a 8 F 9"
    assert footer(view) == "Connecting to 0x9E04…a8F9"
    done = Stats(provider=ADDRESS, answer_tokens=9, cost=10**15)
    view.set_message(replace(message, state="done", stats=done))
    assert "0.001\u00a0MOR of time" in footer(view)
    view.hide_amounts(hidden=True)
    assert "••••\u00a0MOR of time" in footer(view)
    assert not view.grab().isNull()


def test_what_can_be_done_after_a_provider_failed(
    show: Show, make_message: MakeMessage, qtbot: QtBot
) -> None:
    stats = Stats(provider=ADDRESS, choices=("retry", "other_provider", "local"))
    view = show(make_message(state="cut_off", error="Cut.", origin="remote", stats=stats))
    with qtbot.waitSignal(view.choice_made) as told:
        button(view, "Other provider").click()
    assert told.args == [view.message.id, "other_provider"]
    with qtbot.waitSignal(view.regenerate_requested):
        button(view, "Try again").click()
