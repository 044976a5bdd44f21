"""Blocks one under the other: prose, code and tables, updated in place while they grow."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.blocks import Block, Code, Table, Text
from morpheus_desktop.chat.code_view import CodeView
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat.table_view import TableView
from morpheus_desktop.theme import Theme

GAP = 8  # between paragraphs
CARD_GAP = 12  # above and below a code block or a table
LIST_INDENT = 20
RISE = 2  # Qt puts text lower into a high line than the design does

_Part = Prose | CodeView | TableView
_Run = tuple[Text, ...] | Code | Table


def runs_of(blocks: Sequence[Block]) -> Iterator[_Run]:
    """Neighbouring text blocks together, everything else alone."""
    texts: list[Text] = []
    for block in blocks:
        if isinstance(block, Text):
            texts.append(block)
            continue
        if texts:
            yield tuple(texts)
            texts = []
        yield block
    if texts:
        yield tuple(texts)


class Flow(QWidget):
    """The blocks of one stretch of a message.

    Signals:
        link_clicked, copied: as of InertText.
        height_changed: somebody wrapped the lines of a code block.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()

    def __init__(self, theme: Theme, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._runs: list[_Run] = []
        self._parts: list[_Part] = []
        self._caret = False

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Show these blocks, keeping every part that can be kept."""
        runs = list(runs_of(blocks))
        for index, run in enumerate(runs):
            if index < len(self._runs) and self._runs[index] == run:
                continue
            if index < len(self._parts) and _update(self._parts[index], run):
                continue
            self._cut(index)
            self._parts.append(self._make(run))
        self._cut(len(runs))
        self._runs = runs
        self.set_caret(shown=self._caret)

    def set_caret(self, *, shown: bool) -> None:
        """Show the block caret behind the last text."""
        self._caret = shown
        for index, part in enumerate(self._parts):
            if isinstance(part, Prose):
                part.set_caret(shown=shown and index == len(self._parts) - 1)

    def set_whole_code(self, source: Callable[[], str]) -> None:
        """What Copy takes in a code block that goes on in the next flows."""
        if self._parts and isinstance(part := self._parts[-1], CodeView):
            part.set_whole(source)

    @property
    def first(self) -> Block | None:
        """The block at the top."""
        if not self._runs:
            return None
        run = self._runs[0]
        return run if isinstance(run, Code | Table) else run[0]

    @property
    def natural_width(self) -> int:
        """The width of the longest line of its text, as it is laid out now."""
        widths = [part.natural_width for part in self._parts if isinstance(part, Prose)]
        return max(widths, default=0) if len(widths) == len(self._parts) else self.width()

    def height_for(self, width: int) -> int:
        """Lay the parts out in `width` pixels; the height."""
        px = self._theme.px
        self._width = width
        y = 0
        for index, (part, run) in enumerate(zip(self._parts, self._runs, strict=True)):
            left = px(LIST_INDENT) * run.depth if isinstance(run, Code) else 0
            height = part.height_for(width - left)
            if index:
                y += px(CARD_GAP)
            rise = px(RISE) if isinstance(part, Prose) else 0
            part.setGeometry(left, y - rise, width - left, height + rise)
            y += height
        return y

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        for part in self._parts:
            part.restyle()

    def _make(self, run: _Run) -> _Part:
        part: _Part
        if isinstance(run, Code):
            part = CodeView(self._theme, run, self)
            part.height_changed.connect(self.height_changed)
        elif isinstance(run, Table):
            part = TableView(self._theme, run, self)
            part.link_clicked.connect(self.link_clicked)
        else:
            part = Prose(self._theme, self)
            part.height_for(self._width)  # before there is text, which is laid out once then
            part.set_blocks(run)
            part.link_clicked.connect(self.link_clicked)
        part.copied.connect(self.copied)
        part.show()
        return part

    def _cut(self, length: int) -> None:
        while len(self._parts) > length:
            part = self._parts.pop()
            part.hide()
            part.deleteLater()


def _update(part: _Part, run: _Run) -> bool:
    if isinstance(part, CodeView):
        if isinstance(run, Code):
            part.set_code(run)
            return True
    elif isinstance(part, TableView):
        if isinstance(run, Table):
            part.set_table(run)
            return True
    elif not isinstance(run, Code | Table):
        part.set_blocks(run)
        return True
    return False
