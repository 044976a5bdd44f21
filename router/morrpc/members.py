"""How one member of a message is written and read, and how a dataclass says which it has."""

import re
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, Self, cast

from router.morrpc.errors import Fault, WireError
from router.morrpc.gojson import clean, quote

_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_HASH = re.compile("0x[0-9a-fA-F]{64}")
_DECIMAL = re.compile("[0-9]{1,78}")
_UINT64 = 1 << 64
_UINT256 = 1 << 256


@dataclass(frozen=True)
class Kind:
    """One type of member.

    Args:
        write: the JSON text of a value.
        read: the value of parsed JSON; None when that is of another form.
    """

    write: Callable[[Any], str]
    read: Callable[[Any], Any]


def read_hex(value: Any) -> bytes | None:
    """Bytes, as tolerant as Go: prefix and case are free, an odd digit gets a zero before it.

    `"0x"` alone and null are refused, as Go does.
    """
    if type(value) is int and value >= 0:
        value = str(value)
    if value == "":
        return b""
    if not isinstance(value, str) or not value.isascii() or not value.encode().isalnum():
        return None  # fromhex would skip spaces
    digits = value[2:] if value[:2] in ("0x", "0X") else value
    try:
        return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)) or None
    except ValueError:
        return None


def _read_form(form: re.Pattern[str]) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        good = isinstance(value, str) and form.fullmatch(value) and value[2:].strip("0")
        return value.lower() if good else None

    return read


def _read_big(value: Any) -> int | None:
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        return None
    return number if (number := int(value)) < _UINT256 else None


def _read_uint(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < _UINT64 else None


def _read_text(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) else None


HEX = Kind(lambda value: f'"0x{value.hex()}"', read_hex)
ADDRESS = Kind(lambda value: f'"{value.lower()}"', _read_form(_ADDRESS))
HASH = Kind(lambda value: f'"{value.lower()}"', _read_form(_HASH))
BIG = Kind(lambda value: f'"{value}"', _read_big)
UINT = Kind(str, _read_uint)
TEXT = Kind(lambda value: quote(clean(value)), _read_text)
FLAG = Kind(
    lambda value: "true" if value else "false",
    lambda value: value if isinstance(value, bool) else None,
)


def member(name: str, kind: Kind) -> Any:
    """A member that must be there and be neither empty nor zero; bytes may be empty."""
    return field(metadata={"name": name, "kind": kind})


def optional(name: str, kind: Kind, default: Any, *, omitted: bool = False) -> Any:
    """A member that may be missing, empty or zero; `omitted` from what is written when it is."""
    return field(default=default, metadata={"name": name, "kind": kind, "omitted": omitted})


def signature() -> Any:
    """The signature: empty until it is made; it must be there when read."""
    return field(default=b"", metadata={"name": "signature", "kind": HEX})


class Signed:
    """A message that somebody signs; a dataclass with its members in the order of Go's struct.

    `blank_is_signed` tells the two ways apart in which deployed peers leave the signature out of
    what they sign: as `"signature":"0x"`, or without the member.
    """

    blank_is_signed: ClassVar[bool] = False
    signature: bytes

    def text(self) -> str:
        """The object as it is written and signed: without a signature, what is to be signed."""
        parts = (_written(self, item) for item in _members(cast("Any", type(self))))
        return "{" + ",".join(part for part in parts if part) + "}"

    def with_signature(self, made: bytes) -> Self:
        """The same message, signed, or unsigned with nothing."""
        message: Self = replace(cast("Any", self), signature=made)
        return message

    @classmethod
    def read(cls, members: Any) -> Self:
        """The message in a parsed object; unknown members are ignored.

        Raises:
            WireError: a member is missing or of the wrong form.
        """
        if not isinstance(members, dict):
            raise WireError(Fault.BAD_MESSAGE, "no object")
        make: Any = cls
        message: Self = make(**{item.name: _value(item, members) for item in _members(make)})
        return message


@cache
def _members(message_type: Any) -> "tuple[Field[Any], ...]":
    return fields(message_type)


def _written(message: Signed, item: "Field[Any]") -> str:
    name, value = item.metadata["name"], getattr(message, item.name)
    if item.name == "signature" and not value and not message.blank_is_signed:
        return ""
    if item.metadata.get("omitted") and not value:
        return ""
    return f'"{name}":{item.metadata["kind"].write(value)}'


def _value(item: "Field[Any]", members: dict[str, Any]) -> Any:
    name = item.metadata["name"]
    needed = "omitted" not in item.metadata
    if name not in members:
        if needed:
            raise WireError(Fault.BAD_MESSAGE, f"{name} is missing")
        return item.default
    value = item.metadata["kind"].read(members[name])
    if value is None:
        raise WireError(Fault.BAD_MESSAGE, f"{name} is of the wrong form")
    if needed and not value and not isinstance(value, bytes):
        raise WireError(Fault.BAD_MESSAGE, f"{name} is empty")
    return value
