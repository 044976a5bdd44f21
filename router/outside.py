"""JSON from outside: bounded in depth before a parser follows it down.

Importing eth_account raises Python's recursion limit a hundredfold, and a text of brackets then
ends the process instead of raising. So nothing here relies on that limit.
"""

import json
from typing import Any, NoReturn

DEEPEST = 100

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SQUARE = bytes.maketrans(b"{}", b"[]")


def parse_json(data: bytes, *, deepest: int = DEEPEST) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply, or with NaN or Infinity.
    """
    text = data.decode("utf-8-sig")
    if deeper_than(data, deepest):
        raise ValueError(f"it nests more than {deepest} levels, or lacks a bracket")
    return json.loads(text, parse_constant=refuse_constant)


def deeper_than(data: bytes, levels: int) -> bool:
    """Whether brackets nest deeper than this or do not pair up; takes no recursion.

    Without escapes every second piece between quotes is outside of texts. Each round then
    removes the innermost pairs and so exactly one level.
    """
    pieces = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    brackets = b"".join(pieces[::2]).translate(_SQUARE, _NOT_BRACKETS)
    if b"[" * (levels + 1) in brackets:
        return True
    for _ in range(levels):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def refuse_constant(name: str) -> NoReturn:
    """For json.loads: NaN and Infinity are not JSON."""
    raise ValueError(f"{name} is not JSON")
