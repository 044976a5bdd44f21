"""The ring inside widgets that paint themselves."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from morpheus_desktop.widgets.focus_ring import paint_focus_ring


def test_it_is_two_pixels_wide_and_hollow(theme):
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    paint_focus_ring(painter, QRect(10, 10, 40, 40), 6, theme)
    painter.end()
    row = [image.pixelColor(x, 30).name() for x in range(60)]
    assert row.count(theme.hex("focus").lower()) == 4
    assert row[9] == row[30] == "#000000"
    assert row[10] == row[11] == theme.hex("focus").lower()
