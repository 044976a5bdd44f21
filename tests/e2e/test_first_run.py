"""The first minutes of a new user, with keyboard, screen and the real model."""

import pytest
from PySide6.QtGui import QImage

from tests.support.running_app import RunningApp, needs_keyboard, wait_for

pytestmark = [needs_keyboard, pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(400)]

LONG = "Write a long story about a fox and the sea"


def test_from_the_first_start_to_a_chat_that_is_still_there(start_app, qapp):
    app = start_app().ready()
    welcome = middle(app)
    app.press("Return")  # 'Chat free on this computer' has the focus
    ask(app, LONG)
    begun = app.wait_for_answer("writing")
    assert shown_part(welcome, middle(app)) < 0.9
    streamed = wait_for("more of it", lambda: app.last_answer()[1].removeprefix(begun))
    app.press("Escape")
    stopped = app.wait_for_answer("stopped")
    assert stopped.startswith(begun + streamed)

    app.command("answer again")
    wait_for("two answers to one question", lambda: versions(app) == 2)
    again = app.wait_for_answer("writing")
    app.command("stop the answer")
    assert app.wait_for_answer("stopped").startswith(again)
    before = middle(app)
    app.close_window()
    assert app.ended() == 0

    app = start_app().ready()
    assert app.rows("SELECT count(*) FROM chat") == [(1,)]
    app.command("#story")
    wait_for("the same picture as before", lambda: shown_part(before, middle(app)) > 0.98)
    ask(app, "And goodbye")
    app.wait_for_answer("writing")
    assert app.rows("SELECT DISTINCT chat_id FROM message") == app.rows("SELECT id FROM chat")
    questions = "SELECT content FROM message WHERE role = 'user' ORDER BY id"
    assert app.rows(questions) == [(LONG,), ("And goodbye",)]
    app.close_window()
    assert app.ended() == 0


def test_a_second_start_brings_the_first_window_to_the_front(start_app):
    app = start_app().ready()
    app.minimize()
    wait_for("the window to be gone", lambda: not app.has_keyboard())
    second = start_app()
    output, _ = second.process.communicate()
    assert second.process.returncode == 0
    assert output.strip() == (
        "Morpheus Desktop is running already; its window was brought to the front."
    )
    wait_for("the first window to be active", app.has_keyboard)
    app.close_window()
    assert app.ended() == 0


def ask(app: RunningApp, question: str) -> None:
    """Type a question, see that it is kept as a draft, and send it."""
    app.type(question)
    wait_for("the draft", lambda: (question,) in app.rows("SELECT text FROM draft"))
    app.press("Return")
    sent = "SELECT content FROM message WHERE role = 'user' ORDER BY id DESC LIMIT 1"
    wait_for("the question in the database", lambda: app.rows(sent) == [(question,)])


def versions(app: RunningApp) -> int:
    """How many answers the last question has."""
    query = "SELECT count(*) FROM message WHERE role = 'assistant' GROUP BY parent_id"
    return int(app.rows(f"{query} ORDER BY parent_id DESC")[0][0])


def middle(app: RunningApp) -> QImage:
    """What the screen shows between header and composer."""
    image = app.picture()
    width, height = image.width(), image.height()
    return image.copy(width * 4 // 10, height // 8, width * 5 // 10, height * 6 // 10)


def shown_part(one: QImage, other: QImage) -> float:
    """Which part of two pictures is the same, 0 to 1."""
    assert one.size() == other.size()
    points = [(x, y) for x in range(0, one.width(), 2) for y in range(0, one.height(), 2)]
    same = sum(one.pixel(x, y) == other.pixel(x, y) for x, y in points)
    return same / len(points)
