"""Steps below each other: done, going on, failed, not yet."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.progress import Step, StepState
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.spinner import Spinner

CIRCLE, GAP = 24, 14
WORDS: dict[StepState, str] = {
    "waiting": "not yet",
    "working": "going on",
    "done": "done",
    "failed": "failed",
}


class Stepper(QWidget):
    """As many steps as there are."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show how far it is."""
        while len(self._rows) < len(steps):
            row = _Row(self._theme)
            self._rows.append(row)
            self._column.addWidget(row)
        for number, (row, step) in enumerate(zip(self._rows, steps, strict=True)):
            row.show_step(step, last=number == len(steps) - 1)


class _Row(QWidget):
    """A circle, a line to the next one, words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._state: StepState = "waiting"
        self._last = False
        self._title = label("", "body_strong", wrap=True)
        self._detail = label("", "small", "text-2", wrap=True)
        self._spinner = Spinner(theme, CIRCLE, "accent")
        self._spinner.setParent(self)
        words = QVBoxLayout()
        words.setContentsMargins(0, 2, 0, 18)
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        self._line = QHBoxLayout(self)
        self._line.addLayout(words, 1)
        theme.changed.connect(self._measure)
        self._measure()

    def show_step(self, step: Step, *, last: bool) -> None:
        """Show one step."""
        self._state, self._last = step.state, last
        waiting = step.state == "waiting"
        self._title.setText(step.title)
        self._title.set_tone("text-3" if waiting else "text")
        self._detail.setText(step.detail)
        self._detail.set_tone("text-3" if waiting else "text-2")
        self._detail.setVisible(bool(step.detail))
        self._spinner.setVisible(step.state == "working")
        self.setAccessibleName(f"{step.title}: {WORDS[step.state]}")
        self.update()

    def _measure(self) -> None:
        px = self._theme.px
        self._line.setContentsMargins(px(CIRCLE + GAP), 0, 0, 0)
        self._spinner.move(0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Circle with its sign, and the line below."""
        theme, side = self._theme, self._theme.px(CIRCLE)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._last:
            done = self._state == "done"
            painter.setPen(QPen(theme.color("accent" if done else "line-strong"), 2))
            painter.drawLine(QPointF(side / 2, side + 3), QPointF(side / 2, self.height() - 3))
        if self._state != "working":
            self._circle(painter, QRectF(0, 0, side, side))
        painter.end()

    def _circle(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        looks = {
            "done": ("accent", "check", "on-accent"),
            "failed": ("danger-solid", "x", "on-danger"),
        }
        if self._state in looks:
            ground, icon, ink = looks[self._state]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(ground))
            painter.drawEllipse(area)
            pixmap = theme.pixmap(icon, 14, ink)
            inset = (area.width() - pixmap.deviceIndependentSize().width()) / 2
            painter.drawPixmap(QPointF(inset, inset), pixmap)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("line-control"), 2))
            painter.drawEllipse(area.adjusted(1, 1, -1, -1))
