"""A longer text to read, of headings, paragraphs and lists: terms of use, licences, a notice."""

from collections.abc import Iterator
from typing import Literal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled

WIDTH = 640

Block = tuple[Literal["heading", "paragraph", "item"], str]


class TextDialog(Overlay):
    """Shows a text of our own; `# title` becomes the title, `## heading` a section."""

    def __init__(self, text: str, theme: Theme, over: QWidget, *, action: str = "") -> None:
        """`action` names a primary button; with it the dialog is accepted."""
        title, blocks = parse(text)
        super().__init__(theme, over, title, width=WIDTH)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(4)
        for kind, words in blocks:
            style = "lead" if kind == "heading" else "body"
            if kind == "heading":
                column.addSpacing(12)
            tone = "text" if kind == "heading" else "text-2"
            line = label(words, style, tone, wrap=True)
            line.setContentsMargins(theme.px(16) if kind == "item" else 0, 0, 0, 0)
            column.addWidget(line)
        self.body.addWidget(Scrolled(inside, title))
        close = button(theme, "Close", "secondary" if action else "primary")
        close.clicked.connect(self.reject)
        self.footer.addWidget(close)
        self._first: QWidget = close
        if action:
            go = button(theme, action, "primary")
            go.clicked.connect(self.accept)
            self.footer.addWidget(go)
            self._first = go

    def first_focus(self) -> QWidget:
        """The button; arrows and the wheel scroll after a Tab into the text."""
        return self._first


def parse(text: str) -> tuple[str, tuple[Block, ...]]:
    """The title and the blocks of a text in our small subset of Markdown."""
    title, *rest = text.strip().split("\n\n")
    return title.lstrip("# ").strip(), tuple(_blocks(rest))


def _blocks(parts: list[str]) -> Iterator[Block]:
    for part in parts:
        words = " ".join(part.replace("`", "").split())
        if words.startswith("## "):
            yield "heading", words[3:]
        elif words.startswith("- "):
            yield from (("item", " ".join(item.split())) for item in _items(part))
        elif words:
            yield "paragraph", words


def _items(part: str) -> list[str]:
    """The items of a list, without their dashes; further lines of one belong to it."""
    return f"\n{part.strip()}".replace("`", "").split("\n- ")[1:]
