"""A table in its card: header row, hairlines, selectable text; too wide a one scrolls sideways."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableCell,
    QTextTableFormat,
)
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.blocks import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    Align,
    Cell,
    Table,
    plain_text,
)
from morpheus_desktop.chat.text_view import InertText, block_format, original_text
from morpheus_desktop.theme import Theme

HEAD = 32
ROW = 40
PAD_X = 16
WIDEST = 320  # a column never asks for more, its text wraps
RISE = 2  # Qt puts text lower into a high line than the design does
NARROWEST = 96  # nor is it squeezed below this, the table scrolls

_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def columns_for(natural: Sequence[int], width: int, narrowest: int) -> list[int]:
    """Widths of columns: their natural ones, stretched or squeezed to fill `width` if possible."""
    total = sum(natural)
    if total <= width:
        spare = width - total
        return _spread([want + spare / len(natural) for want in natural])
    least = [min(want, narrowest) for want in natural]
    room = width - sum(least)
    if room <= 0:
        return [min(want, 2 * narrowest) for want in natural]
    flexible = total - sum(least)
    return _spread(
        [low + room * (want - low) / flexible for want, low in zip(natural, least, strict=True)]
    )


def _spread(widths: list[float]) -> list[int]:
    """Whole numbers with the same sum."""
    out: list[int] = []
    exact = 0.0
    for width in widths:
        exact += width
        out.append(round(exact) - sum(out))
    return out


class TableText(InertText):
    """The cells of a table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._table: Table | None = None
        self._grid: QTextTable | None = None
        self._natural: list[int] = []
        self.setLineWrapMode(InertText.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    @property
    def table(self) -> Table | None:
        """What is shown."""
        return self._table

    def set_table(self, table: Table) -> None:
        """Show this table; if rows were added to the one shown, only they are made."""
        old, grid = self._table, self._grid
        if table == old:
            return
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        keep = 0
        if old is not None and grid is not None and (old.head, old.align) == table[::2]:
            keep = _same_rows(old.rows, table.rows)
            grid.resize(len(table.rows) + 1, len(table.head))
        else:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.removeSelectedText()
            self._grid = grid = cursor.insertTable(
                len(table.rows) + 1, len(table.head), QTextTableFormat()
            )
            self._natural = [0] * len(table.head)
            self._fill(grid, 0, table.head, table.align)
        for number in range(keep, len(table.rows)):
            self._fill(grid, number + 1, table.rows[number], table.align)
        cursor.endEditBlock()
        if old is None:
            self.rest_at_start()
        self._table = table

    def height_for(self, width: int) -> int:
        """Set the columns for `width`; the height with a scroll bar if one is needed."""
        assert self._grid is not None
        px = self.theme.px
        columns = columns_for(self._natural, width, px(NARROWEST))
        style = QTextTableFormat()
        style.setBorder(0)
        style.setBorderCollapse(True)
        style.setCellSpacing(0)
        style.setCellPadding(0)
        style.setHeaderRowCount(1)
        style.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.FixedLength, column) for column in columns]
        )
        if style != self._grid.format():
            self._grid.setFormat(style)
        scroll = px(12) if sum(columns) > width else 0
        return round(self.document().size().height()) + scroll

    def restyle(self) -> None:
        """Write everything again with the present fonts and colours."""
        table, self._table = self._table, None
        self._grid = None
        if table is not None:
            self.set_table(table)

    def selected_text(self) -> str:
        """The chosen cells, columns apart by tabs; within one cell the chosen text."""
        cursor, grid = self.textCursor(), self._grid
        if grid is None or not cursor.hasSelection():
            return ""
        first = grid.cellAt(cursor.selectionStart())
        last = grid.cellAt(cursor.selectionEnd())
        if first.isValid() and first == last:
            return super().selected_text()
        rows, columns = range(grid.rows()), range(grid.columns())
        if first.isValid() and last.isValid():
            rows = range(first.row(), last.row() + 1)
            left, right = sorted((first.column(), last.column()))
            columns = range(left, right + 1)
        return "\n".join(
            "\t".join(_cell_text(grid.cellAt(row, column)) for column in columns) for row in rows
        )

    def _fill(
        self, grid: QTextTable, row: int, cells: Sequence[Cell], align: Sequence[Align]
    ) -> None:
        px = self.theme.px
        height = px(16 if row == 0 else 20)
        room = px(HEAD if row == 0 else ROW) - height
        for column, spans in enumerate(cells):
            cell = grid.cellAt(row, column)
            cursor = cell.firstCursorPosition()
            cursor.setPosition(
                cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor
            )
            cursor.removeSelectedText()
            style = block_format(height)
            style.setAlignment(_ALIGN[align[column]])
            cursor.setBlockFormat(style)
            cursor.setBlockCharFormat(self._style(0, row))
            self._dress(cell, row, room)  # the last one: the line before shares its place
            for span in spans:
                chars = self._style(span.style, row)
                if span.link:
                    chars = self.link_format(chars, span.link)
                self.put(cursor, span.text, chars)
            self._measure(column, plain_text(spans), row)

    def _dress(self, cell: QTextTableCell, row: int, room: int) -> None:
        px, color = self.theme.px, self.theme.color
        style = cell.format().toTableCellFormat()
        style.setLeftPadding(px(PAD_X))
        style.setRightPadding(px(PAD_X))
        above = room // 2 - px(RISE)
        style.setTopPadding(above)
        style.setBottomPadding(room - above - (1 if row else 0))  # the line takes one
        if row:
            style.setTopBorder(1)
            style.setTopBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            style.setTopBorderBrush(QBrush(color("line" if row == 1 else "line-subtle")))
        cell.setFormat(style)

    def _measure(self, column: int, text: str, row: int) -> None:
        metrics = QFontMetricsF(self.theme.font("caption" if row == 0 else "body"))
        longest = max(text.split("\n"), key=len)[:80]
        px = self.theme.px
        wanted = min(round(metrics.horizontalAdvance(longest)) + 4, px(WIDEST)) + 2 * px(PAD_X)
        self._natural[column] = max(self._natural[column], wanted)

    def _style(self, style: int, row: int) -> QTextCharFormat:
        theme = self.theme
        head = row == 0
        font = QFont(theme.font("mono" if style & CODE else "caption" if head else "body"))
        if head or style & BOLD:
            font.setWeight(QFont.Weight.Medium)
        font.setItalic(bool(style & ITALIC))
        font.setStrikeOut(bool(style & STRIKE))
        made = QTextCharFormat()
        made.setFont(font)
        made.setForeground(theme.color("text-2" if head else "text"))
        return made


class TableView(QWidget):
    """One table block. Signals as of InertText."""

    link_clicked = Signal(str, str)
    copied = Signal(bool)

    def __init__(self, theme: Theme, table: Table, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = TableText(theme, self)
        self._text.setAccessibleName("Table")
        self._text.link_clicked.connect(self.link_clicked)
        self._text.copied.connect(self.copied)
        self._text.set_table(table)

    def set_table(self, table: Table) -> None:
        """Show this table."""
        self._text.set_table(table)

    def height_for(self, width: int) -> int:
        """Lay the table out in `width` pixels; its height."""
        height = self._text.height_for(width - 2)
        self._text.setGeometry(1, 1, width - 2, height)
        return height + 2

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        self._text.restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        px, color = self._theme.px, self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        painter.fillPath(card, color("bg-surface"))
        painter.setClipRect(0, 0, self.width(), px(HEAD) + 1)
        painter.fillPath(card, color("bg-raised"))
        painter.setClipping(False)
        painter.setPen(QPen(QColor(color("line-subtle"))))
        painter.drawPath(card)
        painter.end()


def _same_rows(old: Sequence[object], new: Sequence[object]) -> int:
    count = 0
    while count < min(len(old), len(new)) and old[count] == new[count]:
        count += 1
    return count


def _cell_text(cell: QTextTableCell) -> str:
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    return original_text(cursor).replace("\n", " ")
