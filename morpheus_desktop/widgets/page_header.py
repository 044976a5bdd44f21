"""The top of a page, 56 high: title, one line of facts, actions at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label

HEIGHT, SIDE = 56, 24


class PageHeader(QWidget):
    """Stays while the page below it scrolls."""

    def __init__(self, theme: Theme, title: str, facts: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.title = label(title, "heading", cut=True)
        self._facts = label(facts, "body", "text-3", cut=True)
        # The first to give way to the actions.
        self._facts.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.title)
        self._row.addWidget(self._facts, 1)
        theme.changed.connect(self._measure)
        self._measure()

    def set_facts(self, facts: str) -> None:
        """Say what is true of the page now."""
        self._facts.setText(facts)

    def add_action(self, action: QWidget) -> None:
        """Put a button or a field at the right."""
        self._row.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)

    def _measure(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(HEIGHT))
        self._row.setContentsMargins(px(SIDE), 0, px(SIDE), 1)
        self._row.setSpacing(px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hairline below."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line-subtle"))
        painter.end()


def scrolling(page: QWidget, header: PageHeader, inside: QWidget) -> QScrollArea:
    """Lay out a page: its header stays, what is inside scrolls below it, in what is returned."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(header)
    column.addWidget(area, 1)
    return area
