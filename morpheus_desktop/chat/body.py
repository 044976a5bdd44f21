"""The text of a message on the screen: read piece by piece, made only where somebody looks.

Text is grouped into stretches of bounded size. A stretch is turned into widgets when it comes near
the window and given up when it is far; until then its height is estimated. New text changes the
last stretch only, so a token costs the same in a long answer as in a short one.
"""

from dataclasses import dataclass, field
from math import ceil
from time import perf_counter

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from morpheus_desktop.chat import markdown
from morpheus_desktop.chat.blocks import Block, Code, Table, Text
from morpheus_desktop.chat.flow import CARD_GAP, GAP, Flow
from morpheus_desktop.chat.heights import Heights
from morpheus_desktop.chat.prose import TOP_GAPS
from morpheus_desktop.chat.split import Section, Splitter
from morpheus_desktop.theme import Theme

STRETCH = 5_000  # weight of what goes together: its letters, and 40 for a line
SLICE = 16_000  # characters read in one go
LETTER = 7  # pixels of an average letter at 100 %
LINE = 24


@dataclass
class _Stretch:
    """Neighbouring sections shown by one Flow."""

    sections: list[Section]
    size: int
    blocks: list[Block] = field(default_factory=list)  # of the complete sections, once read
    read: int = 0  # sections that `blocks` holds
    flow: Flow | None = None
    exact: bool = False


def estimate(text: str, width: int, scale: float) -> int:
    """Roughly how high this text will be in `width` pixels."""
    letters = max(10, int(width / (LETTER * scale)))
    breaks, gaps = text.count("\n"), text.count("\n\n")
    lines = breaks + 1 - gaps
    wrapped = lines * ceil(len(text) / lines / letters) if text else 1
    return round((wrapped * LINE + gaps * GAP) * scale)


class Body(QWidget):
    """A text that may still grow.

    Signals:
        link_clicked, copied: as of InertText.
        height_changed: it became higher or lower, or turned out to be.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()

    def __init__(
        self, theme: Theme, width: int, *, plain: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._splitter = Splitter(plain=plain)
        self._seen = 0  # sections that belong to a stretch
        self._stretches: list[_Stretch] = []
        self._heights = Heights()
        self._unread = ""
        self._finishing = False
        self._caret = False
        self._range = (0, 0)
        self._reader = QTimer(self)
        self._reader.setSingleShot(True)
        self._reader.setInterval(0)
        self._reader.timeout.connect(self._read_on)

    # --- text --------------------------------------------------------------------------------

    def append(self, text: str) -> None:
        """Add text at the end; a long one is read in slices."""
        self._unread += text
        if not self._reader.isActive():
            self._read_slice()

    def finish(self) -> None:
        """The text is complete."""
        self._finishing = True
        if not self._unread:
            self._read_slice()

    def set_caret(self, *, shown: bool) -> None:
        """Show the block caret behind the last text."""
        self._caret = shown
        if self._stretches and (flow := self._stretches[-1].flow) is not None:
            flow.set_caret(shown=shown)

    def _read_on(self) -> None:
        self._read_slice()
        self.height_changed.emit()

    def _read_slice(self) -> None:
        text, self._unread = self._unread[:SLICE], self._unread[SLICE:]
        self._splitter.feed(text)
        if self._unread:
            self._reader.start()
        elif self._finishing:
            self._splitter.finish()
        self._group()
        self._grow()

    def _group(self) -> None:
        sections = self._splitter.sections
        for section in sections[self._seen :]:
            last = self._stretches[-1] if self._stretches else None
            if last is None or not _fits(last, section):
                self._give_up_caret(last)
                last = _Stretch([], 0)
                self._stretches.append(last)
                self._heights.append(0)
            last.sections.append(section)
            last.size += _weight(section)
            last.exact = False
            if last.flow is None:
                self._heights.set(len(self._stretches) - 1, self._estimate(last))
        self._seen = len(sections)

    def _grow(self) -> None:
        """Show the new text where its place is made already."""
        tail = self._splitter.tail
        if tail is not None and (not self._stretches or not _fits(self._stretches[-1], tail)):
            self._stretches.append(_Stretch([], 0))
            self._heights.append(0)
        for index in range(max(0, len(self._stretches) - 2), len(self._stretches)):
            if self._stretches[index].flow is not None:
                self._make(index)
            else:
                self._stretches[index].exact = False

    # --- what is visible ---------------------------------------------------------------------

    @property
    def content_height(self) -> int:
        """The height of everything, partly estimated."""
        rest = estimate(self._unread, self._width, self._theme.scale) if self._unread else 0
        return self._heights.total + rest

    def set_width(self, width: int) -> None:
        """Lay out for another width: what is visible now, the rest when it is looked at."""
        if width == self._width:
            return
        self._width = width
        self._measure_again()

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        for stretch in self._stretches:
            if stretch.flow is not None:
                stretch.flow.restyle()
        self._measure_again()

    def show_range(self, top: int, bottom: int, deadline: float) -> bool:
        """Make what lies between two heights, give up what is far from it; False if time ran out.

        Far is more than the range's own height: who asks for what is visible and then for what
        is next to it, again and again as an answer grows, has nothing made twice.
        """
        self._range = (top, bottom)
        if not self._stretches:
            return True
        self._give_up(top - (bottom - top), bottom + (bottom - top))
        first, last = self._heights.at(top), self._heights.at(max(top, bottom - 1))
        for index in range(first, last + 1):
            stretch = self._stretches[index]
            if stretch.exact:
                continue
            while stretch.read < len(stretch.sections):
                if perf_counter() > deadline:
                    return False
                self._read_section(stretch)
            if perf_counter() > deadline:
                return False
            self._make(index)
        return True

    def anchor(self, y: int) -> tuple[int, int]:
        """The stretch at `y` and how far below its top that is."""
        index = self._heights.at(y)
        return index, y - self._heights.top(index)

    def y_of(self, anchor: tuple[int, int]) -> int:
        """Where an anchor is now."""
        index, offset = anchor
        if index >= len(self._heights):
            return self._heights.total
        return self._heights.top(index) + min(offset, self._heights[index])

    @property
    def natural_width(self) -> int:
        """The width its text would like, at most the present one."""
        flows = [stretch.flow for stretch in self._stretches]
        if len(flows) != 1 or flows[0] is None:
            return self._width
        return min(self._width, flows[0].natural_width)

    def _make(self, index: int) -> None:
        stretch = self._stretches[index]
        blocks = self._blocks(stretch, last=index == len(self._stretches) - 1)
        flow = stretch.flow
        if flow is None:
            flow = stretch.flow = Flow(self._theme, self._width, self)
            flow.link_clicked.connect(self.link_clicked)
            flow.copied.connect(self.copied)
            flow.height_changed.connect(self._measure_again)
            flow.show()
        flow.set_blocks(blocks)
        flow.set_caret(shown=self._caret and index == len(self._stretches) - 1)
        if len(blocks) == 1 and isinstance(blocks[0], Code) and not blocks[0].depth:
            flow.set_whole_code(lambda: self._whole_code(index))
        self._measure(index)

    def _blocks(self, stretch: _Stretch, *, last: bool) -> list[Block]:
        while stretch.read < len(stretch.sections):
            self._read_section(stretch)
        tail = self._splitter.tail if last else None
        if tail is None:
            return stretch.blocks
        if tail.kind == "markdown":
            tail = tail._replace(text=markdown.mend(tail.text))
        return [*stretch.blocks, *markdown.read(tail)]

    def _read_section(self, stretch: _Stretch) -> None:
        stretch.blocks.extend(markdown.read(stretch.sections[stretch.read]))
        stretch.read += 1

    def _measure(self, index: int) -> None:
        stretch = self._stretches[index]
        assert stretch.flow is not None
        gap = self._theme.px(_gap_above(stretch.flow.first)) if index else 0
        height = stretch.flow.height_for(self._width)
        stretch.exact = True
        self._heights.set(index, gap + height)
        stretch.flow.resize(self._width, height)
        self._place(index)

    def _place(self, start: int) -> None:
        for index in range(start, len(self._stretches)):
            flow = self._stretches[index].flow
            if flow is not None:
                flow.move(0, self._heights.top(index + 1) - flow.height())

    def _measure_again(self) -> None:
        for index, stretch in enumerate(self._stretches):
            stretch.exact = False
            if stretch.flow is not None:
                self._measure(index)
        self.height_changed.emit()

    def _give_up(self, top: int, bottom: int) -> None:
        first, last = self._heights.at(top) - 1, self._heights.at(max(top, bottom - 1)) + 1
        for index, stretch in enumerate(self._stretches):
            near = first <= index <= last
            if stretch.flow is not None and not near and not holds_focus(stretch.flow):
                self._drop(stretch)

    def _drop(self, stretch: _Stretch) -> None:
        assert stretch.flow is not None
        stretch.flow.hide()
        stretch.flow.deleteLater()
        stretch.flow = None
        stretch.exact = False
        stretch.blocks, stretch.read = [], 0

    def _give_up_caret(self, stretch: _Stretch | None) -> None:
        if stretch is not None and stretch.flow is not None:
            stretch.flow.set_caret(shown=False)

    def _estimate(self, stretch: _Stretch) -> int:
        scale = self._theme.scale
        return sum(
            estimate(section.text, self._width, scale) + round(GAP * scale)
            for section in stretch.sections
        )

    def _whole_code(self, index: int) -> str:
        """The source of the code block that starts at the end of a stretch, to its very end."""
        parts = [self._stretches[index].sections[-1:]]
        parts += [stretch.sections for stretch in self._stretches[index + 1 :]]
        source: list[str] = []
        for section in (section for part in parts for section in part):
            if source and not (section.kind == "code" and section.joined):
                break
            source.append(section.text)
        else:
            tail = self._splitter.tail
            if tail is not None and tail.kind == "code" and (tail.joined or not source):
                source.append(tail.text)
        return markdown.without_last_break("".join(source))


def holds_focus(widget: QWidget) -> bool:
    """Whether the keyboard is in this widget: it must not vanish then."""
    focused = QApplication.focusWidget()
    return focused is not None and widget.isAncestorOf(focused)


def _fits(stretch: _Stretch, section: Section) -> bool:
    """Whether a section goes into this stretch; depends on complete sections only."""
    if not stretch.sections:
        return True
    if section.kind != "markdown" or stretch.sections[-1].kind != "markdown":
        return False
    return stretch.size + _weight(section) <= STRETCH


def _weight(section: Section) -> int:
    return len(section.text) + 40 * section.text.count("\n")


def _gap_above(block: Block | None) -> int:
    if isinstance(block, Text):
        return TOP_GAPS.get(block.kind, GAP) if block.gap else 0
    if isinstance(block, Table) or (isinstance(block, Code) and not block.joined):
        return CARD_GAP
    return 0
