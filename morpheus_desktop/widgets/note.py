"""A notice inside a page: icon, what happened in bold, what follows, and what can be done."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

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
    """One notice; `icon` replaces the one that belongs to the tone."""

    def __init__(
        self,
        theme: Theme,
        tone: NoteTone = "",
        title: str = "",
        text: str = "",
        *,
        icon: str = "",
    ) -> None:
        super().__init__()
        self._own_icon = icon
        self.setObjectName("note")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._icon = Picture(theme, "info")
        self._words = label(tone="text-2", wrap=True)
        self._beside = QHBoxLayout()
        self._below = QHBoxLayout()
        for actions in (self._beside, self._below):
            actions.setSpacing(8)
        # An empty layout would be 0 wide at most, and what is above it too.
        self._below.addStretch()
        words = QVBoxLayout()
        words.setContentsMargins(0, 2, 0, 2)
        words.setSpacing(0)
        words.addWidget(self._words)
        words.addLayout(self._below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        icons = QVBoxLayout()
        icons.setContentsMargins(0, 4, 0, 4)
        icons.addWidget(self._icon)
        icons.addStretch()
        row.addLayout(icons)
        row.addLayout(words, 1)
        row.addLayout(self._beside)
        self.set(tone, title, text)

    def set(self, tone: NoteTone, title: str, text: str = "") -> None:
        """Say something else."""
        set_property(self, "tone", tone)
        icon, ink = ICONS[tone]
        self._icon.set(self._own_icon or icon, ink)
        self._words.set_words(title, text)
        self.setAccessibleName(f"{title} {text}".strip())

    def set_error(self, error: BaseException) -> None:
        """Explain an error: what happened, what is safe, what to do."""
        problem = describe(error)
        self.set("danger", problem.message, " ".join(p for p in (problem.safe, problem.hint) if p))

    def be_narrow(self) -> None:
        """Grow with the lines of the words, where there is less room than for a line of them.

        A layout around takes the height at full width for the most there can be, otherwise.
        """
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add_action(self, action: ThemedButton, *, below: bool = False) -> None:
        """Put a button at the right, or below the words where these are longer than a line."""
        if not below:
            self._beside.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)
            return
        self._below.setContentsMargins(0, 8, 0, 2)
        self._below.insertWidget(self._below.count() - 1, action)


def grow(widget: QWidget) -> None:
    """Let a widget be as high as its words need at its width."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)
