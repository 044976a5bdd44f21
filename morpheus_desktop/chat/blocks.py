"""What a message is made of once its Markdown is read: text, code and tables, as plain data.

Nothing here can load, run or open anything: a picture is a line of text, a link is text with an
address beside it.
"""

from typing import Literal, NamedTuple

# Styles of a span; added together.
BOLD, ITALIC, STRIKE, CODE, CHIP = 1, 2, 4, 8, 16

TextKind = Literal["p", "h1", "h2", "h3", "hr"]
Align = Literal["left", "center", "right"]


class Span(NamedTuple):
    """Text in one style. `link` is an http or https address, or empty."""

    text: str
    style: int = 0
    link: str = ""


class Text(NamedTuple):
    """A paragraph, heading, list entry or rule.

    Args:
        marker: sign of a list entry ("•", "3."), empty for text without one.
        depth: how deep inside lists; 0 is outside.
        marker_chars: length of the longest marker of its list, for one common margin.
        quote: how many quotation bars stand left of it.
        gap: whether space separates it from the block before.
    """

    spans: tuple[Span, ...]
    kind: TextKind = "p"
    marker: str = ""
    depth: int = 0
    marker_chars: int = 1
    quote: int = 0
    gap: bool = True


class Code(NamedTuple):
    """Source text exactly as it was written, without the line break before the closing fence.

    `joined`: continues the block before it.
    """

    source: str
    language: str = ""
    depth: int = 0
    joined: bool = False


Cell = tuple[Span, ...]


class Table(NamedTuple):
    """Rows of cells; every row has as many cells as `head`."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    align: tuple[Align, ...]


Block = Text | Code | Table


def plain_text(spans: tuple[Span, ...]) -> str:
    """The characters of the spans without their styles."""
    return "".join(span.text for span in spans)
