"""The small things every pane is made of: labels, buttons, chips, cards, rules."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.theme import Theme

ButtonKind = Literal["secondary", "primary", "ghost", "danger", "icon", "link", "chip"]
Tone = Literal["", "accent", "warn", "danger", "info", "violet"]


class Label(QLabel):
    """Plain text in a type style and colour of the design, both set through the stylesheet."""

    def __init__(self, text: str, style: str, tone: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", style)
        self.setProperty("tone", tone)

    def set_tone(self, tone: str) -> None:
        """Another colour."""
        set_property(self, "tone", tone)


def label(text: str = "", style: str = "body", tone: str = "text", *, wrap: bool = False) -> Label:
    """A label that shows its text as it is, never as markup."""
    made = Label(text, style, tone)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


class ThemedButton(QPushButton):
    """A push button whose icon follows the theme."""

    def __init__(self, theme: Theme, text: str, kind: ButtonKind, icon: str, size: float) -> None:
        super().__init__(text)
        self._theme = theme
        self._kind = kind
        self._icon = icon
        self._size = size
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_icon(self, name: str) -> None:
        """Show another icon, or with "" none."""
        self._icon = name
        self._restyle()

    def _restyle(self) -> None:
        theme = self._theme
        self.setFont(theme.font("caption" if self._kind == "chip" else "body"))
        if self._icon:
            tokens = {
                "primary": "on-accent",
                "danger": "danger",
                "icon": "text-3",
                "link": "accent-text",
            }
            token = tokens.get(self._kind, "text-2")
            self.setIcon(theme.icon(self._icon, self._size, token))
            self.setIconSize(QSize(theme.px(self._size), theme.px(self._size)))
        else:
            self.setIcon(QIcon())


def button(
    theme: Theme,
    text: str,
    kind: ButtonKind = "secondary",
    *,
    icon: str = "",
    tip: str = "",
    large: bool = False,
) -> ThemedButton:
    """A button with words; `tip` says more, or why it is disabled."""
    made = ThemedButton(theme, text, kind, icon, 14 if kind == "chip" else 16)
    made.setToolTip(tip)
    if large:
        made.setProperty("large", "true")
    return made


def icon_button(theme: Theme, icon: str, tip: str, *, checkable: bool = False) -> ThemedButton:
    """A 32 × 32 button with an icon only; its tooltip is its accessible name."""
    made = ThemedButton(theme, "", "icon", icon, 16)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setCheckable(checkable)
    return made


class Chip(QFrame):
    """A word in a small frame, with an icon in front when there is one."""

    def __init__(self, theme: Theme, text: str, tone: Tone = "", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._tone: Tone = tone
        self.setObjectName("chip")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 1, 6, 1)
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
        self._picture.setVisible(bool(self._icon))
        if self._icon:
            self._picture.setPixmap(self._theme.pixmap(self._icon, 12, _ink(self._tone)))


def _ink(tone: Tone) -> str:
    return {"": "text-2", "accent": "accent-text"}.get(tone, tone)


class Picture(QLabel):
    """An icon that follows the theme."""

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


def card(
    tone: Literal["", "raised", "plain"] = "", *, padding: int = 16
) -> tuple[QFrame, QVBoxLayout]:
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


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the stylesheet looks at, and have it looked at again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
