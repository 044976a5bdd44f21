"""All shortcuts on one page, as they are in force."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from morpheus_desktop.commands import Commands
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.keycaps import KeyCaps
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled

WIDTH = 560
# Keys that belong to the field or list that has the focus, not to the window.
LOCAL = (
    ("Send the question", "Enter"),
    ("New line", "Shift+Enter"),
    ("Rename the chat in the list", "F2"),
    ("Delete the chat in the list", "Delete"),
    ("Stop the answer, or close what is open", "Esc"),
)


class ShortcutsDialog(Overlay):
    """Lists every command that has keys."""

    def __init__(self, commands: Commands, theme: Theme, over: QWidget) -> None:
        super().__init__(theme, over, "Keyboard shortcuts", width=WIDTH)
        rows = [(each.title, commands.shown_keys(each.id)) for each in commands.all()]
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for number, (title, keys) in enumerate([*(row for row in rows if row[1]), *LOCAL]):
            caps = KeyCaps(keys, theme)
            grid.addWidget(label(title, tone="text-2"), number, 0)
            grid.addWidget(caps, number, 1, Qt.AlignmentFlag.AlignRight)
        self.body.addWidget(Scrolled(inside, "Keyboard shortcuts"))
        self._done = button(theme, "Close", "primary")
        self._done.clicked.connect(self.accept)
        self.footer.addWidget(self._done)

    def first_focus(self) -> QWidget:
        """Enter closes."""
        return self._done
