"""Addresses: all of one in groups of four, and a short one that copies itself.

Always left to right, also where the interface is mirrored.
"""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import ThemedButton

COPIED_MS = 1500
GROUPS = 10


class FullAddress(QWidget):
    """All digits of an address, in one line of ten groups or two lines of five.

    Groups that differ from another address stand out in colour, tint and underline.
    """

    def __init__(self, theme: Theme, *, gap: int = 5, style: str = "mono") -> None:
        super().__init__()
        self._theme, self._gap, self._style = theme, gap, style
        self._groups: list[str] = []
        self._differing: frozenset[int] = frozenset()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)

    def set_address(self, address: str, *, unlike: str = "") -> None:
        """Show an address, marked where it differs from `unlike`."""
        self._groups = fmt.address_groups(address)
        others = fmt.address_groups(unlike) if unlike else self._groups
        self._differing = frozenset(
            at
            for at, (group, other) in enumerate(zip(self._groups, others, strict=True))
            if group.lower() != other.lower()
        )
        self.setAccessibleName(f"Address {fmt.full_address(address)}")
        words = [self._groups[at] for at in sorted(self._differing)]
        self.setAccessibleDescription(f"Differs at {', '.join(words)}" if words else "")
        self.updateGeometry()
        self.update()

    def _cell(self) -> int:
        metrics = QFontMetrics(self._theme.font(self._style))
        return metrics.horizontalAdvance("0000") + self._theme.px(self._gap)

    def _prefix(self) -> int:
        return QFontMetrics(self._theme.font(self._style)).horizontalAdvance("0x ")

    def _columns(self, width: int) -> int:
        return GROUPS if self._prefix() + GROUPS * self._cell() <= width else GROUPS // 2

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        """Two lines where one is too long."""
        return True

    def heightForWidth(self, width: int) -> int:
        """One line or two."""
        return self._theme.line_height(self._style) * (GROUPS // self._columns(width))

    def sizeHint(self) -> QSize:
        """On one line."""
        width = self._prefix() + GROUPS * self._cell()
        return QSize(width, self._theme.line_height(self._style))

    def minimumSizeHint(self) -> QSize:
        """On two lines."""
        width = self._prefix() + GROUPS // 2 * self._cell()
        return QSize(width, self._theme.line_height(self._style))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The groups."""
        painter = QPainter(self)
        font = self._theme.font(self._style)
        painter.setFont(font)
        high, cell = self._theme.line_height(self._style), self._cell()
        columns, left = self._columns(self.width()), self._prefix()
        top = max(self.height() - self.heightForWidth(self.width()), 0) / 2
        center = Qt.AlignmentFlag.AlignVCenter
        if self._groups:
            painter.setPen(self._theme.color("text-3"))
            painter.drawText(QRectF(0, top, left, high), center, "0x")
        for at, group in enumerate(self._groups):
            area = QRectF(left + at % columns * cell, top + at // columns * high, cell, high)
            words = area.adjusted(0, 0, -self._theme.px(self._gap), 0)
            if at in self._differing:
                around = words.adjusted(-2, 1, 2, -1)
                painter.fillRect(around, self._theme.color("danger-soft"))
                painter.fillRect(
                    QRectF(around.left(), around.bottom() - 2, around.width(), 2),
                    self._theme.color("danger"),
                )
            token = "danger" if at in self._differing else "text"
            painter.setPen(self._theme.color(token))
            painter.drawText(words, center, group)
        painter.end()


class CopyButton(ThemedButton):
    """Puts a text into the clipboard and says so for a moment."""

    def __init__(self, theme: Theme, words: str = "Copy address", *, kind: str = "link") -> None:
        super().__init__(theme, words, "primary" if kind == "primary" else "link", "copy", 16)
        self._words = words
        self._text = ""
        self._timer = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._timer.timeout.connect(lambda: self._say(self._words, "copy"))
        self.clicked.connect(self._copy)

    def set_text_to_copy(self, text: str) -> None:
        """What is copied."""
        self._text = text

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._say("Copied", "check")
        self._timer.start()

    def _say(self, words: str, icon: str) -> None:
        self.setText(words)
        self.set_icon(icon)
