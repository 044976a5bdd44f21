"""Turns text from a model into what is painted, keeping the exact characters for the clipboard.

Characters that hide, reorder or control are painted as marks; towers of combining marks are cut.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from router.untrusted import visible

MAX_MARKS = 4  # combining marks on one letter; no writing system needs more

# Qt would take these for the border of a paragraph, a frame or an object.
_SEPARATORS = frozenset("\u2028\u2029\ufffc\ufffe\uffff" + "".join(map(chr, range(0xFDD0, 0xFDF0))))
_CONTROL = re.compile(r"[^\n\t\x20-\x7e]")


# Our own mark of a place where a line may break: a real one never gets past `runs`.
BREAK = "\u200b"
_LONG_WORD = 256  # characters; Qt needs quadratic time for the lines of a longer one
_WORD_PART = 32


class Run(NamedTuple):
    """Text to paint. `original` is what it stands for, empty when that is the same."""

    shown: str
    original: str = ""


def runs(text: str) -> Iterator[Run]:
    """The text in runs, with every dangerous character in a run of its own."""
    if _CONTROL.search(text) is None:
        yield Run(text)
        return
    start = at = marks = 0
    while at < len(text):
        char = text[at]
        marks = marks + 1 if _combines(char) else 0
        shown, end = char, at + 1
        if marks > MAX_MARKS:
            while end < len(text) and _combines(text[end]):
                end += 1
            shown = f"⟨{end - at} marks⟩"
            marks = 0
        elif char in _SEPARATORS:
            shown = f"⟨U+{ord(char):04X}⟩"
        elif not (" " <= char <= "~"):
            shown = visible(char)
        if shown != char:
            if at > start:
                yield Run(text[start:at])
            yield Run(shown, text[at:end])
            start = end
        at = end
    if start < len(text):
        yield Run(text[start:])


def harmless(text: str) -> str:
    """The text as it is painted."""
    return "".join(run.shown for run in runs(text))


def _combines(char: str) -> bool:
    return char > "\u02ff" and unicodedata.category(char) in ("Mn", "Me")


def breakable(text: str, before: str = "") -> str:
    """The text with places to break inside endless words; `before` stands left of it already."""
    before = before[-_LONG_WORD:]
    whole = before + text
    out: list[str] = []
    done = len(before)
    for word in re.finditer(rf"[^\s{BREAK}]{{{_LONG_WORD},}}", whole):
        at = max(word.start() + _WORD_PART, done)
        while at < word.end():
            if _joins(whole, at):
                at += 1
                continue
            out.append(whole[done:at])
            done = at
            at += _WORD_PART
    out.append(whole[done:])
    return BREAK.join(out)


def _joins(text: str, at: int) -> bool:
    """Whether the characters around a place belong together."""
    return text[at] == "\u200d" or text[at - 1] == "\u200d" or _combines(text[at])
