"""The networks as cards of which one is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.focus_frame import ring
from router.networks import Network

HEIGHT, GAP, LEAST_WIDTH = 92, 8, 148
RADIO, SIDE = 16, 12


class NetworkCards(QWidget):
    """All beside each other, on more lines where it is narrow; the arrow keys move.

    Signals:
        chosen: name of the network the user took.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, networks: Sequence[Network]) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName("Network")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._group = QButtonGroup(self)
        self._cards: dict[str, NetworkCard] = {}
        for network in networks:
            card = self._cards[network.name] = NetworkCard(theme, network, self)
            card.clicked.connect(lambda _=False, name=network.name: self.chosen.emit(name))
            self._group.addButton(card)
        theme.changed.connect(self._again)

    def choose(self, name: str) -> None:
        """Show one as chosen, without telling anybody."""
        self._cards[name].setChecked(True)

    @property
    def current(self) -> str:
        """The name of the one that is chosen, or empty."""
        return next((name for name, card in self._cards.items() if card.isChecked()), "")

    def focus_chosen(self) -> QWidget | None:
        """The card that gets the focus first."""
        return self._cards.get(self.current)

    def _columns(self, width: int) -> int:
        px = self._theme.px
        fit = (width + px(GAP)) // px(LEAST_WIDTH + GAP)
        return max(min(fit, len(self._cards)), 1)

    def _again(self) -> None:
        self.updateGeometry()
        self._place()

    def _place(self) -> None:
        px, columns = self._theme.px, self._columns(self.width())
        width = (self.width() - (columns - 1) * px(GAP)) // columns
        for number, card in enumerate(self._cards.values()):
            row, column = divmod(number, columns)
            left, top = column * (width + px(GAP)), row * px(HEIGHT + GAP)
            card.setGeometry(left, top, width, px(HEIGHT))

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        """More lines where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines."""
        rows = -(-len(self._cards) // self._columns(width))
        return rows * self._theme.px(HEIGHT + GAP) - self._theme.px(GAP)

    def sizeHint(self) -> QSize:
        """All on one line."""
        return QSize(self._theme.px(len(self._cards) * (LEAST_WIDTH + GAP)), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """One beside the other."""
        return QSize(self._theme.px(LEAST_WIDTH), self._theme.px(HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._place()


class NetworkCard(QAbstractButton):
    """One network: its name, whether its money is real, its chain id."""

    def __init__(self, theme: Theme, network: Network, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._network = network
        self.setCheckable(True)
        self.setText(network.title)
        self.setAccessibleName(f"{network.title}, {network.money}, chain {network.chain_id}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        ring(self, radius=theme.radius("card"))
        theme.changed.connect(self.update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, radio, words."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        rest = "bg-hover" if self.underMouse() else "bg-surface"
        painter.setBrush(theme.color("accent-soft" if on else rest))
        painter.setPen(QPen(theme.color("accent-line" if on else "line"), 1))
        radius = theme.radius("card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        self._radio(painter, QRect(px(SIDE), px(14), px(RADIO), px(RADIO)), on=on)
        font = QFont(theme.font("body"))
        font.setWeight(QFont.Weight.Medium)
        left = px(SIDE + RADIO + 8)
        self._write(painter, font, "text", QRect(left, px(12), 0, px(20)), self.text())
        icons = {"Real": "globe", "Test": "flask-conical"}
        icon = icons.get(self._network.money.split()[0], "coins")
        painter.drawPixmap(px(SIDE), px(48), theme.pixmap(icon, 12, "text-3"))
        money = QRect(px(SIDE + 17), px(46), 0, px(16))
        self._write(
            painter, theme.font("small"), "text-2" if on else "text-3", money, self._network.money
        )
        chain = QRect(px(SIDE), px(63), 0, px(16))
        text = f"chain {self._network.chain_id}"
        self._write(painter, theme.font("mono_small"), "text-2" if on else "text-3", chain, text)
        painter.end()

    def _radio(self, painter: QPainter, area: QRect, *, on: bool) -> None:
        theme = self._theme
        painter.setBrush(theme.color("accent" if on else "bg-app"))
        painter.setPen(QPen(theme.color("accent" if on else "line-control"), 1))
        painter.drawEllipse(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5))
        if on:
            inset = area.width() * 5 / 16
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("on-accent"))
            painter.drawEllipse(QRectF(area).adjusted(inset, inset, -inset, -inset))

    def _write(self, painter: QPainter, font: QFont, token: str, area: QRect, text: str) -> None:
        area.setRight(self.width() - self._theme.px(8))
        painter.setFont(font)
        painter.setPen(self._theme.color(token))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
