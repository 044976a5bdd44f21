"""What a page says when it has nothing to show: whole, at every width and size of text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState
from tests.support.looks import clipped

SENTENCE = "Ask the local model anything. It is free and nothing leaves this computer."


@pytest.fixture
def make(theme, qtbot):
    def made(width: int) -> tuple[QWidget, EmptyState]:
        page = QWidget()
        qtbot.addWidget(page)
        state = EmptyState("cpu", "No chats yet", theme, SENTENCE)
        state.add_action(button(theme, "Start a chat", "primary"))
        column = QVBoxLayout(page)
        column.addStretch()
        column.addWidget(state, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        page.resize(width, 600)
        with qtbot.waitExposed(page):
            page.show()
        return page, state

    return made


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [1200, 500])
def test_nothing_is_cut(make, theme, qtbot, width, scale):
    theme.set_scale(scale)
    page, _state = make(width)
    qtbot.waitUntil(lambda: clipped(page) == [])


def test_words_that_come_later_get_their_room(make, qtbot):
    page, state = make(900)
    state.sentence.setText(SENTENCE * 3)
    qtbot.waitUntil(lambda: clipped(page) == [])


def test_it_stands_in_the_middle_and_is_not_wide(make, qtbot):
    page, state = make(1200)
    qtbot.waitUntil(lambda: abs(state.geometry().center().x() - page.rect().center().x()) <= 1)
    assert state.width() == 340


def test_it_becomes_narrow_where_the_page_is(make, qtbot):
    page, state = make(260)
    qtbot.waitUntil(lambda: state.width() <= 260 and clipped(page) == [])
