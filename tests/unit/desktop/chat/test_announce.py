"""Announcements reach assistive technology when there is one."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.announce import announce, announce_end
from tests.support.messages import MakeMessage


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is spoken."""
    heard: list[str] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        heard.append(event.message())

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return heard


@pytest.mark.parametrize("listening", [True, False])
def test_announce(
    qtbot: QtBot, said: list[str], monkeypatch: pytest.MonkeyPatch, *, listening: bool
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: listening)
    widget = QWidget()
    qtbot.addWidget(widget)
    announce(widget, "The answer is complete.")
    assert said == (["The answer is complete."] if listening else [])


def test_an_end_is_told_once(qtbot: QtBot, said: list[str], make_message: MakeMessage) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    writing, failed = make_message(state="writing"), make_message(state="failed", error="Why.")
    announce_end(widget, writing, writing)
    announce_end(widget, writing, failed)
    announce_end(widget, failed, failed)
    assert said == ["The answer failed. Why."]
