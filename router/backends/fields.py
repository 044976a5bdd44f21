"""Reads typed fields from a JSON object of a request; a wrong one is named in the refusal."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.errors import BadRequest


class Fields:
    """One JSON object of a request. A field that is missing or null reads as None.

    Args:
        values: the object as it came.
        where: the path of this object inside the body, for the refusals; empty is the body.

    Every method raises BadRequest with `param` set to the path of the field.
    """

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        self.values = values
        self.where = where

    def path(self, name: str) -> str:
        """Where a field is, as refusals name it."""
        return f"{self.where}.{name}" if self.where else name

    def raw(self, name: str) -> Any:
        """The value as it came."""
        return self.values.get(name)

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong(name, "a text")

    def needed_text(self, name: str) -> str:
        """A text that must be there and not be empty."""
        value = self.text(name)
        if not value:
            raise self.wrong(name, "a text that is not empty", code="missing_field")
        return value

    def flag(self, name: str) -> bool:
        """True or false; missing is false."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.wrong(name, "true or false")

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number in a range, both ends included."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name, f"a whole number from {low} to {high}")
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        """A number in a range, both ends included."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, f"a number from {low:g} to {high:g}")
        if not low <= value <= high:
            raise self.wrong(name, f"a number from {low:g} to {high:g}")
        return float(value)

    def choice(self, name: str, options: Sequence[str]) -> str | None:
        """One of some texts."""
        value = self.raw(name)
        if value is None or value in options:
            return value  # type: ignore[no-any-return]  # it is one of the options
        raise self.wrong(name, f"one of {', '.join(options)}")

    def table(self, name: str) -> "Fields | None":
        """An object inside this one."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return Fields(value, self.path(name))
        raise self.wrong(name, "an object")

    def tables(self, name: str, most: int) -> "list[Fields]":
        """A list of objects; missing is empty."""
        found = []
        for index, value in enumerate(self._list(name, most)):
            where = f"{self.path(name)}[{index}]"
            if not isinstance(value, dict):
                raise BadRequest(f"{where} must be an object.", param=where)
            found.append(Fields(value, where))
        return found

    def texts(self, name: str, most: int) -> list[str]:
        """A list of texts, or one text; missing is empty."""
        value = self.raw(name)
        values = [value] if isinstance(value, str) else self._list(name, most)
        if not all(isinstance(item, str) for item in values):
            raise self.wrong(name, "a text or a list of texts")
        return values

    def wrong(self, name: str, wanted: str, *, code: str = "invalid_value") -> BadRequest:
        """The refusal that says what a field must be."""
        return BadRequest(
            f"The field {self.path(name)} must be {wanted}.", param=self.path(name), code=code
        )

    def _list(self, name: str, most: int) -> list[Any]:
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name, f"a list of at most {most} entries")
        return value
