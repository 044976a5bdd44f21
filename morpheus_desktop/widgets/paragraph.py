"""Wrapped text at the line height of its type style, which a plain QLabel does not know."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy

from morpheus_desktop.theme import Theme

WIDEST = 560
NARROWEST = 80


class Paragraph(QLabel):
    """Shows its text as it is, never as markup; line breaks in it are kept."""

    def __init__(self, theme: Theme, text: str, style: str = "body", tone: str = "text") -> None:
        super().__init__(text)
        self._theme = theme
        self._style = style
        self._tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._measure)

    def _measure(self) -> None:
        self.updateGeometry()
        self.update()

    def _layout(self, text: str, width: int) -> QTextLayout:
        layout = QTextLayout(text, self._theme.font(self._style))
        option = QTextOption(self.alignment())
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
        layout.endLayout()
        return layout

    def _lines(self, width: int) -> list[QTextLayout]:
        return [self._layout(part, width) for part in self.text().split("\n")]

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines at their height."""
        margins = self.contentsMargins()
        inside = max(width - margins.left() - margins.right(), 1)
        lines = sum(layout.lineCount() for layout in self._lines(inside))
        height = lines * self._theme.line_height(self._style)
        return height + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """On one line where that is not too wide."""
        widest = max(layout.maximumWidth() for layout in self._lines(1_000_000))
        width = min(round(widest + 0.5) + 1, self._theme.px(WIDEST))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """A narrow column; its height is asked for by width."""
        return QSize(self._theme.px(NARROWEST), self._theme.line_height(self._style))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint line by line, each in the middle of its height."""
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._tone))
        area = self.contentsRect()
        height = self._theme.line_height(self._style)
        top = float(area.top())
        for layout in self._lines(area.width()):
            for number in range(layout.lineCount()):
                line = layout.lineAt(number)
                line.setPosition(QPointF(0, (height - line.height()) / 2 + number * height))
            layout.draw(painter, QPointF(area.left(), top))
            top += layout.lineCount() * height
