"""The small things every pane is made of: labels, chips, pictures, cards, rules; and buttons,
which have a file of their own.
"""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.button import ButtonKind, ThemedButton, button, icon_button
from morpheus_desktop.widgets.text import Label, set_property

__all__ = [
    "ButtonKind",
    "Chip",
    "Label",
    "Picture",
    "ThemedButton",
    "Tile",
    "Tone",
    "button",
    "card",
    "icon_button",
    "label",
    "rule",
    "set_property",
]

Tone = Literal["", "accent", "warn", "danger", "info", "violet"]
CardTone = Literal["", "raised", "plain", "danger"]


def label(
    text: str = "",
    style: str = "body",
    tone: str = "text",
    *,
    wrap: bool = False,
    cut: bool = False,
) -> Label:
    """A label in a type style and a colour of the design.

    Args:
        wrap: break into lines where there is not room enough, at the line height of the style.
        cut: end in an ellipsis instead, with all of it in the tooltip.
    """
    return Label(text, style, tone, wrap=wrap, cut=cut)


class Chip(QFrame):
    """A word in a small frame, with an icon in front when there is one."""

    def __init__(self, theme: Theme, text: str, tone: Tone = "", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._tone: Tone = tone
        self.setObjectName("chip")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._picture = QLabel()
        self._text = label(text, "caption")
        row.addWidget(self._picture)
        row.addWidget(self._text)
        theme.changed.connect(self._restyle)
        self.set(text, tone, icon)

    def set(self, text: str, tone: Tone = "", icon: str = "") -> None:
        """Show another word, colour and icon."""
        self._tone, self._icon = tone, icon
        self._text.setText(text)
        self._text.set_tone(_ink(tone))
        self.setAccessibleName(text)
        set_property(self, "tone", tone)
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(20))
        self._picture.setVisible(bool(self._icon))
        if self._icon:
            self._picture.setPixmap(self._theme.pixmap(self._icon, 12, _ink(self._tone)))


def _ink(tone: Tone) -> str:
    return {"": "text-2", "accent": "accent-text"}.get(tone, tone)


class Picture(QLabel):
    """An icon that follows the theme. It says nothing: the words beside it do."""

    def __init__(self, theme: Theme, icon: str, size: float = 16, token: str = "text-2") -> None:
        super().__init__()
        self._theme, self._icon, self._size, self._token = theme, icon, size, token
        theme.changed.connect(self._restyle)
        self._restyle()

    def set(self, icon: str, token: str) -> None:
        """Show another icon in another colour."""
        self._icon, self._token = icon, token
        self._restyle()

    def _restyle(self) -> None:
        self.setPixmap(self._theme.pixmap(self._icon, self._size, self._token))


class Tile(QFrame):
    """An icon of half the size on a square ground."""

    def __init__(self, theme: Theme, icon: str, token: str = "text-2", *, size: int = 40) -> None:
        super().__init__()
        self._theme = theme
        self._size = size
        self.setObjectName("tile")
        inside = QHBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        self._picture = Picture(theme, icon, size / 2, token)
        inside.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignCenter)
        theme.changed.connect(self._measure)
        self._measure()

    def set(self, icon: str, token: str = "text-2") -> None:
        """Show another icon."""
        self._picture.set(icon, token)

    def _measure(self) -> None:
        self.setFixedSize(self._theme.px(self._size), self._theme.px(self._size))


def card(tone: CardTone = "", *, padding: int = 16) -> tuple[QFrame, QVBoxLayout]:
    """A rounded frame with a hairline, and the column inside it."""
    frame = QFrame()
    frame.setObjectName("card")
    frame.setProperty("tone", tone)
    column = QVBoxLayout(frame)
    column.setContentsMargins(padding, padding, padding, padding)
    column.setSpacing(8)
    return frame, column


def rule() -> QFrame:
    """A horizontal hairline."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line
