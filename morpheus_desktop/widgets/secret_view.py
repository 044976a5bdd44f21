"""A secret that is painted, so that no widget keeps its text, while the window is active."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop.theme import Theme

COLUMNS = 34
DOTS = "•" * 12


class SecretView(QWidget):
    """One long word in lines of equal length.

    Args:
        secret: gives it each time it is painted; empty when it is forgotten.
    """

    def __init__(self, theme: Theme, secret: Callable[[], str]) -> None:
        super().__init__()
        self._theme = theme
        self._secret = secret
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def visible_text(self) -> str:
        """What can be read on the screen right now."""
        return self._secret() if self.isActiveWindow() else ""

    def refresh(self) -> None:
        """Paint what is true now; a screen reader hears what can be seen."""
        shown = self.visible_text
        self.setAccessibleName("Private key" if shown else "Private key, hidden")
        self.setAccessibleDescription(shown)
        self.update()

    def sizeHint(self) -> QSize:
        """As many lines as it takes."""
        metrics = QFontMetrics(self._theme.font("mono"))
        lines = -(-len(self._secret()) // COLUMNS)
        width = COLUMNS * metrics.averageCharWidth()
        return QSize(width, lines * self._theme.line_height("mono"))

    def event(self, event: QEvent) -> bool:
        """Hide with the window's focus; children are told of it by these events only."""
        done = super().event(event)
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self.refresh()
        return done

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The lines, or dots."""
        painter = QPainter(self)
        painter.setFont(self._theme.font("mono"))
        text = self.visible_text
        painter.setPen(self._theme.color("text" if text else "text-3"))
        height = self._theme.line_height("mono")
        lines = [text[at : at + COLUMNS] for at in range(0, len(text), COLUMNS)] or [DOTS]
        for number, line in enumerate(lines):
            area = self.rect()
            area.setTop(number * height)
            area.setHeight(height)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
        painter.end()
