"""Reads JSON that others wrote: bounded before it is parsed, typed when it is used."""

import itertools
import json
import re
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from router.errors import BadRequest

W = TypeVar("W", bound=str)

LARGEST_FILE = 512 * 1024 * 1024
DEEPEST = 200  # levels; of chats that were ever exported, none has a tenth of it
MOST_VALUES = 20_000_000  # in one file: bounds the memory that parsing takes
LATEST_S = 2.0**40

# One that does not end reaches to the end of the file: it is not looked for again and again.
_STRING = re.compile(rb'"(?:[^"\\]+|\\.?)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SQUARE = bytes.maketrans(b"{}", b"[]")
_MIDDLE = ord("\\")  # between [ and ], one from each


def read_json(path: Path) -> Any:
    """The content of a JSON file; call it on a thread.

    Raises:
        BadRequest: too large, nested too deeply, not JSON, or not to be read. Names the file.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadRequest(f"{path.name} is larger than {LARGEST_FILE >> 20} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{path.name} cannot be read: {error.strerror or error}.") from error
    try:
        text = data.decode("utf-8-sig")
        _check_shape(data)
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            f"{path.name} is not a file of chats: {str(error)[:100]}.",
            safe="Nothing was changed.",
        ) from error


def _check_shape(data: bytes) -> None:
    """Refuse what is huge or nests deeply before a parser follows it down; takes no recursion."""
    brackets = _STRING.sub(b"", data).translate(_SQUARE, _NOT_BRACKETS)
    if max(data.count(b","), len(brackets)) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    depths = itertools.accumulate(_MIDDLE - bracket for bracket in brackets)
    if max(depths, default=0) > DEEPEST:
        raise ValueError(f"it nests more than {DEEPEST} levels")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class Fields:
    """The fields of a JSON object; a wrong one is refused with the place it stands in.

    Args:
        value: what should be an object.
        place: for the error, for example "message 3 of chat 2".
    """

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise BadRequest(f"The file cannot be imported: {place} is not an object.")
        self.place = place
        self._values: dict[str, object] = value

    def raw(self, name: str) -> object:
        """Whatever stands there, None when nothing does."""
        return self._values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; it must be there when there is no default."""
        value = self._values.get(name, default)
        return value if isinstance(value, str) else self._refuse(name, "a text")

    def one_of(self, name: str, known: tuple[W, ...], default: W | None = None) -> W:
        """One of a few words."""
        value = self.text(name, default)
        found = next((word for word in known if word == value), None)
        return found or self._refuse(name, f"one of {', '.join(known)}")

    def flag(self, name: str) -> bool:
        """True or false; false when it is not there."""
        value = self._values.get(name, False)
        return value if isinstance(value, bool) else self._refuse(name, "true or false")

    def whole(self, name: str) -> int | None:
        """A whole number that can be an id, or None."""
        value = self._values.get(name)
        if value is None:
            return None
        if type(value) is not int or not 0 < value < 2**62:
            self._refuse(name, "a whole number above 0")
        return value

    def time(self, name: str, default: float) -> float:
        """Seconds since 1970."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(name, "a time in seconds")
        if not 0 <= value <= LATEST_S:
            self._refuse(name, "a time in seconds")
        return float(value)

    def items(self, name: str) -> list[Any]:
        """A list; empty when it is not there."""
        value = self._values.get(name, [])
        return value if isinstance(value, list) else self._refuse(name, "a list")

    def _refuse(self, name: str, wanted: str) -> NoReturn:
        raise BadRequest(
            f"The file cannot be imported: '{name}' of {self.place} must be {wanted}.",
            safe="Nothing was changed.",
        )
