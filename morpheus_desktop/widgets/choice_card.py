"""One of a few ways, as a card with a radio button: title, sentence, a figure at the right."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.card_button import CardButton

RADIO, LEAST = 16, (240, 56)


class ChoiceCard(CardButton):
    """Checked or not; whoever makes several says which one is."""

    def __init__(self, theme: Theme, title: str, sentence: str) -> None:
        super().__init__(theme, "box", LEAST)
        self._title = title
        self._fact = label("", "mono")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(title, "body_strong", wrap=True))
        words.addWidget(label(sentence, "small", "text-2", wrap=True))
        self._row.addLayout(words, 1)
        self._row.addWidget(self._fact)
        self._let_clicks_through()
        theme.changed.connect(self._measure)
        self._measure()

    def set_fact(self, text: str) -> None:
        """The figure at the right."""
        self._fact.setText(text)
        self.setAccessibleName(f"{self._title}, {text}")

    def _measure(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(14 + RADIO + 12), px(10), px(14), px(10))
        self._row.setSpacing(px(12))
        self.updateGeometry()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, border, radio."""
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "accent-soft" if on else "bg-hover" if self.underMouse() else "bg-surface"
        painter.setBrush(theme.color(ground))
        painter.setPen(QPen(theme.color("accent-line" if on else "line"), 1))
        radius = theme.radius("box")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        side = theme.px(RADIO)
        area = QRectF(theme.px(14), (self.height() - side) / 2, side, side)
        painter.setBrush(theme.color("accent" if on else "bg-app"))
        painter.setPen(QPen(theme.color("accent" if on else "line-control"), 1))
        painter.drawEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
        if on:
            inset = side * 5 / 16
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("on-accent"))
            painter.drawEllipse(area.adjusted(inset, inset, -inset, -inset))
        painter.end()
