"""A QR code, dark on white in both themes, with the quiet zone that readers need."""

import segno
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

QUIET = 4
INK, PAPER = Qt.GlobalColor.black, Qt.GlobalColor.white


class QrCode(QWidget):
    """Shows a text; `side` is in pixels at 100 %."""

    def __init__(self, theme: Theme, name: str, side: int) -> None:
        super().__init__()
        self._theme, self._side = theme, side
        self._image = QImage()
        self.setAccessibleName(name)
        theme.changed.connect(self._fit)
        self._fit()

    def set_content(self, text: str) -> None:
        """Show another text."""
        self._image = qr_image(text)
        self.update()

    def _fit(self) -> None:
        self.setFixedSize(QSize(self._theme.px(self._side), self._theme.px(self._side)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The modules, each of whole pixels, in the middle."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), PAPER)
        if not self._image.isNull():
            scale = max(self.width() // self._image.width(), 1)
            side = self._image.width() * scale
            left, top = (self.width() - side) // 2, (self.height() - side) // 2
            painter.drawImage(left, top, self._image.scaled(side, side))
        painter.end()


def qr_image(text: str, scale: int = 1) -> QImage:
    """The code of a text with its quiet zone; each module is `scale` pixels wide."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    side = len(rows) + 2 * QUIET
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(PAPER)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.setPixelColor(x + QUIET, y + QUIET, INK)
    return image.scaled(side * scale, side * scale)
