"""Reads the JSON body of a request: bounded in size, time and nesting before it is parsed."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from router.api.errors import ApiError
from router.api.origin import may_be_a_browser
from router.outside import deeper_than, refuse_constant

ON_A_THREAD_BYTES = 64 * 1024  # below it parsing takes under a millisecond


@dataclass(frozen=True)
class Limits:
    """What one client may take up. Sizes in bytes, times in seconds.

    Args:
        idle_s: longest wait for the head of a request, on a new or a kept connection.
        body_s: longest wait for a whole body.
        linger_s: how long the rest of a refused body is still read, so that the refusal arrives.
        write_s: longest wait for a client that does not read its answer.
    """

    body_bytes: int = 8 * 1024 * 1024
    line_bytes: int = 8 * 1024
    header_bytes: int = 16 * 1024
    headers: int = 64
    nesting: int = 64
    connections: int = 128
    idle_s: float = 30.0
    body_s: float = 30.0
    linger_s: float = 5.0
    write_s: float = 60.0


async def read_json(request: web.Request, limits: Limits) -> tuple[bytes, dict[str, Any]]:
    """The body as it came, and as a JSON object.

    Raises:
        ApiError: 400 not a JSON object or nested too deeply, 408 too slow, 413 too large,
            415 not JSON by its content type.
    """
    _check_head(request, limits)
    try:
        async with asyncio.timeout(limits.body_s):
            data = await request.read()
    except TimeoutError:
        raise ApiError(
            408, "body_timeout", "The body of the request did not arrive in time."
        ) from None
    if len(data) > ON_A_THREAD_BYTES:
        return data, await asyncio.to_thread(parse, data, limits.nesting)
    return data, parse(data, limits.nesting)


def parse(data: bytes, nesting: int) -> dict[str, Any]:
    """Parse strict JSON: an object, no NaN, no lone surrogates, at most `nesting` levels.

    Raises:
        ApiError: 400 with the code invalid_json or json_too_deep.
    """
    if deeper_than(data, nesting):
        raise ApiError(
            400, "json_too_deep", f"The body nests more than {nesting} levels, or lacks a bracket."
        )
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=refuse_constant)
        if b"\\ud" in data or b"\\uD" in data:  # half of a pair cannot be stored or sent on
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise ApiError(
            400, "invalid_json", f"The body is not valid JSON: {str(error)[:120]}."
        ) from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid_json", "The body must be a JSON object.")
    return value


def _check_head(request: web.Request, limits: Limits) -> None:
    if not _says_json(request) or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise ApiError(
            415, "json_required", "Send the body as JSON, with Content-Type: application/json."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "encoding_not_supported", "Send the body without compression.")
    if (request.content_length or 0) > limits.body_bytes:
        raise ApiError(
            413, "body_too_large", f"The body must be at most {limits.body_bytes} bytes."
        )


def _says_json(request: web.Request) -> bool:
    """Whether the body may be read as JSON.

    The clients of the original router do not say what they send, or call it text. Pages do so too,
    to be let in without being asked, so this is taken only from what cannot be one.
    """
    if "Content-Type" in request.headers and request.content_type != "text/plain":
        return request.content_type == "application/json"
    return not may_be_a_browser(request.headers)
