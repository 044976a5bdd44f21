"""Paragraphs, headings, lists and quotations as one selectable text.

Showing a longer version of the same text changes only what differs at its end, so a streamed
answer is laid out once and not again with every token.
"""

from collections.abc import Iterator, Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.blocks import BOLD, CHIP, CODE, ITALIC, STRIKE, Span, Text
from morpheus_desktop.chat.text_view import (
    GAP,
    MARKER,
    PADDING,
    QUOTE,
    InertText,
    block_format,
    blocks_between,
)
from morpheus_desktop.theme import Theme

_FONTS = {"p": "reading", "h1": "figure", "h2": "heading", "h3": "lead", "hr": "reading"}
_LINES = {"p": 24, "h1": 28, "h2": 24, "h3": 24, "hr": 16}
TOP_GAPS = {"h1": 16, "h2": 16, "h3": 12}
_NO_BREAK_SPACE = "\u00a0"


class Prose(InertText):
    """Text blocks of one message."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._blocks: tuple[Text, ...] = ()
        self._formats: dict[tuple[str, int], QTextCharFormat] = {}
        self._boxes: list[tuple[int, int]] = []  # inline code and chips: positions
        self._caret = False

    def set_blocks(self, blocks: Sequence[Text]) -> None:
        """Show these blocks; what is shown already is kept as far as it is the same."""
        new = tuple(blocks)
        if new == self._blocks:
            return
        same = _common(self._blocks, new)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if not self._extend(cursor, same, new):
            self._rewrite(cursor, same, new)
        cursor.endEditBlock()
        self._blocks = new

    def set_caret(self, *, shown: bool) -> None:
        """Show the block caret behind the last character."""
        self._caret = shown
        self.viewport().update()

    @property
    def natural_width(self) -> int:
        """The width of the longest line as it is laid out now."""
        return ceil(self.document().idealWidth())

    def restyle(self) -> None:
        """Write everything again with the present fonts and colours."""
        self._formats.clear()
        blocks, self._blocks = self._blocks, ()
        self.set_blocks(())
        cursor = QTextCursor(self.document())
        self._rewrite(cursor, 0, blocks)
        self._blocks = blocks

    # --- writing -----------------------------------------------------------------------------

    def _extend(self, cursor: QTextCursor, same: int, new: tuple[Text, ...]) -> bool:
        """The common case while streaming: the last span has become longer."""
        old = self._blocks
        if not (same == len(old) - 1 and len(new) >= len(old) and old[same].spans):
            return False
        before, after = old[same], new[same]
        count = len(before.spans)
        if before._replace(spans=()) != after._replace(spans=()) or len(after.spans) < count:
            return False
        last, longer = before.spans[-1], after.spans[count - 1]
        if before.spans[:-1] != after.spans[: count - 1] or last[1:] != longer[1:]:
            return False
        boxed = last.style & (CODE | CHIP) or last.link
        if not longer.text.startswith(last.text) or (boxed and longer != last):
            return False
        cursor.movePosition(QTextCursor.MoveOperation.End)
        added = (longer._replace(text=longer.text[len(last.text) :]), *after.spans[count:])
        self._insert(cursor, after, added)
        self._append(cursor, new[same + 1 :])
        return True

    def _rewrite(self, cursor: QTextCursor, same: int, new: tuple[Text, ...]) -> None:
        start = self.document().findBlockByNumber(same)
        if start.isValid():
            cursor.setPosition(start.position())
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            self._boxes = [box for box in self._boxes if box[1] <= start.position()]
            if same < len(new):
                self._format_block(cursor, new[same], first=same == 0)
                self._insert(cursor, new[same], new[same].spans)
                same += 1
            elif same:
                cursor.deletePreviousChar()
                self._format_block(cursor, new[same - 1], first=same == 1)
            else:
                cursor.setBlockFormat(QTextBlockFormat())
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        self._append(cursor, new[same:])

    def _append(self, cursor: QTextCursor, blocks: Sequence[Text]) -> None:
        for block in blocks:
            cursor.insertBlock()
            self._format_block(cursor, block, first=False)
            self._insert(cursor, block, block.spans)

    def _format_block(self, cursor: QTextCursor, block: Text, *, first: bool) -> None:
        px = self.theme.px
        top = 0 if first or not block.gap else px(TOP_GAPS.get(block.kind, 8))
        left = px(14) * block.quote
        if block.depth:
            left += px(20) * (block.depth - 1) + self._marker_width(block.marker_chars)
        style = block_format(px(_LINES[block.kind]), top=top, left=left)
        style.setProperty(MARKER, block.marker)
        style.setProperty(QUOTE, block.quote)
        style.setProperty(GAP, block.gap)
        cursor.setBlockFormat(style)
        cursor.setBlockCharFormat(self._format(block.kind, 0))

    def _marker_width(self, chars: int) -> int:
        """Room for a bullet, or for numbers of at least two digits, so that lists line up."""
        if chars == 1:
            return self.theme.px(20)
        digit = QFontMetricsF(self.theme.font("reading")).horizontalAdvance("0")
        return round(digit * max(chars, 3)) + self.theme.px(4)

    def _insert(self, cursor: QTextCursor, block: Text, spans: Sequence[Span]) -> None:
        for span in spans:
            style = self._format(block.kind, span.style)
            if span.link:
                style = self.link_format(style, span.link)
            start = cursor.position()
            boxed = span.style & (CODE | CHIP)
            if boxed:
                self._pad(cursor)
            self.put(cursor, span.text, style)
            if boxed:
                self._pad(cursor)
                self._boxes.append((start, cursor.position()))

    def _pad(self, cursor: QTextCursor) -> None:
        padding = QTextCharFormat(self._format("p", 0))
        padding.setProperty(PADDING, True)
        cursor.insertText(_NO_BREAK_SPACE, padding)

    def _format(self, kind: str, style: int) -> QTextCharFormat:
        known = self._formats.get((kind, style))
        if known is not None:
            return known
        font = QFont(self.theme.font("code" if style & CODE else _FONTS[kind]))
        if style & CODE and kind != "p":
            font.setPixelSize(QFont(self.theme.font(_FONTS[kind])).pixelSize())
        if style & BOLD:
            font.setWeight(QFont.Weight.DemiBold)
        font.setItalic(bool(style & ITALIC))
        font.setStrikeOut(bool(style & STRIKE))
        made = QTextCharFormat()
        made.setFont(font)
        made.setForeground(self.theme.color("text-2" if style & CHIP else "text"))
        self._formats[kind, style] = made
        return made

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(event.rect())
        self._paint_boxes(painter, area)
        self._paint_margins(painter, area)
        painter.end()
        super().paintEvent(event)
        if self._caret:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_caret(painter)
            painter.end()

    def _paint_boxes(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(self.theme.color("line-subtle"))
        painter.setBrush(self.theme.color("bg-raised"))
        radius = self.theme.px(4)
        for start, end in self._boxes:
            for box in self._boxes_of(start, end):
                if box.intersects(area):
                    painter.drawRoundedRect(box, radius, radius)

    def _boxes_of(self, start: int, end: int) -> Iterator[QRectF]:
        layout = self.document().documentLayout()
        for block in blocks_between(self.document(), start, end - 1):
            corner = layout.blockBoundingRect(block).topLeft()
            lines = block.layout()
            for number in range(lines.lineCount()):
                line = lines.lineAt(number)
                first = max(start - block.position(), line.textStart())
                last = min(end - block.position(), line.textStart() + line.textLength())
                if first < last:
                    left, right = _x(line.cursorToX(first)), _x(line.cursorToX(last))
                    left, right = min(left, right), max(left, right)
                    height = block.blockFormat().lineHeight() - self.theme.px(4)
                    top = round(corner.y() + line.y() + line.ascent() - 0.74 * height) + 0.5
                    yield QRectF(corner.x() + left, top, right - left, height - 1)

    def _paint_margins(self, painter: QPainter, area: QRectF) -> None:
        layout = self.document().documentLayout()
        block = self.document().begin()
        while block.isValid():
            box = layout.blockBoundingRect(block)
            if box.top() > area.bottom():
                return
            if box.bottom() >= area.top():
                self._paint_margin(painter, block, box)
            block = block.next()

    def _paint_margin(self, painter: QPainter, block: QTextBlock, box: QRectF) -> None:
        style = block.blockFormat()
        if quotes := style.intProperty(QUOTE):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("line-strong"))
            previous = block.previous().blockFormat().intProperty(QUOTE)
            for level in range(quotes):
                top = box.top() - (style.topMargin() if level < previous else -self.theme.px(2))
                x = self.theme.px(14) * level
                height = box.bottom() + self.theme.px(8) - top
                painter.drawRect(QRectF(x, top, self.theme.px(3), height))
        if marker := style.stringProperty(MARKER):
            self._paint_marker(painter, block, box, marker)
        number = block.blockNumber()
        if number < len(self._blocks) and self._blocks[number].kind == "hr":
            painter.setPen(self.theme.color("line"))
            y = round(box.top() + style.lineHeight() / 2) + 0.5
            painter.drawLine(QPointF(style.leftMargin(), y), QPointF(self.viewport().width(), y))

    def _paint_marker(self, painter: QPainter, block: QTextBlock, box: QRectF, marker: str) -> None:
        style = block.blockFormat()
        font = self.theme.font("reading")
        painter.setFont(font)
        painter.setPen(self.theme.color("text" if len(marker) == 1 else "text-2"))
        line = block.layout().lineAt(0)
        baseline = box.top() + line.y() + line.ascent()
        width = QFontMetricsF(font).horizontalAdvance(marker)
        x = style.leftMargin() - width - self.theme.px(8)
        painter.drawText(QPointF(max(0.0, x), baseline), marker)

    def _paint_caret(self, painter: QPainter) -> None:
        px = self.theme.px
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        at = self.cursorRect(end)
        x = min(at.right() + px(4), self.viewport().width() - px(8))
        box = QRectF(x, at.center().y() - px(8) + 1, px(8), px(16))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent"))
        painter.drawRoundedRect(box, px(2), px(2))


def _common(old: Sequence[Text], new: Sequence[Text]) -> int:
    count = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        count += 1
    return count


def _x(value: object) -> float:
    """PySide gives the position alone or with the cursor, depending on its version."""
    return float(value[0] if isinstance(value, tuple) else value)  # type: ignore[arg-type]
