"""Reads Markdown into blocks: CommonMark with tables and strikethrough, without any HTML.

Pure. Whatever a model writes comes out as text or as an http(s) link; nothing is loaded, and what
could hide (link targets of other kinds, reference definitions, pictures) is spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, cast

from morpheus_desktop.chat import links
from morpheus_desktop.chat.blocks import (
    BOLD,
    CHIP,
    CODE,
    ITALIC,
    STRIKE,
    Align,
    Block,
    Cell,
    Code,
    Span,
    Table,
    Text,
    TextKind,
)
from morpheus_desktop.chat.split import Section, split

if TYPE_CHECKING:  # start-up cost only: see get_ready
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 16  # deeper lists and quotations are shown as they were written
MAX_COLUMNS = 40
MAX_CELLS = 400
MAX_ADDRESS = 300  # characters of an address inside the text

_BULLETS = "•◦▪"
_STYLES = {"strong": BOLD, "em": ITALIC, "s": STRIKE}
_BARE_LINK = re.compile(r"https?://[^\s<>\"'`|\\]+")


def get_ready() -> None:
    """Load the parser: 30 ms that the first frame need not wait for, nor then the first answer."""
    _parser()


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # start-up cost: see get_ready

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    # Definitions of references would be invisible text; sections are read one by one anyway.
    parser.disable(["reference", "html_block", "html_inline"])
    # Which addresses may be opened is decided in links.py, on the address as it was written.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


def read(section: Section) -> tuple[Block, ...]:
    """The blocks of one section."""
    if section.kind == "code":
        return (
            Code(
                without_last_break(section.text), language_of(section.info), joined=section.joined
            ),
        )
    if section.kind == "plain":
        return (_as_written(section.text, gap=not section.joined),)
    tokens = _parser().parse(section.text.replace("\r\n", "\n").replace("\0", "␀"))
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        return (_as_written(section.text, gap=section.gap),)
    blocks = _Reader(section).read(tokens)
    return blocks or (_as_written(section.text, gap=section.gap),)


def language_of(info: str) -> str:
    """The language named behind an opening fence: its first word, in small letters."""
    words = info.replace("{", " ").replace("}", " ").split()
    return words[0].lower().lstrip(".")[:40] if words else ""


def last_code(text: str) -> str | None:
    """The source of the last code block in a text, None without one."""
    pieces: list[str] = []
    for section in reversed(split(text)):
        codes = [block for block in read(section) if isinstance(block, Code)]
        if not codes:
            continue
        if section.kind != "code":
            return codes[-1].source
        pieces.append(section.text)
        if not section.joined:
            return without_last_break("".join(reversed(pieces)))
    return None


def mend(text: str) -> str:
    """An unfinished text with its last code or bold closed, so that it does not flicker."""
    start = text.rfind("\n") + 1
    line = text[start:]
    if line.count("`") % 2:
        return text[:-1] if text.endswith("`") else text + "`"
    if line.count("**") % 2:
        return text[:-2] if text.endswith("**") else text.rstrip("*") + "**"
    return text


def without_last_break(code: str) -> str:
    """The text without its last line break."""
    return code.removesuffix("\n").removesuffix("\r")


def _as_written(text: str, *, gap: bool) -> Text:
    return Text((Span(without_last_break(text).replace("\r\n", "\n")),), gap=gap)


class _List:
    """A list being read: its next number (None: bullets) and the longest marker."""

    def __init__(self, number: int | None, width: int) -> None:
        self.number = number
        self.width = width


class _Reader:
    """Walks the tokens of one section."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._blocks: list[Block] = []
        self._lists: list[_List] = []
        self._quote = 0
        self._marker = ""
        self._entry_start = False
        self._kind: TextKind = "p"

    def read(self, tokens: list[Token]) -> tuple[Block, ...]:
        steps: dict[str, Callable[[Token], None]] = {
            "heading_open": self._heading,
            "paragraph_open": self._paragraph,
            "bullet_list_open": self._open_list,
            "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_entry,
            "list_item_close": self._close_entry,
            "blockquote_open": self._open_quote,
            "blockquote_close": self._close_quote,
            "inline": self._inline,
            "fence": self._code,
            "code_block": self._code,
            "hr": self._rule,
        }
        walk = iter(tokens)
        for token in walk:
            if token.type == "table_open":
                self._table(token, walk)
            elif token.type in steps:
                steps[token.type](token)
        return tuple(self._blocks)

    def _heading(self, token: Token) -> None:
        self._kind = cast("TextKind", token.tag if token.tag in ("h1", "h2") else "h3")

    def _paragraph(self, token: Token) -> None:
        self._kind = "p"

    def _open_list(self, token: Token) -> None:
        if token.type == "bullet_list_open":
            self._lists.append(_List(None, 1))
            return
        start = token.attrs.get("start", 1)
        number = int(start) if isinstance(start, int | str) else 1
        if not self._lists and self._section.number:
            number = self._section.number
        self._lists.append(_List(number, len(str(number)) + 1))

    def _close_list(self, token: Token) -> None:
        self._lists.pop()

    def _open_entry(self, token: Token) -> None:
        entries = self._lists[-1]
        if entries.number is None:
            self._marker = _BULLETS[min(len(self._lists), len(_BULLETS)) - 1]
        else:
            self._marker = f"{entries.number}."
            entries.number += 1
        self._entry_start = True

    def _close_entry(self, token: Token) -> None:
        if self._entry_start:  # an entry without any text
            self._add_text(())

    def _open_quote(self, token: Token) -> None:
        self._quote += 1

    def _close_quote(self, token: Token) -> None:
        self._quote -= 1

    def _inline(self, token: Token) -> None:
        self._add_text(_merged(_spans(token.children or [])))

    def _code(self, token: Token) -> None:
        self._entry_start = False
        language = language_of(token.info)
        self._blocks.append(Code(without_last_break(token.content), language, len(self._lists)))

    def _rule(self, token: Token) -> None:
        self._kind = "hr"
        self._add_text(())

    def _add_text(self, spans: tuple[Span, ...]) -> None:
        if self._blocks:
            gap = not (self._entry_start and self._lists) or self._kind != "p"
        else:
            gap = self._section.gap
        width = self._lists[-1].width if self._lists else 1
        marker = self._marker if self._entry_start else ""
        self._blocks.append(
            Text(spans, self._kind, marker, len(self._lists), width, self._quote, gap)
        )
        self._entry_start = False

    def _table(self, opening: Token, walk: Iterator[Token]) -> None:
        rows: list[list[Cell]] = []
        align: list[Align] = []
        for token in walk:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                style = str(token.attrs.get("style", ""))
                align.append(cast("Align", style.removeprefix("text-align:") or "left"))
            elif token.type == "inline":
                rows[-1].append(_merged(_spans(token.children or [])))
        columns = len(align)
        if columns > MAX_COLUMNS or columns * len(rows) > MAX_CELLS:
            first, last = opening.map or (0, 0)
            lines = self._section.text.split("\n")[first:last]
            self._blocks.append(Code("\n".join(lines), "", len(self._lists)))
            return
        cells = [tuple((row + [()] * columns)[:columns]) for row in rows]
        self._blocks.append(Table(cells[0], tuple(cells[1:]), tuple(align)))


def _spans(tokens: list[Token]) -> Iterator[Span]:
    style = 0
    target = shown = ""
    for token in tokens:
        kind, _, edge = token.type.rpartition("_")
        if kind in _STYLES:
            style += _STYLES[kind] if edge == "open" else -_STYLES[kind]
        elif token.type == "link_open":
            target, shown = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close":
            yield from _spelled_out(target, shown, style)
            target = ""
        elif token.type == "image":
            address = str(token.attrs.get("src", ""))
            name = f" ({token.content})" if token.content.strip() else ""
            yield Span(f"Image not loaded{name}: {_cut(address)}", style | CHIP)
        else:
            text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
            code = CODE if token.type == "code_inline" else 0
            shown += text
            yield from _linked(text, style | code, target)


def _merged(spans: Iterator[Span]) -> tuple[Span, ...]:
    """The spans without empty ones, neighbours of one style as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1][1:] == span[1:]:
            merged[-1] = span._replace(text=merged[-1].text + span.text)
        elif span.text:
            merged.append(span)
    return tuple(merged)


def _linked(text: str, style: int, target: str) -> Iterator[Span]:
    if target or style & CODE or "://" not in text:
        yield Span(text, style, target if links.openable(target) else "")
        return
    end = 0
    for match in _BARE_LINK.finditer(text):
        address = match[0].rstrip(".,;:!?*_")
        if address.count(")") > address.count("("):
            address = address.rstrip(")")
        if not links.openable(address):
            continue
        if match.start() > end:
            yield Span(text[end : match.start()], style)
        yield Span(address, style, address)
        end = match.start() + len(address)
    if end < len(text):
        yield Span(text[end:], style)


def _spelled_out(target: str, shown: str, style: int) -> Iterator[Span]:
    """The target behind a link, wherever the text of the link does not tell it."""
    if links.openable(target):
        if links.misleading(shown, target):
            yield Span(f" ({_cut(target)})", style, target)
    elif target != shown:
        yield Span(f" ({_cut(target)})", style)


def _cut(address: str) -> str:
    if len(address) <= MAX_ADDRESS:
        return address
    return f"{address[:MAX_ADDRESS]}… ({len(address):,} characters)"
