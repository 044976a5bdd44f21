"""Makes text from models, files and networks harmless before anybody sees or logs it."""

import unicodedata

# Format characters that reorder or hide text: bidirectional controls, zero-width marks, tags.
_HIDDEN = frozenset(
    map(
        chr,
        [
            0x061C,
            0x180E,
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            0xFEFF,
            *range(0xFFF9, 0xFFFC),
            *range(0xE0000, 0xE0080),
        ],
    )
)


def one_line(text: str, limit: int = 60) -> str:
    """A name for a label: one line, no control or hidden characters, at most `limit` long."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text[: limit * 8]
        if char.isspace() or not (char in _HIDDEN or unicodedata.category(char) in ("Cc", "Cs"))
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def visible(text: str) -> str:
    """Text for reading: hidden and control characters shown as marks instead of acting.

    Joiners between emoji or letters (ZWJ, ZWNJ) stay, because scripts need them.
    """
    return "".join(_mark(char) for char in text)


def has_hidden(text: str) -> bool:
    """Whether copying this text would copy characters that nobody sees."""
    return any(char in _HIDDEN and char not in "\u200c\u200d" for char in text)


def _mark(char: str) -> str:
    if char in "\n\t\u200c\u200d" or (char >= " " and char < "\x7f"):
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in _HIDDEN or 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return f"\u27e8U+{code:04X}\u27e9"
    return char
