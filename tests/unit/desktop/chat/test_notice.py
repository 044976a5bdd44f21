"""Rows in which the app speaks."""

from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.notice import Notice, NoticeView
from morpheus_desktop.theme import Theme


def test_the_button_tells_its_key(qtbot: QtBot, theme: Theme) -> None:
    view = NoticeView(theme, Notice("moved", "It moved.", "Look.", "warn", action="Details"), 600)
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.action_clicked) as signal:
        view.findChildren(PaintedButton)[0].click()
    assert signal.args == ["moved"]
    assert view.accessibleName() == "Look. It moved."
    assert not view.grab().isNull()


def test_one_line_or_more(qtbot: QtBot, theme: Theme) -> None:
    short = NoticeView(theme, Notice("a", "Short."), 600)
    long = NoticeView(theme, Notice("b", "Words to wrap. " * 30, "Title."), 600)
    for view in (short, long):
        qtbot.addWidget(view)
    assert short.content_height == 48
    assert not short.findChildren(PaintedButton)
    before = long.content_height
    assert before > 60
    long.set_width(300)
    assert long.content_height > before
    theme.set_scale(1.5)
    long.restyle()
    assert long.height() == long.content_height
    assert not long.grab().isNull()


def test_it_is_its_own_anchor(qtbot: QtBot, theme: Theme) -> None:
    view = NoticeView(theme, Notice("a", "Short."), 600)
    qtbot.addWidget(view)
    assert view.y_of(view.anchor(17)) == 17
    assert view.show_range(0, 10, 0.0)
