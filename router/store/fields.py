"""Reads JSON that others wrote: bounded before it is parsed, typed when it is used."""

from pathlib import Path
from typing import Any, NoReturn, TypeVar

from router.errors import BadRequest
from router.outside import parse_json

W = TypeVar("W", bound=str)

LARGEST_FILE = 512 * 1024 * 1024
DEEPEST = 200  # levels; of chats that were ever exported, none has a tenth of it
MOST_VALUES = 20_000_000  # in one file: bounds the memory that parsing takes
LATEST_S = 2.0**40


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
        _check_size(data)
        return parse_json(data, deepest=DEEPEST)
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            f"{path.name} is not a file of chats: {str(error)[:100]}.",
            safe="Nothing was changed.",
        ) from error


def _check_size(data: bytes) -> None:
    """Refuse what would take too much memory once it is parsed."""
    if max(data.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")


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
