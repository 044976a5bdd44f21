"""The steps at the left: done, open, still to come."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.mark import Mark

WIDTH, ROW, CIRCLE = 280, 44, 24


class StepRail(QFrame):
    """The name of the way, its steps, and at the bottom what closing means."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._title = label("", "lead")
        self._steps = StepList(theme)
        self._foot = label("", "small", "text-3", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Mark(20, theme))
        head.addWidget(self._title, 1)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addSpacing(40)
        self._column.addWidget(self._steps)
        self._column.addStretch()
        self._column.addWidget(self._foot)
        theme.changed.connect(self._measure)
        self._measure()

    def show_steps(self, title: str, steps: tuple[str, ...], at: int, foot: str) -> None:
        """Say which step is open."""
        self._title.setText(title)
        self._steps.show_steps(steps, at)
        self._foot.setText(foot)

    def _measure(self) -> None:
        px = self._theme.px
        self.setFixedWidth(px(WIDTH))
        self._column.setContentsMargins(px(28), px(40), px(28), px(40))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground and the hairline towards the step."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg-sidebar"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.color("line-subtle"))
        painter.end()


class StepList(QWidget):
    """A circle and a title for each step."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[str, ...] = ()
        self._at = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_steps(self, steps: tuple[str, ...], at: int) -> None:
        """Mark one as open; those before it are done."""
        self._steps, self._at = steps, at
        self.setAccessibleName(f"Step {at + 1} of {len(steps)}: {steps[at]}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(0, len(self._steps) * self._theme.px(ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """All rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = self._theme.px
        for number, title in enumerate(self._steps):
            row = QRect(0, number * px(ROW), self.width(), px(ROW))
            circle = QRect(0, row.center().y() - px(CIRCLE) // 2, px(CIRCLE), px(CIRCLE))
            self._circle(painter, circle, number)
            font = QFont(self._theme.font("body"))
            bold = QFont.Weight.DemiBold if number == self._at else QFont.Weight.Medium
            font.setWeight(bold)
            painter.setFont(font)
            done = "text-2" if number < self._at else "text-3"
            painter.setPen(self._theme.color("text" if number == self._at else done))
            words = row.adjusted(px(CIRCLE + 12), 0, 0, 0)
            painter.drawText(
                words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title
            )
        painter.end()

    def _circle(self, painter: QPainter, area: QRect, number: int) -> None:
        theme = self._theme
        color = theme.color
        if number < self._at:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawEllipse(area)
            pixmap = theme.pixmap("check", 14, "on-accent")
            inset = (area.width() - round(pixmap.deviceIndependentSize().width())) // 2
            painter.drawPixmap(area.x() + inset, area.y() + inset, pixmap)
            return
        now = number == self._at
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("accent" if now else "line-control"), 1))
        painter.drawEllipse(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5))
        font = QFont(theme.font("small"))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(color("accent-text" if now else "text-3"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(number + 1))
