"""What a page says when there is nothing to show: icon, title, a sentence, one or two actions."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import ThemedButton, Tile, label

WIDTH, LEAST_WIDTH = 340, 200
RING = 4


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
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(words)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addLayout(self._row)
        theme.changed.connect(self._measure)
        self._measure()

    def add_action(self, action: ThemedButton) -> None:
        """Put a button below the sentence."""
        self._row.addWidget(action)

    def _measure(self) -> None:
        px = self._theme.px
        self.setMaximumWidth(px(WIDTH))
        # A layout around asks for the height at the width of the page, which the words do not take.
        for words in (self.title, self.sentence):
            words.setMaximumWidth(px(WIDTH) - 2 * RING)
        self.title.setContentsMargins(0, px(14), 0, px(4))
        self._row.setContentsMargins(0, px(14), 0, 0)
        # Room for the focus ring of the actions.
        self._column.setContentsMargins(RING, RING, RING, RING)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As wide as is good to read, and as high as that needs."""
        width = self._theme.px(WIDTH)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Narrower, but no line less high."""
        least = max(self._theme.px(LEAST_WIDTH), self._column.minimumSize().width())
        return QSize(min(least, self._theme.px(WIDTH)), self.sizeHint().height())


def centred(state: EmptyState) -> QWidget:
    """A page with nothing but an empty state in its middle."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.addWidget(state, 1, Qt.AlignmentFlag.AlignCenter)
    return page
