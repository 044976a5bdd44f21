"""What a page says when there is nothing to show: icon, title, a sentence, one or two actions."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import ThemedButton, Tile, label

WIDTH = 340


class EmptyState(QWidget):
    """Centred words with at most one primary and one ghost action."""

    def __init__(
        self, icon: str, title: str, theme: Theme, sentence: str = "", *, tone: str = "text-2"
    ) -> None:
        super().__init__()
        self._theme = theme
        self.tile = Tile(theme, icon, tone)
        self.title = label(title, "lead", wrap=True)
        self.sentence = label(sentence, "body", "text-2", wrap=True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(14)
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(words)
            self._column.addSpacing(4)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(8)
        self._column.addLayout(self._row)
        theme.changed.connect(self._measure)
        self._measure()

    def add_action(self, action: ThemedButton) -> None:
        """Put a button below the sentence."""
        self._row.addWidget(action)

    def _measure(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH))
        # Room for the focus ring of the actions.
        self._column.setContentsMargins(4, 4, 4, 4)
