"""A notice inside a page: icon, what happened in bold, what follows, and what can be done."""

from typing import Literal

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, ThemedButton, label, set_property

NoteTone = Literal["", "accent", "warn", "danger", "info"]

ICONS: dict[str, tuple[str, str]] = {
    "": ("info", "text-2"),
    "accent": ("circle-check", "accent-text"),
    "warn": ("triangle-alert", "warn"),
    "danger": ("circle-x", "danger"),
    "info": ("info", "info"),
}


class Note(QFrame):
    """One notice."""

    def __init__(self, theme: Theme, tone: NoteTone = "", title: str = "", text: str = "") -> None:
        super().__init__()
        self.setObjectName("note")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        self._icon = Picture(theme, "info")
        words = QVBoxLayout()
        words.setSpacing(2)
        self._title = label(style="body_strong", wrap=True)
        self._text = label(tone="text-2", wrap=True)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        row.addLayout(self._row)
        self.set(tone, title, text)

    def set(self, tone: NoteTone, title: str, text: str = "") -> None:
        """Say something else."""
        set_property(self, "tone", tone)
        self._icon.set(*ICONS[tone])
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(f"{title} {text}".strip())

    def set_error(self, error: BaseException) -> None:
        """Explain an error: what happened, what is safe, what to do."""
        problem = describe(error)
        self.set("danger", problem.message, " ".join(p for p in (problem.safe, problem.hint) if p))

    def add_action(self, action: ThemedButton) -> None:
        """Put a button at the right."""
        self._row.addWidget(action)
