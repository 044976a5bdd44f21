"""The soft shadow below dialogs and toasts.

Painted by whoever lies behind the panel. A QGraphicsDropShadowEffect would render the panel anew,
and blur it, each time anything in it changes, for example 30 times a second for a spinner.
"""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from morpheus_desktop.theme import Theme


class Shadow:
    """Paints the shadow of a panel; made once for each size and kept.

    Args:
        level: "popup" or "dialog".
        radius: corners of the panel.
    """

    def __init__(self, theme: Theme, level: str, radius: int) -> None:
        self._theme, self._level, self._radius = theme, level, radius
        self._kept: tuple[tuple[int, int, str], QPixmap] | None = None

    def paint(self, painter: QPainter, panel: QRect) -> None:
        """Paint the shadow that a panel here throws."""
        down, blur, color = self._theme.elevation(self._level)
        key = (panel.width(), panel.height(), color.name(color.NameFormat.HexArgb))
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._make(panel))
        painter.drawPixmap(panel.x() - blur, panel.y() - blur + down, self._kept[1])

    def _make(self, panel: QRect) -> QPixmap:
        """Rounded rectangles, from wide and faint to narrow; together they fall off like a blur."""
        _, blur, color = self._theme.elevation(self._level)
        image = QImage(
            panel.width() + 2 * blur,
            panel.height() + 2 * blur,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.setPen(Qt.PenStyle.NoPen)
        full = color.alphaF()
        area = QRectF(image.rect())
        # The fall-off ends as far inside the panel as outside, so half of it is seen.
        for step in range(1, blur, 2):
            part = step / (2 * blur)
            color.setAlphaF(full * part * part * (3 - 2 * part))
            painter.setBrush(color)
            corner = self._radius + blur - step
            painter.drawRoundedRect(area.adjusted(step, step, -step, -step), corner, corner)
        painter.end()
        return QPixmap.fromImage(image)
