"""Shortcuts drawn as key caps: painted inside rows, or as a widget of their own."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme

HEIGHT = 18
PADDING = 5
GAP = 6


def caps(keys: str) -> tuple[str, ...]:
    """The single keys of a shortcut: `Ctrl+Shift+N` has three, `Ctrl++` has two."""
    if not keys:
        return ()
    if keys.endswith("++"):
        return (*caps(keys[:-2]), "+")
    return tuple(keys.split("+")) if keys != "+" else ("+",)


def with_keys(words: str, keys: str) -> str:
    """Words for a tooltip, with the shortcut if there is one."""
    return f"{words} ({keys})" if keys else words


def caps_width(keys: str, theme: Theme) -> int:
    """Room that the caps of a shortcut take."""
    widths = [_cap_width(cap, theme) for cap in caps(keys)]
    return round(sum(widths) + theme.px(GAP) * max(len(widths) - 1, 0))


def paint_caps(painter: QPainter, left: float, middle: float, keys: str, theme: Theme) -> None:
    """Paint the caps from `left` on, centred on the height `middle`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font("mono_small"))
    height = theme.px(HEIGHT)
    for cap in caps(keys):
        area = QRectF(left, middle - height / 2, _cap_width(cap, theme), height)
        painter.setBrush(theme.color("bg-raised"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(theme.color("text-2"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, cap)
        left = area.right() + theme.px(GAP)
    painter.restore()


def _cap_width(cap: str, theme: Theme) -> float:
    text = QFontMetricsF(theme.font("mono_small")).horizontalAdvance(cap)
    return max(text + 2 * theme.px(PADDING), theme.px(HEIGHT))


class KeyCaps(QWidget):
    """The caps of one shortcut."""

    def __init__(self, keys: str, theme: Theme) -> None:
        super().__init__()
        self._keys = keys
        self._theme = theme
        theme.changed.connect(self._rescale)

    def set_keys(self, keys: str) -> None:
        """Show another shortcut."""
        self._keys = keys
        self._rescale()

    def _rescale(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Just the caps."""
        return QSize(caps_width(self._keys, self._theme), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """As the hint: half a key says nothing."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint them in the middle."""
        paint_caps(QPainter(self), 0, self.height() / 2, self._keys, self._theme)
