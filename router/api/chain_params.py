"""What requests about the chain say in their paths, queries and bodies."""

from collections.abc import Mapping
from typing import Any

from router.api.call import Call, Parameter
from router.api.errors import ApiError
from router.backends.fields import Fields
from router.chain.records import as_bytes
from router.errors import BadRequest
from router.funds import Connection
from router.wallet.checks import checked_address

FEWEST, MOST = 10, 255
HIGHEST = 2**256 - 1
LONGEST_BYTES = 4096
KEY = Parameter("Idempotency-Key", "header", "Names this wish; the same key is carried out once.")
ID = Parameter("id", "path", "0x and 64 hexadecimal digits.")
PAGE = (
    Parameter("offset", "query", "How many to skip."),
    Parameter("limit", "query", "How many at most; 255 is the highest."),
    Parameter("order", "query", "ASC for the oldest first; anything else is the newest first."),
)

Ids = list[Any]


def checked_id(text: str, param: str) -> bytes:
    """An id of 32 bytes."""
    try:
        return as_bytes(text)
    except ValueError as error:
        raise BadRequest("An id is 0x and 64 hexadecimal digits.", param=param) from error


def id_in_path(call: Call) -> bytes:
    """The id that a path names."""
    return checked_id(call.request.match_info["id"], "id")


def address_in_path(call: Call) -> str:
    """The address that a path names."""
    return checked(call.request.match_info["id"], "id")


def checked(text: str, param: str) -> str:
    """An address."""
    try:
        return checked_address(text)
    except BadRequest as error:
        raise BadRequest(error.message, param=param, hint=error.hint) from error


def wei(value: Any, param: str) -> int:
    """An amount in wei: digits as a text, or a number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 78:
        raise BadRequest("This is not an amount in wei: digits only.", param=param)
    if int(text) > HIGHEST:
        raise BadRequest("There is no such amount: it is 2^256 wei or more.", param=param)
    return int(text)


def whole(fields: Fields, name: str, low: int, high: int) -> int:
    """A whole number that must be there: a number, or its digits as a text."""
    value = fields.raw(name)
    if value is None or value == "":
        raise fields.wrong(name, f"a whole number from {low} to {high}", code="missing_field")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    found = Fields({name: value}, fields.where).whole(name, low, high)
    assert found is not None
    return found


def hexadecimal(fields: Fields, name: str) -> bytes:
    """Bytes that must be there."""
    text = fields.needed_text(name).removeprefix("0x")
    try:
        if len(text) > 2 * LONGEST_BYTES:
            raise ValueError("too long")
        return bytes.fromhex(text)
    except ValueError as error:
        raise fields.wrong(name, "0x and hexadecimal digits") from error


def any_case(fields: Fields, *names: str) -> Fields:
    """The fields under these names, however they were capitalised.

    The original does not tell capitals from small letters in names, and its clients use both.
    """
    known = {name.lower(): name for name in names}
    values = {known.get(name.lower(), name): value for name, value in fields.values.items()}
    return Fields(values, fields.where)


def wish_key(call: Call) -> str:
    """The key of a wish, kept apart from the keys of other callers; empty for none."""
    key = call.request.headers.get("Idempotency-Key", "")
    if len(key) > 200 or not key.isprintable():
        raise ApiError(
            400,
            "bad_request",
            "An Idempotency-Key has at most 200 characters, all of them visible.",
            param="Idempotency-Key",
        )
    return f"api:{call.caller.id}:{key}" if key else ""


async def page_of(
    connection: Connection,
    call: Call,
    function: str,
    owner: tuple[Any, ...],
    *,
    everything: bool,
) -> tuple[Ids, int]:
    """One page of a list in the order that was asked for, and the block it is of.

    Args:
        everything: without a limit it is the whole list.
    """
    market, query = connection.market, call.request.query
    offset = _count(query, "offset", 0)
    limit = _count(query, "limit", 0 if everything else FEWEST)
    is_oldest_first = query.get("order") == "ASC"
    if limit > MOST:
        raise BadRequest(f"At most {MOST} at once.", param="limit")
    if everything and limit == 0:
        ids, block = await market.all_ids(function)
        return (ids if is_oldest_first else ids[::-1])[offset:], block
    block = (await connection.chain.head()).number
    if is_oldest_first:
        ids, _ = await market.page(function, owner, offset, limit, block)
        return ids, block
    _, total = await market.page(function, owner, 0, 0, block)
    start, end = max(total - offset - limit, 0), max(total - offset, 0)
    ids, _ = await market.page(function, owner, start, end - start, block)
    return ids[::-1], block


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest("This is not a whole number.", param=name)
    return int(text)
