"""Check boxes, 16 px in a target of 32."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from morpheus_desktop.theme import Theme

BOX, GAP, PADDING = 16, 8, 4
LEAST_TARGET = 32


class CheckBox(QCheckBox):
    """Words with a box that is ticked or not."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        _prepare(self, theme)

    def sizeHint(self) -> QSize:
        """Box and words, in a target that can be hit."""
        return _size(self, self._theme)

    def hitButton(self, pos: QPoint) -> bool:
        """Anywhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, tick, words."""
        painter, box = _begin(self, self._theme)
        on = self.isChecked()
        painter.setBrush(self._theme.color("accent" if on else "bg-app"))
        painter.setPen(QPen(self._theme.color("accent" if on else _border(self)), 1))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if on:
            pixmap = self._theme.pixmap("check", 12, "on-accent")
            inset = (box.width() - round(pixmap.deviceIndependentSize().width())) // 2
            painter.drawPixmap(box.topLeft() + QPoint(inset, inset), pixmap)
        _words(self, self._theme, painter)


def _prepare(widget: QCheckBox, theme: Theme) -> None:
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.setCursor(Qt.CursorShape.PointingHandCursor)
    widget.setAttribute(Qt.WidgetAttribute.WA_Hover)
    theme.changed.connect(widget.updateGeometry)


def _size(widget: QCheckBox, theme: Theme) -> QSize:
    words = QFontMetrics(theme.font("body")).horizontalAdvance(widget.text())
    width = theme.px(BOX + 2 * PADDING) + (theme.px(GAP) + words if words else 0)
    return QSize(width, max(theme.line_height("body"), LEAST_TARGET))


def _box(widget: QCheckBox, theme: Theme) -> QRect:
    side = theme.px(BOX)
    box = QRect(theme.px(PADDING), (widget.height() - side) // 2, side, side)
    if widget.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        box.moveRight(widget.width() - 1 - theme.px(PADDING))
    return box


def _begin(widget: QCheckBox, theme: Theme) -> tuple[QPainter, QRect]:
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not widget.isEnabled():
        painter.setOpacity(0.4)
    return painter, _box(widget, theme)


def _border(widget: QCheckBox) -> str:
    if widget.property("problem") == "true":
        return "danger"
    return "text-2" if widget.underMouse() else "line-control"


def _words(widget: QCheckBox, theme: Theme, painter: QPainter) -> None:
    box = _box(widget, theme)
    area = widget.rect()
    if widget.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        area.setRight(box.left() - theme.px(GAP))
        side = Qt.AlignmentFlag.AlignRight
    else:
        area.setLeft(box.right() + 1 + theme.px(GAP))
        side = Qt.AlignmentFlag.AlignLeft
    painter.setFont(theme.font("body"))
    painter.setPen(theme.color("text"))
    painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, widget.text())
    painter.end()
