"""The text inside a block of source code: laid out as it grows, coloured a slice at a time."""

from bisect import bisect_right
from collections.abc import Iterator
from concurrent.futures import Future
from time import perf_counter

from pygments.lexer import Lexer
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextLayout
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat import highlight
from morpheus_desktop.chat.inert import harmless
from morpheus_desktop.chat.text_view import InertText, block_format, utf16
from morpheus_desktop.theme import Theme

LINE = 20
SLICE_S = 0.003  # colouring never keeps the window longer than this
REST = 5  # times the work, before a grown text is coloured again
LEXER_MS = 20  # between two looks for a lexer that is being loaded

_Colours = tuple[tuple[int, int, str], ...]  # of one line: start, length, colour token


class CodeText(InertText):
    """The code itself: one line a paragraph, coloured little by little."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._source = ""
        self._language = ""
        self._colouring = _Colouring(self)
        self.setLineWrapMode(InertText.LineWrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def set_source(self, source: str, language: str) -> None:
        """Show this code; if it only grew, only the new part is laid out."""
        if source == self._source and language == self._language:
            return
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if self._source and source.startswith(self._source):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            added = source[len(self._source) :]
        else:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.removeSelectedText()
            cursor.setBlockFormat(block_format(self.theme.px(LINE)))
            added = source
            self._colouring.forget()
        style = QTextCharFormat()
        style.setFont(self.theme.font("code"))
        style.setForeground(self.theme.color("text"))
        self._insert(cursor, added.replace("\r\n", "\n"), style)
        cursor.endEditBlock()
        if not self._source:
            self.rest_at_start()
        self._source, self._language = source, language
        self._colouring.start(source.replace("\r\n", "\n"), language)

    def restyle(self) -> None:
        """Write everything again with the present fonts and colours."""
        source, self._source = self._source, ""
        self.set_source(source, self._language)

    def _insert(self, cursor: QTextCursor, text: str, style: QTextCharFormat) -> None:
        if harmless(text) == text:
            cursor.insertText(text, style)
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                cursor.insertBlock()
            self.put(cursor, line, style)


class _Colouring:
    """Colours one text again and again as it grows, without ever taking the window's time."""

    def __init__(self, text: CodeText) -> None:
        self._text = text
        self._wanted = ("", "")  # code and language
        self._code = ""  # what is coloured, or being coloured
        self._starts: list[int] = []  # of its lines
        self._lexer: Future[Lexer] | None = None
        self._pieces: Iterator[highlight.Piece] | None = None
        self._pass: dict[int, list[tuple[int, int, str]]] = {}
        self._lines: dict[int, _Colours] = {}  # what the lines show
        self._work_s = 0.0
        self._timer = QTimer(text)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)

    def forget(self) -> None:
        """The lines were written anew and show no colours."""
        self._lines.clear()
        self._pieces, self._code = None, ""

    def start(self, code: str, language: str) -> None:
        """Colour this code soon."""
        if language != self._wanted[1]:
            self._lexer = None
        self._wanted = (code, language)
        if self._pieces is None and not self._timer.isActive():
            self._timer.start(0)

    def _step(self) -> None:
        if self._pieces is None and not self._begin():
            return
        started = perf_counter()
        done = self._collect(started + SLICE_S)
        self._show(done=done)
        self._work_s += perf_counter() - started
        if not done:
            self._timer.start(0)
            return
        self._pieces = None
        if self._code != self._wanted[0]:
            self._timer.start(round(self._work_s * 1000 * REST))

    def _begin(self) -> bool:
        code, language = self._wanted
        if not highlight.can_colour(code, language) or harmless(code) != code:
            return False
        if self._lexer is None:
            self._lexer = highlight.load(language)
        if not self._lexer.done():
            self._timer.start(LEXER_MS)
            return False
        self._code, self._work_s, self._pass = code, 0.0, {}
        self._starts = [0]
        for line in code.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._pieces = highlight.pieces(code, self._lexer.result())
        return True

    def _collect(self, end: float) -> bool:
        assert self._pieces is not None
        for start, length, colour in self._pieces:
            self._add(start, length, colour)
            if perf_counter() > end:
                return False
        return True

    def _add(self, start: int, length: int, colour: str) -> None:
        line = bisect_right(self._starts, start) - 1
        for part in self._code[start : start + length].split("\n"):
            if part:
                before = self._code[self._starts[line] : start]
                self._pass.setdefault(line, []).append((utf16(before), utf16(part), colour))
            line += 1
            start = self._starts[line]

    def _show(self, *, done: bool) -> None:
        """Colour the lines that are complete; only those that changed are laid out again."""
        last = max(self._pass, default=0)
        document = self._text.document()
        first_changed = end_changed = -1
        for line in [line for line in self._pass if done or line < last]:
            colours = tuple(self._pass.pop(line))
            if colours == self._lines.get(line):
                continue
            self._lines[line] = colours
            block = document.findBlockByNumber(line)
            block.layout().setFormats([self._format(*colour) for colour in colours])
            if first_changed < 0:
                first_changed = block.position()
            end_changed = block.position() + block.length()
        if first_changed >= 0:
            document.markContentsDirty(first_changed, end_changed - first_changed)

    def _format(self, start: int, length: int, colour: str) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        made.start, made.length = start, length
        style = QTextCharFormat()
        style.setForeground(self._text.theme.color(colour))
        made.format = style
        return made
