"""Text as Go's encoding/json writes it: what deployed peers sign, to the byte."""

import re

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SPECIAL = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
_SURROGATE = re.compile("[\ud800-\udfff]")


def quote(text: str) -> str:
    """A JSON string, quotes included, escaped as Go does by default."""
    if text.isascii() and text.encode().isalnum():  # megabytes of hex; bytes are quicker to look at
        return f'"{text}"'
    return f'"{_SPECIAL.sub(_escape, text)}"'


def clean(text: str) -> str:
    """Text without lone surrogates, which Go reads as U+FFFD.

    It is done before signing and after parsing, because Go writes a broken text as the six
    characters `\\ufffd`, reads that as one good character, and writes the good one as it is: what
    holds a lone surrogate would fail its own signature.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _SHORT:
        return _SHORT[char]
    if "\ud800" <= char <= "\udfff":
        return "\\ufffd"
    return f"\\u{ord(char):04x}"
