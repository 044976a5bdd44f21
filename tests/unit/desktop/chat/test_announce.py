"""Announcements reach assistive technology when there is one."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.announce import announce


@pytest.mark.parametrize("listening", [True, False])
def test_announce(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *, listening: bool) -> None:
    said: list[str] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        said.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: listening)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    widget = QWidget()
    qtbot.addWidget(widget)
    announce(widget, "The answer is complete.")
    assert said == (["The answer is complete."] if listening else [])
