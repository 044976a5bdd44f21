"""Turns calls of contract functions into bytes and answers back into values, by ABI.

Only eth_abi below it: a market is ten thousand answers, and each is decoded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from router.errors import MorpheusError

Entry = Mapping[str, Any]

# Entries of a list can all point to the same bytes, so a value can be as large as the square of
# its data. No honest answer comes near this.
MOST_BYTES = 1 << 16


class NotOffered(MorpheusError):
    """The contract of this network has no such function, or another one of this name."""

    code = "not_offered"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The contract of this network answered unexpectedly ({what}).",
            safe="Nothing was sent.",
            hint="Update the app, or choose another network.",
        )


@dataclass(frozen=True)
class Function:
    """One function of a contract.

    Args:
        inputs, outputs: types, with tuples in brackets.
        names: of the inputs, in order.
    """

    name: str
    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def signature(self) -> str:
        """As in `transfer(address,uint256)`."""
        return f"{self.name}({','.join(self.inputs)})"

    def encode(self, *arguments: Any) -> bytes:
        """Call data.

        Raises:
            ValueError: the arguments are not of these types.
        """
        try:
            return self.selector + encode(self.inputs, arguments)
        except EncodingError as error:
            raise ValueError(f"{self.signature}: {error}") from error

    def decode(self, answer: bytes) -> Any:
        """The value of an answer; a tuple when the function gives several.

        Raises:
            NotOffered: the answer is something else.
        """
        try:
            values = decoded(self.outputs, answer)
        except DecodingError as error:
            raise NotOffered(self.name) from error
        return values[0] if len(values) == 1 else values

    def decode_call(self, data: bytes) -> tuple[Any, ...]:
        """The arguments of call data for this function.

        Raises:
            ValueError: it is not exactly such a call.
        """
        try:
            values = decoded(self.inputs, data[4:])
        except DecodingError as error:
            raise ValueError(f"{self.signature}: {error}") from error
        if data != self.encode(*values):
            raise ValueError(f"{self.signature}: the data has more than the arguments")
        return values


@dataclass(frozen=True)
class Event:
    """One event; `indexed` and `plain` are (name, type) of its values."""

    name: str
    topic: bytes
    indexed: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, str], ...]

    def decode(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        """The values of a log by name.

        Raises:
            NotOffered: the log is of another event.
        """
        if len(topics) != len(self.indexed) + 1 or topics[0] != self.topic:
            raise NotOffered(f"event {self.name}")
        try:
            found = {
                name: decoded([kind], topic)[0]
                for (name, kind), topic in zip(self.indexed, topics[1:], strict=True)
            }
            values = decoded([kind for _, kind in self.plain], data)
        except DecodingError as error:
            raise NotOffered(f"event {self.name}") from error
        return found | {name: value for (name, _), value in zip(self.plain, values, strict=True)}


@dataclass(frozen=True)
class Failure:
    """One error that a contract can revert with."""

    name: str
    selector: bytes
    inputs: tuple[str, ...]

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """Its values.

        Raises:
            NotOffered: they are of another form.
        """
        try:
            return decoded(self.inputs, data[4:])
        except DecodingError as error:
            raise NotOffered(f"error {self.name}") from error


class Interface:
    """All that a contract offers: functions and events by name, errors by selector.

    Of functions with one name the first is kept; ours differ in name.
    """

    def __init__(self, abi: Sequence[Entry]) -> None:
        self.functions: dict[str, Function] = {}
        self.by_selector: dict[bytes, Function] = {}
        self.events: dict[str, Event] = {}
        self.errors: dict[bytes, Failure] = {}
        for entry in abi:
            kind = entry["type"]
            if kind == "function":
                function = _function(entry)
                self.functions.setdefault(function.name, function)
                self.by_selector[function.selector] = function
            elif kind == "event":
                self.events[entry["name"]] = _event(entry)
            elif kind == "error":
                failure = _failure(entry)
                self.errors[failure.selector] = failure

    def __getitem__(self, name: str) -> Function:
        return self.functions[name]


def decoded(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """The values in ABI-encoded data; what a contract answers can be any bytes at all.

    Raises:
        DecodingError: it is of another form, holds a text that is none, or is too long.
    """
    if len(data) > MOST_BYTES:
        raise DecodingError(f"there are {len(data)} bytes")
    try:
        values: tuple[Any, ...] = decode(types, data)
    except (UnicodeDecodeError, OverflowError) as error:
        raise DecodingError(str(error)) from error
    return values


def _types(items: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(dict(item)) for item in items)


def _hash(entry: Entry) -> bytes:
    return keccak(text=f"{entry['name']}({','.join(_types(entry['inputs']))})")


def _function(entry: Entry) -> Function:
    names = tuple(item["name"] for item in entry["inputs"])
    inputs, outputs = _types(entry["inputs"]), _types(entry["outputs"])
    return Function(entry["name"], _hash(entry)[:4], inputs, outputs, names)


def _event(entry: Entry) -> Event:
    pairs = [(i["name"], collapse_if_tuple(dict(i)), i["indexed"]) for i in entry["inputs"]]
    return Event(
        entry["name"],
        _hash(entry),
        tuple((name, kind) for name, kind, indexed in pairs if indexed),
        tuple((name, kind) for name, kind, indexed in pairs if not indexed),
    )


def _failure(entry: Entry) -> Failure:
    return Failure(entry["name"], _hash(entry)[:4], _types(entry["inputs"]))
