"""Tells assistive technology what happened, in one sentence and never token by token."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from router.store.records import Message


def announce(widget: QWidget, text: str) -> None:
    """Have the sentence spoken, if anything listens."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def announce_end(widget: QWidget, was: Message, now: Message) -> None:
    """Have it said that an answer has ended, if it has just now."""
    if was.state == "writing" and now.state != "writing":
        endings = {"done": "The answer is complete.", "stopped": "The answer was stopped."}
        announce(widget, endings.get(now.state, "The answer failed. ") + now.error)
