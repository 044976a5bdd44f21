"""The painted buttons of the sidebar: a page, the account, the network; each also as an icon."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QSizePolicy,
)

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.account import AccountWords, Phase
from morpheus_desktop.widgets.focus_ring import paint_focus_ring
from morpheus_desktop.widgets.identicon import paint_identicon
from morpheus_desktop.widgets.tip import set_tip

MARGIN = 8


class SideButton(QAbstractButton):
    """What the three have in common: hover, focus ring, scaled measures, the rail form.

    Painting is split in `paint_wide` and `paint_rail`; both get the area inside the margins.
    """

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.rail = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rail(self, *, rail: bool) -> None:
        """Show the icon only, with the words in the tooltip."""
        self.rail = rail
        set_tip(self, self.tip())
        self.updateGeometry()
        self.update()

    def tip(self) -> str:
        """The tooltip in the present form."""
        return self.accessibleName() if self.rail else ""

    def height_px(self) -> int:
        """Height at 100 %."""
        return 40 if self.rail else 36

    def paint_wide(self, painter: QPainter, area: QRect) -> None:
        """Paint icon and words."""
        raise NotImplementedError

    def paint_rail(self, painter: QPainter, area: QRect) -> None:
        """Paint the icon."""
        raise NotImplementedError

    def fill(self, painter: QPainter, area: QRect, token: str, line: str = "") -> None:
        """Paint a rounded ground, with a hairline when a colour is named."""
        painter.setBrush(self.theme.color(token))
        painter.setPen(QPen(self.theme.color(line), 1) if line else Qt.PenStyle.NoPen)
        inset = 0.5 if line else 0
        radius = 8 if line else 6
        painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), radius, radius)

    def write(self, painter: QPainter, area: QRect, text: str, style: str, token: str) -> None:
        """Write one line, cut with an ellipsis where it does not fit; body text is medium."""
        font = QFont(self.theme.font(style))
        if style == "body":
            font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(self.theme.color(token))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def paint_chip(self, painter: QPainter, area: QRect, text: str, tone: str) -> QRect:
        """Paint a word in a frame at the right end of an area; where it is."""
        px = self.theme.px
        font = self.theme.font("caption")
        width = QFontMetrics(font).horizontalAdvance(text) + px(14)
        chip = QRect(area.right() - px(8) - width, 0, width, px(20))
        chip.moveTop(area.center().y() - px(10) + 1)
        painter.setBrush(self.theme.color(f"{tone}-soft"))
        painter.setPen(QPen(self.theme.color(f"{tone}-line"), 1))
        painter.drawRoundedRect(QRectF(chip).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(font)
        painter.setPen(self.theme.color("accent-text" if tone == "accent" else tone))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
        return chip

    def draw_icon(self, painter: QPainter, name: str, size: int, token: str, center: QRect) -> None:
        """Draw an icon of a size at 100 % in the middle of an area."""
        pixmap = self.theme.pixmap(name, size, token)
        width, height = pixmap.deviceIndependentSize().toTuple()
        painter.drawPixmap(
            round(center.x() + (center.width() - width) / 2),
            round(center.y() + (center.height() - height) / 2),
            pixmap,
        )

    def sizeHint(self) -> QSize:
        """The scaled height; the width is the sidebar's."""
        return QSize(0, self.theme.px(self.height_px()))

    def minimumSizeHint(self) -> QSize:
        """As the hint."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the present form, then the focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        margin = self.theme.px(MARGIN)
        area = self.rect().adjusted(margin, 0, -margin, 0)
        (self.paint_rail if self.rail else self.paint_wide)(painter, area)
        if self.hasFocus():
            paint_focus_ring(painter, area, 6, self.theme)


class NavItem(SideButton):
    """One page; checked while it is open."""

    def __init__(self, title: str, icon: str, hint: str, theme: Theme) -> None:
        super().__init__(title, theme)
        self._icon = icon
        self._hint = hint
        self._badge = ""
        self.setCheckable(True)

    def set_badge(self, badge: str, meaning: str = "") -> None:
        """A sign at the right, or none; `meaning` is what it says to those who do not see it."""
        if badge == self._badge:
            return
        self._badge = badge
        self.setAccessibleDescription(meaning)
        self.update()

    def tip(self) -> str:
        """The title in the rail, and the shortcut."""
        title = self.text() if self.rail else ""
        return "  ".join(part for part in (title, self._hint) if part)

    def nextCheckState(self) -> None:
        """Which page is open is decided by the window, not by the click."""

    def paint_wide(self, painter: QPainter, area: QRect) -> None:
        """Paint the ground, the bar of the chosen page, icon and title."""
        px = self.theme.px
        self._ground(painter, area)
        if self.isChecked():
            bar = QRectF(-px(3), area.center().y() - px(10) + 0.5, px(6), px(20))
            painter.setBrush(self.theme.color("accent"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(bar, px(3), px(3))
        self._draw(painter, QRect(area.x() + px(8), area.y(), px(18), area.height()))
        left = area.x() + px(36)
        words = QRect(left, area.y(), area.right() - left - px(8), area.height())
        self.write(painter, words, self.text(), "body", "text" if self.isChecked() else "text-2")
        if self._badge:
            self._draw_badge(painter, area)

    def paint_rail(self, painter: QPainter, area: QRect) -> None:
        """Paint the ground and the icon; a badge is a dot there."""
        self._ground(painter, area)
        self._draw(painter, area)
        if self._badge:
            px = self.theme.px
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("violet"))
            painter.drawEllipse(QRectF(area.center().x() + px(6), area.y() + px(7), px(7), px(7)))

    def _draw_badge(self, painter: QPainter, area: QRect) -> None:
        px = self.theme.px
        painter.setFont(self.theme.font("caption"))
        width = max(QFontMetrics(painter.font()).horizontalAdvance(self._badge) + px(12), px(20))
        box = QRectF(area.right() - width - px(8), area.center().y() - px(9), width, px(20))
        painter.setPen(self.theme.color("violet-line"))
        painter.setBrush(self.theme.color("violet-soft"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(10), px(10))
        painter.setPen(self.theme.color("violet"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._badge)

    def _ground(self, painter: QPainter, area: QRect) -> None:
        if self.isChecked() or self.isDown():
            self.fill(painter, area, "bg-active")
        elif self.underMouse():
            self.fill(painter, area, "bg-hover")

    def _draw(self, painter: QPainter, area: QRect) -> None:
        token = "accent-text" if self.isChecked() else "text-2"
        self.draw_icon(painter, self._icon, 18, token, area)


class AccountButton(SideButton):
    """The account: its picture, name and address; without one it offers to set one up."""

    ACTION = "Set up"

    def __init__(self, theme: Theme) -> None:
        super().__init__("No wallet", theme)
        self._words = AccountWords()
        self.show_account(self._words)

    def show_account(self, words: AccountWords) -> None:
        """Say which wallet there is, and whether it is locked."""
        self._words = words
        self.setText(words.title)
        if words.address:
            spoken = fmt.spoken_address(words.address)
            locked = ", locked" if words.locked else ""
            self.setAccessibleName(f"{words.title}, {spoken}{locked}")
        else:
            self.setAccessibleName(f"{words.title}, local chat only. {self.ACTION}")
        set_tip(self, self.tip())
        self.update()

    def height_px(self) -> int:
        """A card with two lines; a tile in the rail."""
        return 44

    def paint_wide(self, painter: QPainter, area: QRect) -> None:
        """Paint the card: tile, two lines, and what a click does."""
        px = self.theme.px
        self.fill(painter, area, "bg-hover" if self._lit() else "bg-surface", "line-subtle")
        tile = QRect(area.x() + px(9), 0, px(24), px(24))
        tile.moveTop(area.center().y() - px(12) + 1)
        self._tile(painter, tile, 14)
        if self._words.address:
            end = QRect(area.right() - px(24), area.y(), px(16), area.height())
            self.draw_icon(painter, "chevron-down", 14, "text-3", end)
        else:
            end = self._action(painter, area)
        left = tile.right() + px(9)
        middle = area.center().y() + 1
        first = QRect(left, middle - px(18), end.left() - left - px(4), px(18))
        self.write(painter, first, self.text(), "label", "text")
        second = QRect(left, middle, first.width(), px(16))
        style = "mono_small" if self._words.address else "caption"
        token = "warn" if self._words.locked else "text-3"
        self.write(painter, second, self._words.detail, style, token)

    def paint_rail(self, painter: QPainter, area: QRect) -> None:
        """Paint the tile only."""
        px = self.theme.px
        tile = QRect(0, 0, px(28), px(28))
        tile.moveCenter(area.center())
        if self._lit():
            self.fill(painter, tile.adjusted(-px(4), -px(4), px(4), px(4)), "bg-hover")
        self._tile(painter, tile, 16)

    def _lit(self) -> bool:
        return self.underMouse() or self.isDown()

    def _tile(self, painter: QPainter, tile: QRect, icon: int) -> None:
        if self._words.address:
            paint_identicon(painter, QRectF(tile), self._words.address, dark=self.theme.dark)
            return
        pen = QPen(self.theme.color("line-control"), 1)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(tile).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        self.draw_icon(painter, "wallet", icon, "text-3", tile)

    def _action(self, painter: QPainter, area: QRect) -> QRect:
        return self.paint_chip(painter, area, self.ACTION, "accent")


class NetworkButton(SideButton):
    """The network: a hollow dot while nothing is connected, a chip when its money is not real."""

    IDLE = "Not connected"

    def __init__(self, theme: Theme) -> None:
        super().__init__(self.IDLE, theme)
        self._phase: Phase = "off"
        self._chip = ""
        self.show_network(self.IDLE, "off", "")

    def show_network(self, text: str, phase: Phase, chip: str) -> None:
        """Say which network it is, how it is, and what its money is worth."""
        self._phase, self._chip = phase, chip if phase != "off" else ""
        self.setText(text)
        how = {"connecting": "connecting", "failed": "not reached"}.get(phase, "")
        self.setAccessibleName(", ".join(w for w in (f"Network: {text}", how, self._chip) if w))
        set_tip(self, self.tip())
        self.update()

    def height_px(self) -> int:
        """A control; a row in the rail."""
        return 32

    def paint_wide(self, painter: QPainter, area: QRect) -> None:
        """Paint the frame, the dot and the words."""
        px = self.theme.px
        lit = self.underMouse() or self.isDown()
        self.fill(painter, area, "bg-hover" if lit else "bg-surface", "line")
        self._dot(painter, QRect(area.x() + px(9), area.y(), px(8), area.height()))
        end = QRect(area.right() - px(24), area.y(), px(16), area.height())
        self.draw_icon(painter, "chevron-down", 14, "text-3", end)
        right = area.right() - px(28)
        if self._chip:
            room = area.adjusted(0, 0, -px(22), 0)
            right = self.paint_chip(painter, room, self._chip, "warn").left() - px(4)
        left = area.x() + px(25)
        words = QRect(left, area.y(), right - left, area.height())
        self.write(painter, words, self.text(), "label", "text-2")

    def paint_rail(self, painter: QPainter, area: QRect) -> None:
        """Paint the dot; around it a square of warning when the money is not real."""
        if self.underMouse() or self.isDown():
            self.fill(painter, area, "bg-hover")
        if self._chip:
            tile = QRect(0, 0, self.theme.px(24), self.theme.px(24))
            tile.moveCenter(area.center())
            self.fill(painter, tile, "warn-soft", "warn-line")
        self._dot(painter, area)

    def _dot(self, painter: QPainter, area: QRect) -> None:
        size = self.theme.px(8)
        dot = QRectF(0, 0, size, size)
        dot.moveCenter(QRectF(area).center())
        token = {"on": "accent", "connecting": "info", "failed": "danger"}.get(self._phase)
        if token is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color(token))
        else:
            painter.setPen(QPen(self.theme.color("text-3"), 1.25))
            painter.setBrush(QColor(0, 0, 0, 0))
            dot.adjust(0.6, 0.6, -0.6, -0.6)
        painter.drawEllipse(dot)
