"""Main memory as a bar: what others use, what is loaded, what the chosen model would need."""

import psutil
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Label, label
from router.inference.host import HostState
from router.inference.memory import Memory
from router.untrusted import one_line

BAR = 10


class MemoryBar(QWidget):
    """Segments from left to right; a hatched one is not real yet."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: list[tuple[float, str, bool]] = []
        self.setFixedHeight(theme.px(BAR))

    def set_parts(self, parts: list[tuple[float, str, bool]]) -> None:
        """(share of the whole, colour, hatched) of each segment."""
        self._parts = parts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        clip = QPainterPath()
        clip.addRoundedRect(area, BAR / 2, BAR / 2)
        painter.setClipPath(clip)
        painter.fillRect(area, self._theme.color("bg-active"))
        left = 0.0
        for share, token, hatched in self._parts:
            width = min(share, 1.0) * area.width()
            segment = QRectF(left, 0, max(width - 2, 1), area.height())
            painter.fillRect(segment, self._theme.color(token))
            if hatched:
                painter.fillRect(segment, _hatch(self._theme))
            left += width
        painter.end()


def _hatch(theme: Theme) -> QBrush:
    tile = QPixmap(QSize(8, 8))
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("bg-surface"), 2))
    for start in (-8, 0, 8):
        painter.drawLine(start, 8, start + 8, 0)
    painter.end()
    return QBrush(tile)


class MemoryCard(QFrame):
    """The bar with its legend."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(label("Memory", "lead"))
        head.addStretch()
        self._verdict = label("", "small", "text-2")
        head.addWidget(self._verdict)
        column.addLayout(head)
        self._bar = MemoryBar(theme)
        column.addWidget(self._bar)
        legend = QHBoxLayout()
        legend.setSpacing(16)
        self._others, self._loaded, self._wanted = (label("", "small", "text-2") for _ in range(3))
        for each in (self._others, self._loaded, self._wanted):
            legend.addWidget(each)
        legend.addStretch()
        cores = psutil.cpu_count(logical=False) or 1
        legend.addWidget(label(fmt.counted(cores, "core"), "small", "text-3"))
        column.addLayout(legend)

    def show_memory(self, now: Memory, host: HostState, wanted: tuple[str, int] | None) -> None:
        """Show what there is and what the chosen model would add."""
        loaded = host.memory_bytes or 0
        others = max(now.total - now.free - loaded, 0)
        extra = wanted[1] if wanted is not None else 0
        self._bar.set_parts(
            [
                (others / now.total, "line-control", False),
                (loaded / now.total, "accent", False),
                (extra / now.total, "info", True),
            ]
        )
        _say(self._others, "System and other apps", others)
        name = one_line(host.model.name, 24) if host.model is not None else ""
        _say(self._loaded, f"{name}, loaded", loaded if name else 0)
        _say(self._wanted, f"{one_line(wanted[0], 24)}, if loaded" if wanted else "", extra)
        left = now.free - extra
        if left < 0:
            self._verdict.setText(f"Too big: {fmt.memory(-left)} are missing")
            self._verdict.set_tone("warn")
        else:
            self._verdict.setText(f"{fmt.memory(left)} of {fmt.memory(now.total)} would stay free")
            self._verdict.set_tone("text-2")
        self._bar.setAccessibleName(
            f"Memory: {fmt.memory(now.free)} of {fmt.memory(now.total)} free"
        )


def _say(where: Label, what: str, size: int) -> None:
    where.setText(f"{what}  {fmt.memory(size)}")
    where.setVisible(size > 0)
