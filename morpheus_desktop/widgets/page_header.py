"""The top of a page: title, one line of facts, actions at the right.

56 high. Actions for which there is no room beside the title stand in a line below it.
"""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.fold import BELOW, BESIDE
from morpheus_desktop.widgets.wrap import Wrap

HEIGHT, SIDE, GAP = 56, 24, 12
Policy = QSizePolicy.Policy


class PageHeader(QWidget):
    """Stays while the page below it scrolls."""

    def __init__(self, theme: Theme, title: str, facts: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.title = label(title, "heading", cut=True)
        self._facts = label(facts, "body", "text-3", cut=True)
        # The first to give way to the actions.
        self._facts.setMinimumWidth(1)
        self._words = QWidget()
        self._line = QHBoxLayout(self._words)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addWidget(self.title)
        self._line.addWidget(self._facts, 1)
        self._actions = QWidget()
        self._wrap = Wrap(self._actions, gap=GAP, line_gap=GAP)
        self._whole = QBoxLayout(BESIDE, self)
        self._whole.addWidget(self._words, 1)
        self._whole.addWidget(self._actions)
        self.setSizePolicy(Policy.Preferred, Policy.Fixed)
        theme.changed.connect(self._arrange)
        self._arrange()

    def set_facts(self, facts: str) -> None:
        """Say what is true of the page now."""
        self._facts.setText(facts)

    def add_action(self, action: QWidget) -> None:
        """Put a button or a field at the right."""
        self._wrap.addWidget(action)
        self._arrange()

    @property
    def folded(self) -> bool:
        """Whether the actions stand below the title."""
        return self._whole.direction() is BELOW

    def _arrange(self) -> None:
        px = self._theme.px
        self._line.setSpacing(px(GAP))
        room = self.width() - 2 * px(SIDE)
        wanted = self._wrap.sizeHint().width()
        words = self.title.sizeHint().width() + px(GAP) + self._facts.minimumWidth()
        beside = words + px(GAP) + wanted <= room
        # Before it has its place its width says nothing.
        fold = self.testAttribute(Qt.WidgetAttribute.WA_Resized) and wanted > 0 and not beside
        self._whole.setDirection(BELOW if fold else BESIDE)
        self._whole.setSpacing(0 if fold else px(GAP))
        self._whole.setContentsMargins(px(SIDE), 0, px(SIDE), px(GAP) if fold else 1)
        self._actions.setSizePolicy(Policy.Preferred if fold else Policy.Minimum, Policy.Preferred)
        top = Qt.AlignmentFlag.AlignTop if fold else Qt.AlignmentFlag.AlignVCenter
        self._whole.setAlignment(self._actions, top)
        self._words.setFixedHeight(px(HEIGHT) - 1)
        below = self._wrap.heightForWidth(room) + px(GAP) if fold else 0
        self.setFixedHeight(px(HEIGHT) + below)

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """No wider than the title or the widest action: they can always fold."""
        least = max(self._words.minimumSizeHint().width(), self._wrap.minimumSize().width())
        return QSize(least + 2 * self._theme.px(SIDE), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for the actions beside the title, or not any more."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """An action came, went or changed its words."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

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
