"""Rows of a settings section: words at the left, a control at the right, a problem below."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from morpheus_desktop.widgets.basic import Label, label, rule

WIDTH = 760


class Section(QScrollArea):
    """A scrolling column with a title; `rows` go into cards."""

    def __init__(self, title: str, about: str = "") -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(24, 20, 24, 24)
        self.column.setSpacing(12)
        self.column.addWidget(label(title, "lead"))
        if about:
            self.column.addWidget(label(about, "body", "text-2", wrap=True))
        inside.setMaximumWidth(WIDTH + 64)
        self.setWidget(inside)

    def card(self, title: str = "") -> "Card":
        """A new card, with a title above it when there is one."""
        if title:
            heading = label(title, "label", "text-3")
            heading.setContentsMargins(0, 8, 0, 0)
            self.column.addWidget(heading)
        made = Card()
        self.column.addWidget(made)
        return made

    def finish(self) -> None:
        """Keep the cards at the top."""
        self.column.addStretch()


class Card(QFrame):
    """Rows with hairlines between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 4, 16, 4)
        self._column.setSpacing(0)
        self._problems: dict[str, Label] = {}

    def row(self, title: str, about: str, *controls: QWidget, setting: str = "") -> None:
        """Add a row; `setting` names the value that `show_problem` is about."""
        if self._column.count():
            self._column.addWidget(rule())
        line = QHBoxLayout()
        line.setContentsMargins(0, 10, 0, 10)
        line.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(title))
        if about:
            words.addWidget(label(about, "small", "text-3", wrap=True))
        line.addLayout(words, 1)
        for control in controls:
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column.addLayout(line)
        if setting:
            problem = label("", "small", "danger", wrap=True)
            problem.hide()
            self._problems[setting] = problem
            self._column.addWidget(problem)

    def show_problem(self, setting: str, text: str) -> None:
        """Say why a value was not taken; an empty text takes it back."""
        if (where := self._problems.get(setting)) is not None:
            where.setText(text)
            where.setVisible(bool(text))

    def add(self, widget: QWidget) -> None:
        """Add something that is not a row."""
        if self._column.count():
            self._column.addWidget(rule())
        self._column.addWidget(widget)
