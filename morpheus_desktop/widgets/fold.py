"""Two parts beside each other, or below each other where there is no room for that."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from morpheus_desktop.theme import Theme

BESIDE, BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom

# What Qt takes for no limit.
MOST = 16_777_215


class Fold(QWidget):
    """Decides by its width.

    Args:
        beside_from: pixels at 100 % from which on there is room.
        stretches: how the two share the width when they stand beside each other.
        side: width of the second part then, in pixels at 100 %; 0 as it asks for.
    """

    def __init__(
        self,
        theme: Theme,
        first: QWidget,
        second: QWidget,
        beside_from: int,
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
        # Before it has its place its width says nothing.
        beside = not self._placed or self.width() >= px(self._beside_from)
        self._line.setDirection(BESIDE if beside else BELOW)
        for at, stretch in enumerate(self._stretches):
            self._line.setStretch(at, stretch if beside else 0)
        if self._side:
            self._parts[1].setMaximumWidth(px(self._side) if beside else MOST)

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """No wider than the wider part: it can always be folded."""
        least = super().minimumSizeHint()
        widest = max(part.minimumSizeHint().width() for part in self._parts)
        return QSize(min(widest, least.width()), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for both, or not any more."""
        super().resizeEvent(event)
        self._placed = True
        self._arrange()
