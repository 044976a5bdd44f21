"""Short messages: at most three, gone after a while, never while somebody reads."""

from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from morpheus_desktop.widgets.basic import ThemedButton
from morpheus_desktop.widgets.basic import button as button_of
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.toast import ROOM, Toast, ToastStack, ToastText
from tests.support.looks import clipped


@pytest.fixture
def over(qtbot, theme):
    made = QWidget()
    made.resize(900, 600)
    made.bar, made.foot = QWidget(made), QWidget(made)
    made.bar.setGeometry(0, 572, 900, 28)
    made.foot.setGeometry(200, 460, 700, 112)
    made.toasts = ToastStack(theme, made, made.bar)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def toasts(over) -> list[Toast]:
    return [each for each in over.findChildren(Toast) if each.isVisible()]


def button(toast, name) -> ThemedButton:
    return next(b for b in toast.findChildren(ThemedButton) if b.accessibleName() == name)


def age(toast, seconds):
    """Let time pass as the clock of a toast sees it."""
    toast._seen -= seconds
    toast._tick()


def test_the_fourth_one_drives_the_first_away(over):
    expired = []
    over.toasts.show_toast(ToastText("one", expired=lambda: expired.append("one")))
    for text in ("two", "three", "four"):
        over.toasts.show_toast(ToastText(text))
    assert over.toasts.texts == ["two", "three", "four"]
    assert expired == ["one"]


def test_a_later_one_about_the_same_takes_the_place_of_the_first(over):
    over.toasts.show_toast(ToastText("being closed", topic="close 1"))
    over.toasts.show_toast(ToastText("another", topic="close 2"))
    over.toasts.show_toast(ToastText("without a topic"))
    over.toasts.show_toast(ToastText("closed", topic="close 1"))
    assert over.toasts.texts == ["another", "without a topic", "closed"]
    over.toasts.show_toast(ToastText("without a topic too"))
    assert len(over.toasts.texts) == 3
    assert over.toasts.texts[-2:] == ["closed", "without a topic too"]


@pytest.mark.parametrize(("undo", "stays"), [(False, 6), (True, 10)])
def test_it_stays_its_time(over, undo, stays):
    over.toasts.show_toast(ToastText("Chat deleted", action="Undo", undo=undo))
    toast = toasts(over)[0]
    assert toast.left_s == pytest.approx(stays, abs=1)
    age(toast, stays - 1)
    assert over.toasts.texts == ["Chat deleted"]
    age(toast, 2)
    assert over.toasts.texts == []
    assert not over.toasts.isVisible()


def test_time_stands_still_while_the_focus_is_on_it(over, qtbot):
    over.toasts.show_toast(ToastText("Chat deleted", action="Undo", undo=True))
    toast = toasts(over)[0]
    button(toast, "Undo").setFocus()
    qtbot.waitUntil(lambda: button(toast, "Undo").hasFocus())
    left = toast.left_s
    age(toast, 60)
    assert toast.left_s == left
    button(toast, "Undo").clearFocus()
    age(toast, 60)
    assert over.toasts.texts == []


def test_time_stands_still_under_the_pointer(over, qtbot):
    over.toasts.show_toast(ToastText("Saved"))
    toast = toasts(over)[0]
    toast.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    age(toast, 60)
    assert over.toasts.texts == ["Saved"]


def test_undo_counts_down_and_is_called_undo_all_the_time(over):
    over.toasts.show_toast(ToastText("Chat deleted", action="Undo", undo=True))
    undo = button(toasts(over)[0], "Undo")
    assert undo.text() == "Undo 0:10"
    age(toasts(over)[0], 3)
    assert undo.text() == "Undo 0:07"
    assert undo.accessibleName() == "Undo"


def test_the_action_is_done_once_and_is_no_expiry(over, qtbot):
    done = []
    words = ToastText(
        "Chat deleted",
        action="Undo",
        undo=True,
        run=lambda: done.append("undone"),
        expired=lambda: done.append("expired"),
    )
    over.toasts.show_toast(words)
    qtbot.mouseClick(button(toasts(over)[0], "Undo"), Qt.MouseButton.LeftButton)
    assert done == ["undone"]
    assert over.toasts.texts == []


def test_the_last_deletion_is_undone_first(over):
    done = []
    assert not over.toasts.can_undo
    for name in ("one", "two"):
        over.toasts.show_toast(
            ToastText(name, action="Undo", undo=True, run=partial(done.append, name))
        )
    over.toasts.show_toast(ToastText("Copied", run=partial(done.append, "copied")))
    while over.toasts.can_undo:
        over.toasts.undo()
    over.toasts.undo()
    assert done == ["two", "one"]
    assert over.toasts.texts == ["Copied"]


def test_the_focus_goes_back_to_where_it_was(over, qtbot):
    fields = [QLineEdit(over), QLineEdit(over)]
    for field in fields:
        field.show()
    fields[1].setFocus()
    over.toasts.show_toast(ToastText("Chat deleted", action="Undo", undo=True))
    qtbot.mouseClick(button(toasts(over)[0], "Undo"), Qt.MouseButton.LeftButton)
    assert fields[1].hasFocus()


def test_it_can_be_dismissed(over, qtbot):
    done = []
    over.toasts.show_toast(ToastText("Saved", expired=lambda: done.append("gone")))
    qtbot.mouseClick(button(toasts(over)[0], "Dismiss"), Qt.MouseButton.LeftButton)
    assert done == ["gone"]
    assert over.toasts.texts == []


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_three_stand_one_above_the_other_in_the_corner(over, theme, qtbot, scale):
    theme.set_scale(scale)
    for text in ("short", "A long message " * 9, "short again"):
        over.toasts.show_toast(ToastText(text))
    qtbot.waitUntil(lambda: len(toasts(over)) == 3 and clipped(over.toasts) == [])
    first, second, third = toasts(over)
    assert first.geometry().bottom() < second.geometry().top()
    assert second.geometry().bottom() < third.geometry().top()
    corner = third.mapTo(over, QPoint(third.width(), third.height()))
    assert corner.x() == over.width() - theme.px(16)
    assert corner.y() == over.bar.y() - theme.px(16)
    assert second.height() > first.height()


def test_what_lies_between_them_is_the_page(over, qtbot):
    for text in ("one", "two"):
        over.toasts.show_toast(ToastText(text))
    qtbot.waitUntil(lambda: len(toasts(over)) == 2)
    assert not over.toasts.mask().contains(QPoint(0, -1))
    inside = toasts(over)[0].geometry().adjusted(-ROOM, -ROOM, ROOM, ROOM)
    assert over.toasts.mask().contains(inside.center())


def test_they_stay_in_the_corner_of_a_window_that_changes(over, qtbot):
    over.toasts.show_toast(ToastText("Saved"))
    over.resize(1100, 700)
    qtbot.waitUntil(
        lambda: toasts(over)[0].mapTo(over, QPoint(toasts(over)[0].width(), 0)).x() == 1100 - 16
    )


def bottom(over) -> int:
    toast = toasts(over)[-1]
    return toast.mapTo(over, QPoint(0, toast.height())).y()


def test_they_leave_clear_what_they_are_told_to_also_while_it_grows(over, qtbot):
    over.toasts.show_toast(ToastText("Saved"))
    qtbot.waitUntil(lambda: bottom(over) == over.bar.y() - 16)
    over.toasts.stand_above(over.foot)
    qtbot.waitUntil(lambda: bottom(over) == 460 - 16)
    over.foot.setGeometry(200, 300, 700, 272)
    qtbot.waitUntil(lambda: bottom(over) == 300 - 16)


def test_they_take_the_place_of_a_floor_that_is_not_shown(over, qtbot):
    over.toasts.show_toast(ToastText("Saved"))
    over.bar.hide()
    qtbot.waitUntil(lambda: bottom(over) == 600 - 16)


def test_it_never_lies_on_the_buttons_of_a_dialog(over, theme, qtbot):
    dialog = Overlay(theme, over, "Send", width=640)
    dialog.body.addWidget(tall := QWidget())
    tall.setFixedHeight(400)
    done = button_of(theme, "Done", "primary")
    dialog.footer.addWidget(done)
    dialog.open()
    over.toasts.show_toast(ToastText("Saved"))
    qtbot.waitUntil(lambda: toasts(over) and toasts(over)[0].height() > 0)
    assert where(over, toasts(over)[0]).bottom() < where(over, done).top()
    tall.setFixedHeight(300)
    qtbot.waitUntil(lambda: dialog.panel.height() < 500)
    assert not where(over, toasts(over)[0]).intersects(dialog.foot)
    dialog.accept()
    bar = over.bar.geometry()
    qtbot.waitUntil(lambda: bar.top() - where(over, toasts(over)[0]).bottom() < 24)


def where(over, widget) -> QRect:
    return QRect(widget.mapTo(over, QPoint()), widget.size())
