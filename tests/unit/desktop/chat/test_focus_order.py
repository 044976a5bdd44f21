"""Tab goes through the views in the order they are given, then out."""

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.focus_order import move_focus


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_order(qtbot: QtBot, window: QWidget) -> None:
    before = QPushButton("before", window)
    area = QPushButton("area", window)  # anything that takes the focus
    second, first = QWidget(area), QWidget(area)  # made in the wrong order
    low, high = QPushButton("low", first), QPushButton("high", first)
    low.move(0, 50)
    only = QPushButton("only", second)
    after = QPushButton("after", window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    area.setFocus()
    qtbot.waitUntil(area.hasFocus)
    visited = []
    for _ in range(4):
        assert move_focus(area, [first, second], forward=True)
        focused = QApplication.focusWidget()
        assert isinstance(focused, QPushButton)
        visited.append(focused.text())
    assert visited == ["high", "low", "only", "after"]
    only.setFocus()
    for expected in (low, high, area, before):
        assert move_focus(area, [first, second], forward=False)
        assert QApplication.focusWidget() is expected
    after.setFocus()
    assert not move_focus(area, [first, second], forward=True)


def test_alone_there_is_nowhere_to_go(qtbot: QtBot, window: QWidget) -> None:
    area = QPushButton("area", window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    area.setFocus()
    qtbot.waitUntil(area.hasFocus)
    assert not move_focus(area, [], forward=True)
