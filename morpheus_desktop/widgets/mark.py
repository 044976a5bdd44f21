"""The product mark: two arches, the second paler."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

# Shares of the width: legs at 0, 1/2 and 1; a stroke of about an eighth.
STROKE = 0.115
SECOND_ARCH = 0.62


class Mark(QWidget):
    """The mark, `width` design pixels wide."""

    def __init__(self, width: int, theme: Theme) -> None:
        super().__init__()
        self._width = width
        self._theme = theme
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self._rescale)

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Three quarters as high as wide."""
        width = self._theme.px(self._width)
        return QSize(width, round(width * 0.78))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both arches; the first one lies on top where they meet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stroke = self.width() * STROKE
        area = QRectF(self.rect()).adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
        span = area.width() / 2
        color = self._theme.color("accent")
        for number, alpha in ((1, SECOND_ARCH), (0, 1.0)):
            color.setAlphaF(alpha)
            pen = QPen(color, stroke)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPath(
                arch(QRectF(area.left() + number * span, area.top(), span, area.height()))
            )


def arch(area: QRectF) -> QPainterPath:
    """Two legs and a half circle over them."""
    path = QPainterPath(area.bottomLeft())
    path.lineTo(area.left(), area.top() + area.width() / 2)
    path.arcTo(QRectF(area.left(), area.top(), area.width(), area.width()), 180, -180)
    path.lineTo(area.bottomRight())
    return path
