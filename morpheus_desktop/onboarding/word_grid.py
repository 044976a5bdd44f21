"""Numbered cells for the words of a phrase. Words are painted, so that no widget keeps them, and
only while the window is the active one.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop.theme import Theme

CELL_HEIGHT, GAP, NUMBER_WIDTH, CELL_WIDTH = 48, 12, 28, 140
MOST_COLUMNS = 4
DOTS = "••••••"


class WordGrid(QWidget):
    """Cells four beside each other, fewer where it is narrow.

    Args:
        words: gives the words each time they are painted.
        show: whether they may be seen now.
    """

    def __init__(
        self, theme: Theme, words: Callable[[], tuple[str, ...]], show: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.theme = theme
        self._words = words
        self._show = show
        self._editors: dict[int, QWidget] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._again)

    @property
    def visible_words(self) -> tuple[str, ...]:
        """What can be read on the screen right now."""
        return self._words() if self._show() and self.isActiveWindow() else ()

    def refresh(self) -> None:
        """Paint what is true now; a screen reader hears what can be seen."""
        shown = self.visible_words
        self.setAccessibleName("Your words" if shown else "Your words, hidden")
        self.setAccessibleDescription(
            ", ".join(f"{number} {word}" for number, word in enumerate(shown, 1))
        )
        self._again()

    def put(self, place: int, editor: QWidget) -> None:
        """Have an input in a cell."""
        self._editors[place] = editor
        editor.setParent(self)
        editor.show()
        self._place()

    def clear(self) -> None:
        """Take all inputs away."""
        for editor in self._editors.values():
            editor.hide()
            editor.deleteLater()
        self._editors = {}

    def cell(self, place: int) -> QRect:
        """Where a cell is."""
        px, columns = self.theme.px, self._columns(self.width())
        width = (self.width() - (columns - 1) * px(GAP)) // columns
        row, column = divmod(place, columns)
        left = column * (width + px(GAP))
        area = QRect(left, row * px(CELL_HEIGHT + GAP), width, px(CELL_HEIGHT))
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            area.moveRight(self.width() - 1 - left)
        return area

    def _columns(self, width: int) -> int:
        px = self.theme.px
        return max(min((width + px(GAP)) // px(CELL_WIDTH + GAP), MOST_COLUMNS), 1)

    def _again(self) -> None:
        self.updateGeometry()
        self._place()
        self.update()

    def _place(self) -> None:
        for place, editor in self._editors.items():
            editor.setGeometry(self.cell(place))

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        """More rows where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All rows."""
        rows = -(-len(self._words()) // self._columns(width))
        return max(rows * self.theme.px(CELL_HEIGHT + GAP) - self.theme.px(GAP), 0)

    def sizeHint(self) -> QSize:
        """At four columns."""
        width = self.theme.px(MOST_COLUMNS * (CELL_WIDTH + GAP))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One column wide."""
        return QSize(self.theme.px(CELL_WIDTH), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the inputs anew."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Hide with the window's focus; children are told of it by these events only."""
        done = super().event(event)
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self.refresh()
        return done

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the cells that have no input."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self.visible_words
        for place in range(len(self._words())):
            if place not in self._editors:
                paint_cell(painter, self.cell(place), place, self.theme)
                word = shown[place] if shown else DOTS
                self._write(painter, self.cell(place), word, shown=bool(shown))
        painter.end()

    def _write(self, painter: QPainter, area: QRect, word: str, *, shown: bool) -> None:
        theme = self.theme
        area = area.adjusted(theme.px(NUMBER_WIDTH + 13), 0, -theme.px(8), 0)
        painter.setFont(theme.font("mono"))
        painter.setPen(theme.color("text" if shown else "text-3"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)


def paint_cell(
    painter: QPainter, area: QRect, place: int, theme: Theme, ground: str = "bg-surface",
    line: str = "line-subtle",
) -> None:  # fmt: skip
    """Ground, border and number of a cell."""
    painter.setBrush(theme.color(ground))
    painter.setPen(QPen(theme.color(line), 1))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
    number = QRect(area.left(), area.top(), theme.px(NUMBER_WIDTH), area.height())
    painter.setFont(theme.font("small"))
    painter.setPen(theme.color("text-3"))
    side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    painter.drawText(number, side, str(place + 1))
