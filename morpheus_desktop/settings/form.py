"""What the sections of the settings are made of: cards of rows, each with a control at the right.

A row that has not room enough for both puts its control below its words. Rows are found by their
words (`keep_matching`), and say below themselves why a value was not taken.
"""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.matching import fold
from morpheus_desktop.widgets.basic import Picture, label

WIDTH = 760
SIDE, ICON = 16, 16
# A row is split in two lines before its words become narrower than this.
WORDS_WIDTH = 200
CardType = TypeVar("CardType", bound="Card")
PROBLEM_ICONS = {"danger": "circle-x", "warn": "triangle-alert"}


class Section(QScrollArea):
    """A scrolling column of cards, up to `width` at 100 % text."""

    def __init__(self, theme: Theme, title: str, *, width: int = WIDTH) -> None:
        super().__init__()
        self.theme = theme
        self._width = width
        self.title = title
        self._cards: list[Card] = []
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(title)
        inside = QWidget()
        self._outer = QVBoxLayout(inside)
        self._outer.setSpacing(0)
        self.column = QVBoxLayout()
        self.column.setSpacing(16)
        self._outer.addLayout(self.column)
        self._outer.addStretch()
        self._inside = inside
        self.setWidget(inside)
        theme.changed.connect(self._measure)
        self._measure()

    def card(self, title: str = "", about: str = "") -> "Card":
        """A new card, with a title above it when there is one."""
        return self.add_card(Card(self.theme, title, about))

    def add_card(self, card: CardType) -> CardType:
        """Add a card that was made elsewhere."""
        self._cards.append(card)
        self.column.addWidget(card)
        return card

    def keep_matching(self, words: str) -> bool:
        """Show only the rows that have all these words; whether any is left."""
        wanted = fold(words).split()
        found = [card.keep_matching(wanted, self.title) for card in self._cards]
        return any(found)

    def show_problem(self, setting: str, text: str) -> None:
        """Say at its row why a value was not taken."""
        for card in self._cards:
            card.show_problem(setting, text)

    def clear_problems(self) -> None:
        """Take back what `show_problem` said."""
        for card in self._cards:
            card.clear_problems()

    def _measure(self) -> None:
        px = self.theme.px
        self._outer.setContentsMargins(px(24), px(20), px(24), px(24))
        self._inside.setMaximumWidth(px(self._width) + 2 * px(24))


class Card(QWidget):
    """A title and rows with hairlines between them; gone while none of its rows is found."""

    def __init__(self, theme: Theme, title: str, about: str) -> None:
        super().__init__()
        self._theme = theme
        self._title = title
        self.rows: list[Row] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if title:
            column.addWidget(label(title, "lead"))
        if about:
            column.addWidget(label(about, "small", "text-2", wrap=True))
        if title or about:
            column.addSpacing(8)
        frame = QFrame()
        frame.setObjectName("card")
        self._column = QVBoxLayout(frame)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        column.addWidget(frame)

    def row(
        self, icon: str, title: str, about: str, *controls: QWidget, setting: str = ""
    ) -> "Row":
        """Add a row; `setting` names the value that `show_problem` is about."""
        made = Row(self._theme, icon, title, about, controls, setting)
        self.add(made)
        return made

    def add(self, row: "Row") -> None:
        """Add a row that was made elsewhere."""
        self.rows.append(row)
        self._column.addWidget(row)
        self._draw_lines()

    def remove(self, row: "Row") -> None:
        """Take a row away for good."""
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._draw_lines()

    def keep_matching(self, wanted: list[str], section: str) -> bool:
        """Show the rows that have all words; whether any is left."""
        around = fold(f"{section} {self._title} ")
        for row in self.rows:
            row.setVisible(all(word in around + row.words for word in wanted))
        found = any(not row.isHidden() for row in self.rows)
        self.setVisible(found)
        self._draw_lines()
        return found

    def show_problem(self, setting: str, text: str) -> None:
        """Say at its row why a value was not taken."""
        for row in self.rows:
            if row.setting == setting:
                row.say(text, "danger")

    def clear_problems(self) -> None:
        """Take back what `show_problem` said."""
        for row in self.rows:
            if row.setting:
                row.say("")

    def _draw_lines(self) -> None:
        shown = [row for row in self.rows if not row.isHidden()]
        for row in shown:
            row.lined = row is not shown[0]
            row.update()


class Row(QWidget):
    """An icon, a title, a sentence, and controls."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        about: str,
        controls: tuple[QWidget, ...] = (),
        setting: str = "",
    ) -> None:
        super().__init__()
        self._theme = theme
        self.setting = setting
        self.lined = False
        self._title = label(title, wrap=True)
        self._title.setObjectName("rowTitle")
        self._about = label("", "small", "text-3", wrap=True)
        self.set_about(about)
        self._problem = label("", "small", "danger", wrap=True)
        self._problem_icon = Picture(theme, "circle-x", 14, "danger")
        self._below = QWidget()
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lead = QHBoxLayout()
        self._controls = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._lay_out(Picture(theme, icon, ICON, "text-3"), controls)
        self.say("")
        theme.changed.connect(self._measure)
        self._measure()

    @property
    def words(self) -> str:
        """What it is found by."""
        return fold(f"{self._title.text()} {self._about.text()}")

    def set_about(self, text: str) -> None:
        """Say something else below the title."""
        self._about.setText(text)
        self._about.setVisible(bool(text))

    def add_below(self, widget: QWidget) -> None:
        """Put something that needs the whole width below the words."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def say(self, text: str, tone: str = "danger") -> None:
        """Say below the row what is wrong with it; "" takes it back."""
        self._problem.setText(text)
        self._problem.set_tone(tone)
        self._problem_icon.set(PROBLEM_ICONS[tone], tone)
        self._below.setVisible(bool(text))

    @property
    def said(self) -> str:
        """What is wrong with it, or empty."""
        return self._problem.text()

    def _lay_out(self, icon: QWidget, controls: tuple[QWidget, ...]) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._about)
        self._lead.addWidget(icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._lead.addLayout(words, 1)
        self._controls.addStretch()
        for control in controls:
            self._controls.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._line.addLayout(self._lead, 1)
        self._line.addLayout(self._controls)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(6)
        below.addWidget(self._problem_icon, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._problem, 1)
        self._column.addLayout(self._line)
        self._column.addWidget(self._below)

    def _measure(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(SIDE), px(8), px(SIDE), px(8))
        self._column.setSpacing(px(4))
        self._line.setSpacing(px(12))
        self._lead.setSpacing(px(12))
        self._controls.setSpacing(px(8))
        self._turn()

    def _turn(self) -> None:
        """Beside each other, or below each other where there is not the room."""
        px = self._theme.px
        controls = self._controls.sizeHint().width()
        need = px(ICON + WORDS_WIDTH) + 2 * px(12) + controls + 2 * px(SIDE)
        narrow = controls > 0 and self.width() < need
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if way != self._line.direction():
            self._line.setDirection(way)
            self.updateGeometry()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._turn()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hairline above, between rows."""
        if self.lined:
            painter = QPainter(self)
            painter.fillRect(0, 0, self.width(), 1, self._theme.color("line-subtle"))
            painter.end()
