"""A bar of parts, for example what is used of a memory; hatched is what is not there yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.focus_frame import ring
from morpheus_desktop.widgets.tip import show_tip

GAP = 2
HATCH = 8
LEAST_TARGET = 32


@dataclass(frozen=True)
class Part:
    """One part: its share of the whole (0 to 1), its colour, and the words of its tooltip."""

    share: float
    token: str
    words: str
    hatched: bool = False


class Bar(QWidget):
    """Parts beside each other; the arrow keys go through them and the tooltip tells each.

    Args:
        name: what is divided.
        height: 8, 10 or 12 at 100 %.
    """

    def __init__(self, theme: Theme, name: str, *, height: int = 10) -> None:
        super().__init__()
        self._theme, self._height = theme, height
        self._parts: tuple[Part, ...] = ()
        self._current = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is shown."""
        return self._parts

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show other parts; what is missing to the whole stays empty."""
        self._parts = tuple(part for part in parts if part.share > 0)
        self._go(min(self._current, max(len(self._parts) - 1, 0)))

    def part_at(self, x: float) -> Part | None:
        """The part at a place, if there is one."""
        return next(
            (p for p, area in self._areas() if area.left() <= x <= area.right() + GAP), None
        )

    def _fit(self) -> None:
        self.updateGeometry()
        self._go(self._current)

    def _go(self, number: int) -> None:
        self._current = number
        if self._parts:
            self.setAccessibleDescription(self._parts[number].words)
        areas = self._areas()
        area = areas[number][1] if self.hasFocus() and areas else self._track()
        ring(self, radius=round(area.height() / 2), around=area.toAlignedRect())
        self.update()

    def _track(self) -> QRectF:
        height = self._theme.px(self._height)
        return QRectF(0, (self.height() - height) / 2, self.width(), height)

    def _areas(self) -> list[tuple[Part, QRectF]]:
        track = self._track()
        made = []
        left = track.left()
        for part in self._parts:
            width = min(part.share * track.width(), track.right() - left)
            gap = GAP if left + width < track.right() - 0.5 else 0  # none at the very end
            made.append((part, QRectF(left, track.top(), max(width - gap, 1), track.height())))
            left += width
        return made

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self._theme.px(240), max(self._theme.px(self._height), LEAST_TARGET))

    def minimumSizeHint(self) -> QSize:
        """A few parts can be told apart."""
        return QSize(self._theme.px(80), self.sizeHint().height())

    def resizeEvent(self, event: QEvent) -> None:
        """The parts have moved."""
        self._go(self._current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the parts and tell them."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step or not self._parts:
            super().keyPressEvent(event)
            return
        self._go(min(max(self._current + step, 0), len(self._parts) - 1))
        self._tell(self._areas()[self._current][1].toAlignedRect())

    def _tell(self, area: QRect) -> None:
        show_tip(self.mapToGlobal(area.bottomLeft()), self._parts[self._current].words, self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring goes to one part."""
        super().focusInEvent(event)
        self._go(self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And away."""
        super().focusOutEvent(event)
        self._go(self._current)

    def event(self, event: QEvent) -> bool:
        """Tell the part under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self.part_at(event.pos().x())
            show_tip(event.globalPos(), part.words if part else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and parts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = self._track()
        whole = QPainterPath()
        whole.addRoundedRect(track, track.height() / 2.5, track.height() / 2.5)
        painter.setClipPath(whole)
        painter.fillRect(track, self._theme.color("bg-active"))
        for part, area in self._areas():
            painter.fillRect(area.adjusted(0, 0, GAP, 0), self._theme.color("bg-surface"))
            painter.fillRect(area, fill(self._theme, part.token, hatched=part.hatched))
        painter.end()


def fill(theme: Theme, token: str, *, hatched: bool) -> QBrush:
    """The colour of a part, or its hatch."""
    color = theme.color(token)
    return QBrush(hatch(color)) if hatched else QBrush(color)


def hatch(color: QColor) -> QPixmap:
    """Diagonal stripes, 8 × 8, to be tiled."""
    pixmap = QPixmap(HATCH, HATCH)
    dark = QColor(color)
    dark.setAlphaF(0.55)
    pixmap.fill(dark)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, HATCH / 2.6))
    for shift in (-HATCH, 0, HATCH):
        painter.drawLine(QPointF(shift - 1, HATCH + 1), QPointF(shift + HATCH + 1, -1))
    painter.end()
    return pixmap


class Key(QWidget):
    """The small square that says which part a word belongs to."""

    def __init__(self, theme: Theme, token: str, *, hatched: bool = False) -> None:
        super().__init__()
        self._theme, self._token, self._hatched = theme, token, hatched
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(self._theme.px(10), self._theme.px(10))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill(self._theme, self._token, hatched=self._hatched))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.end()
