"""What a page says when there is nothing to show: icon, title, a sentence, one or two actions."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, ThemedButton, label

WIDTH = 420


class EmptyState(QWidget):
    """Centred words with at most one primary and one ghost action."""

    def __init__(
        self, icon: str, title: str, theme: Theme, sentence: str = "", *, tone: str = "text-2"
    ) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMaximumWidth(theme.px(WIDTH))
        column = QVBoxLayout(self)
        column.setSpacing(10)
        tile = QFrame()
        tile.setObjectName("tile")
        tile.setFixedSize(theme.px(40), theme.px(40))
        inside = QHBoxLayout(tile)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(Picture(theme, icon, 20, tone), 0, Qt.AlignmentFlag.AlignCenter)
        self.title = label(title, "lead", wrap=True)
        self.sentence = label(sentence, "body", "text-2", wrap=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column.addWidget(tile, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        self._row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(self._row)

    def add_action(self, action: ThemedButton) -> None:
        """Put a button below the sentence."""
        self._row.addWidget(action)
