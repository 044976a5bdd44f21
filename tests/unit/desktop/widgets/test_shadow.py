"""The shadow below a panel: darkest at its edge, and gone where it ends."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from morpheus_desktop.widgets.shadow import Shadow

PANEL = QRect(100, 100, 200, 120)


@pytest.fixture
def painted(theme):
    image = QImage(400, 400, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    shadow = Shadow(theme, "dialog", 12)
    shadow.paint(painter, PANEL)
    shadow.paint(painter, PANEL)
    painter.end()
    return image


def alpha(image, y):
    return image.pixelColor(200, y).alpha()


def test_it_falls_off_below_the_panel(painted, theme):
    down, blur, _color = theme.elevation("dialog")
    ends = PANEL.bottom() + down + blur
    row = [alpha(painted, y) for y in range(PANEL.bottom() + 1, ends + 2)]
    assert row == sorted(row, reverse=True)
    assert row[0] > 0
    assert row[-1] == 0


def test_it_is_made_once_for_a_size(theme):
    shadow = Shadow(theme, "popup", 8)
    image = QImage(400, 400, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    shadow.paint(painter, PANEL)
    first = shadow._kept
    shadow.paint(painter, PANEL.translated(10, 10))
    assert shadow._kept is first
    shadow.paint(painter, PANEL.adjusted(0, 0, 10, 0))
    assert shadow._kept is not first
    painter.end()
