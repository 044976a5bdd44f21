"""Tooltips that show their text as it is: Qt takes what looks like markup for markup.

Nothing else sets one (`tests/meta/test_tips.py`).
"""

from html import escape
from typing import Protocol

from PySide6.QtCore import QPoint
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QToolTip, QWidget


class HasTip(Protocol):
    """A widget, an action, a line of a list, or a format of text."""

    def setToolTip(self, tip: str, /) -> None:
        """What is shown beside the pointer."""
        ...


def plain_tip(text: str, *, wrap: bool = False) -> str:
    """What Qt is given so that exactly this text is read; `wrap` breaks long lines."""
    if wrap or Qt.mightBeRichText(text):
        return f"<p style='white-space:pre-wrap'>{escape(text)}</p>"
    return text


def set_tip(target: HasTip, text: str, *, wrap: bool = False) -> None:
    """Show this text beside the pointer; an empty one shows nothing."""
    target.setToolTip(plain_tip(text, wrap=wrap))


def show_tip(at: QPoint, text: str, widget: QWidget) -> None:
    """Show a text now, at a place on the screen."""
    QToolTip.showText(at, plain_tip(text), widget)
