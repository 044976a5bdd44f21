"""A small picture of an address, so that two of them are told apart at a glance.

It is a help only: pictures can be alike by chance or made alike on purpose.
"""

import hashlib

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

CELLS = 5


class Identicon(QWidget):
    """The picture of an address, mirrored left to right; empty without one."""

    def __init__(self, theme: Theme, size: int = 32) -> None:
        super().__init__()
        self._theme, self._size = theme, size
        self._address = ""
        theme.changed.connect(self._fit)
        self._fit()

    def set_address(self, address: str) -> None:
        """Show the picture of another address."""
        self._address = address
        self.update()

    def _fit(self) -> None:
        self.setFixedSize(self._theme.px(self._size), self._theme.px(self._size))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and cells."""
        painter = QPainter(self)
        paint_identicon(painter, QRectF(self.rect()), self._address, dark=self._theme.dark)
        painter.end()


def paint_identicon(painter: QPainter, area: QRectF, address: str, *, dark: bool) -> None:
    """Paint the picture of an address into a square."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    digest = hashlib.sha256(address.lower().encode()).digest()
    hue = digest[0] / 255
    painter.setBrush(QColor.fromHsvF(hue, 0.55 if dark else 0.18, 0.28 if dark else 0.95))
    painter.drawRoundedRect(area, 6, 6)
    if not address:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(QColor.fromHsvF(hue, 0.45 if dark else 0.75, 0.95 if dark else 0.55))
    inset = area.width() * 0.14
    side = (area.width() - 2 * inset) / CELLS
    for row in range(CELLS):
        for column in range(CELLS):
            mirrored = min(column, CELLS - 1 - column)
            if digest[1 + row * 3 + mirrored] & 1:
                painter.drawRect(
                    QRectF(
                        area.left() + inset + column * side,
                        area.top() + inset + row * side,
                        side,
                        side,
                    )
                )
