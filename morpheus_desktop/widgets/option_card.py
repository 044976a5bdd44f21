"""A large choice: icon tile, title with a chip, a sentence, a fact at the right; one button."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Chip, Picture, Tone, label
from morpheus_desktop.widgets.card_button import CardButton

TILE = 40
LEAST = 280, 84
# In a narrower card the words need the room of the fact.
FACT_FROM = 520


class OptionCard(CardButton):
    """One choice. The first one of a list is `lit`: it is what most people want."""

    def __init__(self, theme: Theme, *, lit: bool = False) -> None:
        super().__init__(theme, "card", LEAST)
        self._lit = lit
        self._tile = _Tile(theme, lit=lit)
        self._title = label("", "lead")
        self._chip = Chip(theme, "")
        self._sentence = label("", "body", "text-2", wrap=True)
        self._fact = label("", "small", "text-3")
        self._arrow = Picture(theme, "chevron-right", 16, "text-3")
        self._lay_out()
        theme.changed.connect(self._measure)
        self._measure()

    def show_option(
        self,
        icon: str,
        title: str,
        sentence: str,
        fact: str,
        *,
        chip: str = "",
        chip_tone: Tone = "",
    ) -> None:
        """Say what is chosen with it."""
        self._tile.show_icon(icon)
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._fact.setText(fact)
        self._chip.setVisible(bool(chip))
        if chip:
            self._chip.set(chip, chip_tone)
        words = [title, chip, sentence, fact]
        self.setAccessibleName(". ".join(word.rstrip(".") for word in words if word))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._chip)
        head.addStretch()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        words.addLayout(head)
        words.addWidget(self._sentence)
        words.addStretch()
        self._row.setSpacing(16)
        self._row.addWidget(self._tile)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._fact)
        self._row.addWidget(self._arrow)
        self._let_clicks_through()

    def _measure(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(16), px(10), px(16), px(10))
        self.setMinimumHeight(px(LEAST[1]))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the fact out where it is narrow."""
        super().resizeEvent(event)
        self._fact.setVisible(self.width() >= self._theme.px(FACT_FROM))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        if self.isDown():
            ground = "bg-active"
        elif self._lit:
            ground = "accent-soft"
        else:
            ground = "bg-hover" if self.underMouse() else "bg-surface"
        lit_line = "accent" if self.underMouse() else "accent-line"
        painter.setBrush(color(ground))
        painter.setPen(QPen(color(lit_line if self._lit else "line-subtle"), 1))
        radius = self._theme.radius("card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class _Tile(QWidget):
    """The icon on its square ground."""

    def __init__(self, theme: Theme, *, lit: bool) -> None:
        super().__init__()
        self._theme = theme
        self._lit = lit
        self._icon = ""
        theme.changed.connect(self._measure)
        self._measure()

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon = name
        self.update()

    def _measure(self) -> None:
        self.setFixedSize(self._theme.px(TILE), self._theme.px(TILE))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent" if self._lit else "bg-raised"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if self._icon:
            token = "on-accent" if self._lit else "text-2"
            pixmap = self._theme.pixmap(self._icon, 20, token)
            inset = (self.width() - pixmap.deviceIndependentSize().width()) / 2
            painter.drawPixmap(round(inset), round(inset), pixmap)
