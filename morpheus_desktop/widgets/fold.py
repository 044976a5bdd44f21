"""Two parts beside each other, or below each other where there is no room for that."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from morpheus_desktop.theme import Theme

BESIDE, BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom

# What Qt takes for no limit.
MOST = 16_777_215


class Fold(QWidget):
    """Decides by its width and by what the parts need.

    Args:
        beside_from: pixels at 100 % from which on there is room, unless the parts need more.
        stretches: how the two share the width when they stand beside each other.
        side: width of the second part then, in pixels at 100 %; 0 as it asks for.
    """

    def __init__(
        self,
        theme: Theme,
        first: QWidget,
        second: QWidget,
        beside_from: int = 0,
        *,
        stretches: tuple[int, int] = (1, 0),
        side: int = 0,
        gap: int = 12,
    ) -> None:
        super().__init__()
        self._theme, self._beside_from = theme, beside_from
        self._parts = first, second
        self._stretches, self._side = stretches, side
        self._placed = False
        self._line = QBoxLayout(BESIDE, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(gap)
        for part in self._parts:
            self._line.addWidget(part)
        theme.changed.connect(self._arrange)
        self._arrange()

    @property
    def folded(self) -> bool:
        """Whether the second part stands below the first."""
        return self._line.direction() is BELOW

    def _arrange(self) -> None:
        px = self._theme.px
        needed = sum(self._least_of(part) for part in self._parts) + self._line.spacing()
        # Before it has its place its width says nothing.
        beside = not self._placed or self.width() >= max(px(self._beside_from), needed)
        self._line.setDirection(BESIDE if beside else BELOW)
        for at, stretch in enumerate(self._stretches):
            self._line.setStretch(at, stretch if beside else 0)
        if self._side:
            self._parts[1].setMaximumWidth(px(self._side) if beside else MOST)

    @staticmethod
    def _least_of(part: QWidget) -> int:
        """How narrow a part can be; one that is hidden needs nothing."""
        return 0 if part.isHidden() else max(part.minimumSizeHint().width(), part.minimumWidth())

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """No wider than the wider part: it can always be folded."""
        least = super().minimumSizeHint()
        widest = max(self._least_of(part) for part in self._parts)
        return QSize(min(widest, least.width()), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for both, or not any more."""
        super().resizeEvent(event)
        self._placed = True
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """The parts may need more than before, or less."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)
