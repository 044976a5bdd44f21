"""Reads forms with a file, piece by piece: bounded in size, number and time before it is kept."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from router.api.errors import ApiError

MOST_PARTS = 64
LONGEST_VALUE = 64 * 1024
FILE_BYTES = 25 * 1024 * 1024
FORM_S = 120.0
LIST = "[]"


@dataclass
class Form:
    """A form as it came. Values are texts; a name that came again has the last one.

    Args:
        lists: all values of names that are lists, as `name[]`, without the brackets.
    """

    values: dict[str, str] = field(default_factory=dict)
    file: bytes | None = None
    file_name: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)


async def read_form(request: web.Request) -> Form:
    """The form in the body.

    Raises:
        ApiError: 400 it is damaged or has too many parts, 408 too slow, 413 too large, 415 no form.
    """
    if request.content_type != "multipart/form-data":
        raise ApiError(415, "form_required", "Send a form, with Content-Type: multipart/form-data.")
    try:
        async with asyncio.timeout(FORM_S):
            return await _read(request)
    except TimeoutError:
        raise ApiError(408, "body_timeout", "The form did not arrive in time.") from None
    except (ValueError, KeyError, AssertionError) as error:
        raise ApiError(400, "invalid_form", "The form in the body is damaged.") from error


async def _read(request: web.Request) -> Form:
    form = Form()
    parts = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        parts += 1
        if parts > MOST_PARTS or not isinstance(part, BodyPartReader):
            raise ApiError(400, "invalid_form", f"A form has at most {MOST_PARTS} plain parts.")
        if part.name == "file":
            form.file = await _bytes(part, FILE_BYTES)
            form.file_name = part.filename or ""
        elif part.name:
            value = (await _bytes(part, LONGEST_VALUE)).decode("utf-8")
            if part.name.endswith(LIST):
                form.lists.setdefault(part.name.removesuffix(LIST), []).append(value)
            else:
                form.values[part.name] = value
    return form


async def _bytes(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > most:
            raise ApiError(
                413, "body_too_large", f"The part {part.name} must be at most {most} bytes."
            )
    return bytes(data)
