"""The left side of the first screen: mark, claim, and arches like doors one behind the other."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.mark import Mark, arch

WIDTH = 420
ARCHES = 9
INNERMOST = 68
STEP = 26
# Height of the centres of all arches above the lower edge.
CENTRE = 170
CLAIM = "Chat with AI,\nwith no one\nin between."
SENTENCE = (
    "Chat with a model on this computer, free and offline. What you write never leaves this "
    "machine."
)


class BrandPanel(QFrame):
    """Decoration with a claim; nothing in it takes part in the work."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._claim = label(CLAIM, "hero", wrap=True)
        self._sentence = label(SENTENCE, "reading", "text-2", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Mark(23, theme))
        head.addWidget(label("Morpheus Desktop", "heading"))
        head.addStretch()
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addSpacing(50)
        self._column.addWidget(self._claim)
        self._column.addSpacing(16)
        self._column.addWidget(self._sentence)
        self._column.addStretch()
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(40), px(41), px(40), px(40))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, the hairline, and as many arches as leave the words alone."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("bg-sidebar"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.color("line"))
        painter.setClipRect(self.rect().adjusted(0, 0, -1, 0))
        unit = self.width() / WIDTH
        words_end = self._sentence.geometry().bottom() + self._theme.px(32)
        for number in range(ARCHES):
            width = (INNERMOST + 2 * STEP * number) * unit
            top = self.height() - CENTRE * unit - width / 2
            if top < words_end:
                return
            color = self._theme.color("accent")
            line = type(color)(color)
            line.setAlphaF(max(0.9 - 0.095 * number, 0.12))
            painter.setPen(QPen(line, 1.5))
            left = (self.width() - width) / 2
            painter.drawPath(arch(QRectF(left, top, width, self.height() - top + 2)))
