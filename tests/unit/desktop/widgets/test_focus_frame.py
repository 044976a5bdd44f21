"""The ring follows the keyboard, lies around widgets, and is gone with them."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from morpheus_desktop.widgets.focus_frame import ROOM, FocusFrame, no_ring, ring


@pytest.fixture
def page(theme, qtbot):
    made = QWidget()
    column = QVBoxLayout(made)
    made.field, made.go, made.plain = QLineEdit(), QPushButton("Go"), QWidget()
    for each in (made.field, made.go, made.plain):
        each.setMinimumHeight(32)
        column.addWidget(each)
    made.resize(400, 300)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.frame = FocusFrame(theme)
    made.frame.setParent(made)
    return made


def around(page, widget) -> QRect:
    inside = QRect(widget.mapTo(page, widget.rect().topLeft()), widget.size())
    return inside.adjusted(-ROOM, -ROOM, ROOM, ROOM)


def test_it_lies_around_what_has_the_focus(page, qtbot):
    for widget in (page.field, page.go):
        widget.setFocus()
        qtbot.waitUntil(lambda: page.frame.target is widget)  # noqa: B023 - waited for here
        assert page.frame.area == around(page, widget)


def test_it_follows_a_widget_that_moves(page, qtbot):
    page.field.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is page.field)
    page.resize(600, 400)
    qtbot.waitUntil(lambda: page.frame.area == around(page, page.field))


def test_it_is_hidden_with_the_widget(page, qtbot):
    page.go.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is page.go)
    page.go.hide()
    assert page.frame.area is None or page.frame.target is not page.go


def test_who_shows_the_focus_itself_gets_none(page, qtbot):
    no_ring(page.field)
    page.go.setFocus()
    page.field.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is None)
    assert page.frame.area is None


def test_who_asks_gets_one_around_a_part(page, qtbot):
    page.plain.setFocusPolicy(page.field.focusPolicy())
    ring(page.plain, around=QRect(10, 8, 20, 16))
    page.plain.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is page.plain)
    at = page.plain.mapTo(page, page.plain.rect().topLeft())
    wanted = QRect(10, 8, 20, 16).translated(at).adjusted(-ROOM, -ROOM, ROOM, ROOM)
    assert page.frame.area == wanted


def test_it_scrolls_with_what_it_is_around(page, theme, qtbot):
    inside = QWidget()
    column = QVBoxLayout(inside)
    field = QLineEdit()
    column.addWidget(field)
    column.addWidget(QLabel("\n" * 60))
    area = QScrollArea()
    area.setWidget(inside)
    page.layout().addWidget(area)
    field.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is field)
    before = page.frame.area
    area.verticalScrollBar().setValue(20)
    qtbot.waitUntil(lambda: page.frame.area == before.translated(0, -20))


def test_it_is_painted_in_its_colour(page, theme, qtbot):
    page.go.setFocus()
    qtbot.waitUntil(lambda: page.frame.area is not None)
    image = page.grab().toImage()
    area = page.frame.area
    top = image.pixelColor(area.center().x(), area.top()).name()
    assert top == theme.hex("focus").lower()


def test_a_widget_that_is_deleted_takes_it_along(page, qtbot):
    page.go.setFocus()
    qtbot.waitUntil(lambda: page.frame.target is page.go)
    page.go.deleteLater()
    qtbot.waitUntil(lambda: page.frame.target is not page.go)
