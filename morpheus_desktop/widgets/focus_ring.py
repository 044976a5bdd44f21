"""The ring around what the keyboard is on, for widgets that paint themselves."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from morpheus_desktop.theme import Theme

WIDTH = 2


def paint_focus_ring(painter: QPainter, area: QRect, radius: float, theme: Theme) -> None:
    """Paint the ring just inside an area."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("focus"), WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = WIDTH / 2
    painter.drawRoundedRect(QRectF(area).adjusted(half, half, -half, -half), radius, radius)
    painter.restore()
