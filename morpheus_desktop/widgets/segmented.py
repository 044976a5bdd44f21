"""A row of choices of which one is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button


class Segmented(QFrame):
    """Choices beside each other; the arrow keys move between them.

    Signals:
        chosen: key of the choice the user took.

    Args:
        choices: (key, words) of each.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self._group = QButtonGroup(self)
        self._buttons = {}
        for key, words in choices:
            made = button(theme, words, "ghost")
            made.setCheckable(True)
            made.setAccessibleName(f"{name}: {words}")
            made.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(made)
            self._buttons[key] = made
            row.addWidget(made)

    def choose(self, key: str) -> None:
        """Show a choice as chosen, without telling anybody."""
        self._buttons[key].setChecked(True)

    def choose_none(self) -> None:
        """Show that what is set is none of the choices."""
        self._group.setExclusive(False)
        for made in self._buttons.values():
            made.setChecked(False)
        self._group.setExclusive(True)

    @property
    def current(self) -> str:
        """The key of what is chosen, or empty."""
        return next((key for key, made in self._buttons.items() if made.isChecked()), "")
