"""Cuts a growing Markdown text into sections that never change once they are complete.

A section is a paragraph, a top-level list entry, a table, a quotation or a piece of a code block.
The cost of new text depends on its own length only, never on what came before, and every section
has a largest size, so nobody downstream meets a huge one. The result does not depend on how the
text was cut into chunks on its way here.
"""

import re
from typing import Literal, NamedTuple

MAX_MARKDOWN = 6_000  # characters of one section; a longer one is shown as it was written
MAX_LINE = 2_000  # characters; a longer line is cut
MAX_PLAIN = 2_000  # characters of one piece of plain text
MAX_PLAIN_LINES = 50
MAX_CODE = 24_000  # characters of one piece of code
MAX_CODE_LINES = 400

Kind = Literal["markdown", "code", "plain"]

_FENCE = re.compile(r"( *)(`{3,}|~{3,})([^\n]*)\n?$")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_ENTRY = re.compile(r"( *)(?:[-*+]|(\d{1,9})([.)]))(?:[ \t]+|$)")


class Section(NamedTuple):
    """A part of the text.

    Args:
        text: Markdown source, or the exact text inside a fence, or plain text.
        info: what follows the opening fence.
        number: of an entry in a numbered list, counted from the first; 0 elsewhere.
        gap: a blank line or another kind of section stands before it.
        joined: continues the section before it without a border.
    """

    kind: Kind
    text: str
    info: str = ""
    number: int = 0
    gap: bool = True
    joined: bool = False


class _Fence(NamedTuple):
    indent: int
    mark: str
    info: str

    def closed_by(self, line: str) -> bool:
        text = line.strip()
        return len(text) >= len(self.mark) and not text.strip(self.mark[0])


class Splitter:
    """Reads text in any chunks; `sections` are complete, `tail` is what may still change.

    With `plain` nothing is Markdown: all of it comes out as joined plain pieces.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self.sections: list[Section] = []
        self._plain = plain
        self._rest = ""  # a line that is not complete yet
        self._midline = False  # the rest continues a line that was cut
        self._lines: list[str] = []
        self._size = 0
        self._fence: _Fence | None = None  # the code block we are in
        self._inner: _Fence | None = None  # a code block inside a list entry
        self._pieces = 0  # of the current section, already complete
        self._overlong = plain
        self._blank = True  # the last line was empty
        self._gap = True
        self._entry_indent = 0  # where text of the list entry starts; 0 is outside of lists
        self._number = 0

    def feed(self, text: str) -> None:
        """Read more text."""
        text = self._rest + text
        start = 0
        while True:
            end = text.find("\n", start, start + MAX_LINE)
            if end < 0 and len(text) - start < MAX_LINE:
                break
            end = start + MAX_LINE if end < 0 else end + 1
            self._read(text[start:end])
            self._midline = text[end - 1] != "\n"
            start = end
        self._rest = text[start:]

    def finish(self) -> None:
        """The text is complete: so is the last section."""
        if self._rest:
            self._read(self._rest)
            self._rest, self._midline = "", False
        self._close()

    @property
    def tail(self) -> Section | None:
        """The section that is still growing, None between two sections."""
        rest = self._rest
        if not (self._midline or self._plain) and _may_be_fence(rest, self._fence or self._inner):
            rest = ""
        text = "".join(self._lines) + rest
        if self._fence is not None:
            return self._code(text) if text or not self._pieces else None
        if not text.strip():
            return None
        if self._overlong:
            return Section("plain", text, gap=self._gap, joined=self._pieces > 0)
        return self._markdown(text)

    # --- one line at a time ------------------------------------------------------------------

    def _read(self, line: str) -> None:
        if self._plain:
            self._add_plain(line)
        elif self._fence is not None:
            self._read_code(line, self._fence)
        elif self._midline or not line.strip():
            self._add(line)
            self._blank = not self._midline
        else:
            self._read_text(line)

    def _read_code(self, line: str, fence: _Fence) -> None:
        if not self._midline and fence.closed_by(line):
            self._close()
            return
        spaces = 0 if self._midline else len(line) - len(line.lstrip(" "))
        self._lines.append(line[min(spaces, fence.indent) :])
        self._size += len(line)
        if self._size >= MAX_CODE or len(self._lines) >= MAX_CODE_LINES:
            self._emit(self._code("".join(self._lines)))

    def _read_text(self, line: str) -> None:
        indent = _indent(line)
        in_entry = 0 < self._entry_indent <= indent
        fence = _opening(line)
        if self._inner is not None and (in_entry or self._inner.closed_by(line)):
            if self._inner.closed_by(line):
                self._inner = None
            self._add(line)
        elif fence is not None and in_entry:
            self._inner = fence
            self._add(line)
        elif fence is not None and indent < 4:
            self._close()
            self._fence, self._entry_indent = fence, 0
        else:
            self._inner = None
            if not in_entry and self._starts_section(line, indent):
                self._start(line)
            self._add(line)
            if _HEADING.match(line):
                self._close()

    def _starts_section(self, line: str, indent: int) -> bool:
        if self._blank:
            indented_code = indent >= 4 and self._lines and _indent(self._lines[0]) >= 4
            return not indented_code
        if _HEADING.match(line):
            return True
        entry = _ENTRY.match(line)
        if entry is None or indent > 3:
            return False
        # A paragraph is interrupted by a numbered list only if it starts with 1 (CommonMark 5.2).
        return bool(self._entry_indent) or entry[2] in (None, "1")

    def _start(self, line: str) -> None:
        entry = _ENTRY.match(line)
        in_list = self._entry_indent > 0
        gap = self._blank or not in_list or entry is None
        number = self._number
        self._close()
        self._gap = gap
        if entry is None or _indent(line) > 3:
            self._entry_indent = self._number = 0
            return
        self._entry_indent = len(entry[0].rstrip(" \t")) + 1
        if entry[2] is None:
            self._number = 0
        else:
            self._number = number + 1 if in_list and number else int(entry[2])

    def _add(self, line: str) -> None:
        self._blank = False
        if not self._lines and not line.strip() and not self._pieces:
            return
        self._lines.append(line)
        self._size += len(line)
        if not self._overlong and self._size > MAX_MARKDOWN:
            self._overlong = True
            lines, self._lines, self._size = self._lines, [], 0
            for each in lines:
                self._add_plain(each)
        elif self._overlong:
            self._lines.pop()
            self._size -= len(line)
            self._add_plain(line)

    def _add_plain(self, line: str) -> None:
        if self._lines and (
            self._size + len(line) > MAX_PLAIN or len(self._lines) >= MAX_PLAIN_LINES
        ):
            self._emit(Section("plain", "".join(self._lines), "", 0, self._gap, self._pieces > 0))
        self._lines.append(line)
        self._size += len(line)

    # --- the end of a section ----------------------------------------------------------------

    def _close(self) -> None:
        text = "".join(self._lines)
        if self._fence is not None:
            if text or not self._pieces:
                self._emit(self._code(text))
        elif text.strip():
            if self._overlong:
                self._emit(Section("plain", text, gap=self._gap, joined=self._pieces > 0))
            else:
                self._emit(self._markdown(text))
        self._lines, self._size, self._pieces = [], 0, 0
        self._fence = self._inner = None
        self._overlong = self._plain
        self._gap = True
        self._number = 0

    def _emit(self, section: Section) -> None:
        self.sections.append(section)
        self._lines, self._size = [], 0
        self._pieces += 1

    def _code(self, text: str) -> Section:
        assert self._fence is not None
        return Section("code", text, self._fence.info, joined=self._pieces > 0)

    def _markdown(self, text: str) -> Section:
        return Section("markdown", text, number=self._number, gap=self._gap)


def split(text: str) -> list[Section]:
    """All sections of a complete text."""
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.sections


def _indent(line: str) -> int:
    spaces = len(line) - len(line.lstrip(" \t"))
    return spaces + 3 * line[:spaces].count("\t")


def _opening(line: str) -> _Fence | None:
    match = _FENCE.match(line)
    if match is None or (match[2][0] == "`" and "`" in match[3]):
        return None
    return _Fence(len(match[1]), match[2], match[3].strip())


def _may_be_fence(rest: str, fence: _Fence | None) -> bool:
    """Whether an unfinished line could become a fence: then it is not shown yet."""
    text = rest.strip()
    if not text.startswith(("`", "~")):
        return False
    if fence is not None:
        return not text.strip(fence.mark[0])
    return not text.strip(text[0]) or text.startswith(("```", "~~~"))
