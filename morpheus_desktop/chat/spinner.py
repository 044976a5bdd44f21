"""The turning arc of something that is being written, for places that paint themselves."""

from time import monotonic

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from morpheus_desktop.theme import Theme

ARC = 100  # degrees


def paint_spinner(painter: QPainter, theme: Theme, area: QRect) -> None:
    """Paint the arc in the middle of an area; its angle follows the clock."""
    size = area.width() - 2
    box = QRectF(area.x() + 1, area.center().y() - size / 2 + 0.5, size, size)
    turn = theme.motion("spinner_turn")
    angle = (monotonic() * 1000 % turn) / turn * 360 if turn else 0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("bg-active"), 2))
    painter.drawEllipse(box)
    painter.setPen(QPen(theme.color("accent"), 2, c=Qt.PenCapStyle.RoundCap))
    painter.drawArc(box, round((90 - angle) * 16), -ARC * 16)
    painter.restore()
