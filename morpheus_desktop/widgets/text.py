"""Labels: plain text in a type style, at the line height of that style.

Size, weight and line height come from the stylesheet (`style.label_rule`), so that a label needs
no theme and still follows each change.
"""

from PySide6.QtCore import Property, QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from morpheus_desktop.widgets.tip import set_tip

MONO = frozenset({"mono", "mono_small", "code"})
WIDEST_CHARACTERS = 80
NARROWEST_CHARACTERS = 12
SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


class Label(QLabel):
    """Text that is shown as it is, never as markup.

    Wrapped text keeps the line height of its style (a plain QLabel does not know one); cut text
    ends in an ellipsis and shows all of it in the tooltip.
    """

    def __init__(self, text: str, style: str, tone: str, *, wrap: bool, cut: bool) -> None:
        super().__init__(text)
        self._line_height = 0
        self._bold = 0
        self._bold_color = QColor()
        self._cut = cut
        self._lines: tuple[int, QTextLayout] | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", style)
        self.setProperty("tone", tone)
        if style in MONO:
            # The stylesheet cannot say it: zeros are slashed, and != stays two characters.
            font = QFont()
            for tag, value in {"zero": 1, "calt": 0, "liga": 0}.items():
                font.setFeature(QFont.Tag(tag), value)
            self.setFont(font)
        if wrap:
            self.setWordWrap(True)
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        if cut:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_tone(self, tone: str) -> None:
        """Another colour."""
        set_property(self, "tone", tone)

    def set_words(self, bold: str, rest: str = "") -> None:
        """Say something that begins with bold words."""
        self._bold = _units(bold)
        self.setText(f"{bold} {rest}".strip())

    def setText(self, text: str) -> None:
        """Show another text."""
        self._lines = None
        super().setText(text)

    def _get_line_height(self) -> int:
        return self._line_height

    def _set_line_height(self, pixels: int) -> None:
        if pixels != self._line_height:
            self._line_height = pixels
            self._lines = None
            self.updateGeometry()

    lineHeight = Property(int, _get_line_height, _set_line_height)

    def _get_bold_color(self) -> QColor:
        return self._bold_color

    def _set_bold_color(self, color: QColor) -> None:
        self._bold_color = color
        self._lines = None

    boldColor = Property(QColor, _get_bold_color, _set_bold_color)

    @property
    def _painted_here(self) -> bool:
        return self.wordWrap() and not self.textInteractionFlags() & SELECTABLE

    def _laid_out(self, width: int) -> QTextLayout:
        """The lines at a width, each in the middle of its height."""
        if self._lines is not None and self._lines[0] == width:
            return self._lines[1]
        # Qt's own sign for a line that ends inside a paragraph.
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        option = QTextOption(
            QStyle.visualAlignment(self.layoutDirection(), self.alignment())
            & Qt.AlignmentFlag.AlignHorizontal_Mask
        )
        option.setTextDirection(self.layoutDirection())
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats(self._formats())
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            height = max(self._line_height, line.height())
            line.setPosition(QPointF(0, top + (height - line.height()) / 2))
            top += height
        layout.endLayout()
        self._lines = (width, layout)
        return layout

    def _formats(self) -> list[QTextLayout.FormatRange]:
        if not self._bold:
            return []
        part = QTextLayout.FormatRange()
        part.start, part.length = 0, self._bold
        look = QTextCharFormat()
        look.setFontWeight(QFont.Weight.DemiBold)
        look.setForeground(self._bold_color)
        part.format = look
        return [part]

    def _text_height(self, width: int) -> int:
        layout = self._laid_out(width)
        natural = round(QFontMetrics(self.font()).height())
        return layout.lineCount() * max(self._line_height, natural)

    def _frame(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        """Wrapped text is higher where there is less room."""
        return self.wordWrap()

    def heightForWidth(self, width: int) -> int:
        """All lines at their height."""
        if not self._painted_here:
            return super().heightForWidth(width)
        frame = self._frame()
        inside = max(min(width, self.maximumWidth()) - frame.width(), 1)
        return self._text_height(inside) + frame.height()

    def sizeHint(self) -> QSize:
        """On one line where that is not too wide."""
        hint = super().sizeHint()
        if not self._painted_here:
            return hint.expandedTo(QSize(0, self._line_height))
        metrics = QFontMetrics(self.font())
        natural = max(metrics.horizontalAdvance(line) for line in self.text().split("\n"))
        if self._bold:
            natural = round(natural * 1.06) + 1
        widest = WIDEST_CHARACTERS * metrics.averageCharWidth()
        width = min(natural + 2, widest) + self._frame().width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One line; wrapped or cut text may be narrow."""
        least = NARROWEST_CHARACTERS * QFontMetrics(self.font()).averageCharWidth()
        if self._painted_here:
            height = self._line_height + self._frame().height()
            return QSize(min(least, self.sizeHint().width()), height)
        hint = super().minimumSizeHint().expandedTo(QSize(0, self._line_height))
        return QSize(min(least, hint.width()), hint.height()) if self._cut else hint

    def changeEvent(self, event: QEvent) -> None:
        """Lay the text out again in another font or direction."""
        self._lines = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what a plain label does not: line heights, bold words, the ellipsis."""
        if self._painted_here:
            self._paint_lines()
        elif self._cut:
            self._paint_cut()
        else:
            super().paintEvent(event)

    def _paint_lines(self) -> None:
        area = self.contentsRect()
        top = area.top()
        spare = area.height() - self._text_height(area.width())
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            top += max(spare // 2, 0)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        self._laid_out(area.width()).draw(painter, QPointF(area.left(), top))
        painter.end()

    def _paint_cut(self) -> None:
        area: QRect = self.contentsRect()
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        set_tip(self, self.text() if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            area, QStyle.visualAlignment(self.layoutDirection(), self.alignment()).value, shown
        )
        painter.end()


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the stylesheet looks at, and have it looked at again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _units(text: str) -> int:
    """How long Qt counts a text: in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2
