"""JSON of a stranger: parsed within bounds, or refused."""

import json
import math
import re
from typing import Any, NoReturn

from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import Limits

_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
MARK = re.compile(rb'["{}\[\]]')


def parse(data: bytes, limits: Limits) -> Any:
    """The value in `data`.

    Raises:
        WireError: it is not JSON in UTF-8, is too deep or has too many parts, has a name twice in
            one object, or a number that JSON does not have.
    """
    _check_shape(data, limits)
    return parse_shallow(data)


def end_of_text(data: bytes | bytearray, at: int) -> int:
    """Where a text that goes on at `at` has its quote; when that is not there yet, where to go on.

    That is the end of the data, or an escape that is not whole.
    """
    end = data.find(b'"', at)
    end = len(data) if end < 0 else end
    if data.find(b"\\", at, end) < 0:  # most are long and have none
        return end
    match = _TEXT.match(data, at)
    return match.end() if match else at


def parse_shallow(data: bytes) -> Any:
    """Like `parse`, for data whose shape was looked at already."""
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WireError(Fault.NOT_A_FRAME, "it is not JSON") from error


def _check_shape(data: bytes, limits: Limits) -> None:
    if _is_small(data, limits):
        return
    at, depth, marks = 0, 0, 0
    while match := MARK.search(data, at):
        mark, at = match.group(), match.end()
        marks += 1
        if mark == b'"':
            at = end_of_text(data, at) + 1
        else:
            depth += 1 if mark in b"{[" else -1
        if depth > limits.depth or marks > limits.payload_marks:
            raise WireError(Fault.TOO_DEEP)


def _is_small(data: bytes, limits: Limits) -> bool:
    """Whether nothing can be too much even if each mark in it counts; most messages are so."""
    opening = data.count(b"{") + data.count(b"[")
    marks = opening + data.count(b"}") + data.count(b"]") + data.count(b'"')
    return opening <= limits.depth and marks <= limits.payload_marks


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError(Fault.NOT_A_FRAME, "a name comes twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise WireError(Fault.NOT_A_FRAME, "a number is too large")
    return number


def _no_constant(_name: str) -> NoReturn:
    raise WireError(Fault.NOT_A_FRAME, "a number is not one")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
)
