"""JSON from outside: bounded in depth before a parser follows it down.

Importing eth_account raises Python's recursion limit a hundredfold, and a text of brackets then
ends the process instead of raising. So nothing here relies on that limit.
"""

import json
import re
from typing import Any, NoReturn

DEEPEST = 100

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SQUARE = bytes.maketrans(b"{}", b"[]")


def parse_json(data: bytes, *, deepest: int = DEEPEST) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply, or with NaN or Infinity.
    """
    text = data.decode("utf-8-sig")
    _check_depth(data, deepest)
    return json.loads(text, parse_constant=_refuse_constant)


def _check_depth(data: bytes, deepest: int) -> None:
    """Refuse what nests deeply; takes no recursion.

    Each round removes the innermost pairs of brackets and so exactly one level.
    """
    brackets = _STRING.sub(b"", data).translate(_SQUARE, _NOT_BRACKETS)
    for _ in range(deepest):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise ValueError(f"it nests more than {deepest} levels, or lacks a bracket")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
