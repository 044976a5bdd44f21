"""Talks to the model hub: asks which file it has, and loads it piece by piece.

Nothing it says is taken on trust: what comes is measured against the size it listed, and
`download` compares the SHA-256 before the file becomes a model.

Imported when the first download begins: aiohttp takes 0.2 s that nobody should wait for earlier.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import aiohttp
import yarl

from router.errors import DownloadError
from router.inference.catalog import CatalogModel
from router.inference.download import Source

log = logging.getLogger(__name__)

PIECE = 1 << 18
TRIES = 5
LONGEST_WAIT_S = 60.0
LISTING_LIMIT = 4_000_000
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=30)

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Progress = Callable[[int], None]


async def ask(base: str, model: CatalogModel, sleep: Sleep) -> Source:
    """The file of a model that the hub at `base` has now.

    Raises:
        DownloadError: no such file, no right to it, no connection.
    """
    listing = f"{base}/api/models/{model.repository}/tree/main?recursive=true"
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:

        async def once() -> bytes:
            async with session.get(listing) as answer:
                _check(answer, model)
                return await _whole(answer)

        text = await _retrying(once, sleep)
    for entry in _entries(text):
        if (source := _source(base, model, entry)) is not None:
            return source
    raise DownloadError(
        f"The hub does not list a file for {model.name} that this app knows how to use.",
        safe="Nothing was changed.",
        hint="Download a GGUF file yourself and add it in Local models.",
    )


async def load(
    source: Source, model: CatalogModel, part: Path, progress: Progress, sleep: Sleep
) -> None:
    """Complete the file `part`; `progress` hears how many bytes there are.

    Raises:
        DownloadError: the hub sends something else, or the connection is gone for good.
        OSError: the file cannot be written.
    """
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        while await asyncio.to_thread(_size, part) < source.size:
            await _retrying(lambda: _load_more(session, source, model, part, progress), sleep)


async def _load_more(
    session: aiohttp.ClientSession,
    source: Source,
    model: CatalogModel,
    part: Path,
    progress: Progress,
) -> None:
    """Load as much as one answer brings; failing only counts when that is nothing."""
    done = await asyncio.to_thread(_size, part)
    headers = {"Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    try:
        async with session.get(source.url, headers=headers) as answer:
            _check(answer, model)
            begin = _begin(answer, done, source.size)
            file = await asyncio.to_thread(part.open, "ab" if begin else "wb")
            with file:
                await _copy(answer, file, begin, source.size, progress)
    except (aiohttp.ClientError, TimeoutError):
        if await asyncio.to_thread(_size, part) <= done:
            raise


async def _copy(
    answer: aiohttp.ClientResponse, file: BinaryIO, done: int, total: int, progress: Progress
) -> None:
    async for piece in answer.content.iter_chunked(PIECE):
        done += len(piece)
        if done > total:
            raise _another_file()
        await asyncio.to_thread(file.write, piece)
        progress(done)
    if done < total:
        raise aiohttp.ClientPayloadError("the answer ended early")


def _begin(answer: aiohttp.ClientResponse, done: int, total: int) -> int:
    """At which byte of the file an answer begins: where ours ends, or at 0.

    Raises:
        DownloadError: it is part of another file.
    """
    if answer.status == 206:
        said = answer.headers.get("Content-Range", "")
        if not re.fullmatch(rf"bytes {done}-\d+/({total}|\*)", said):
            raise _another_file()
        return done
    if answer.content_length not in (None, total):
        raise _another_file()
    return 0


async def _retrying(step: Callable[[], Awaitable[T]], sleep: Sleep) -> T:
    """Do a step again after network errors, ever more slowly, or as slowly as the hub asks."""
    attempt = 1
    while True:
        try:
            return await step()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("network error, try %d of %d: %s", attempt, TRIES, error)
            if attempt == TRIES:
                raise _gave_up(error) from error
            await sleep(max(2.0 ** (attempt - 1), _asked_wait_s(error)))
            attempt += 1


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    text = bytearray()
    async for piece in answer.content.iter_any():
        text += piece
        if len(text) > LISTING_LIMIT:
            raise _not_understood()
    return bytes(text)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check(answer: aiohttp.ClientResponse, model: CatalogModel) -> None:
    """Let a good answer pass.

    Raises:
        DownloadError: trying again would not help.
        aiohttp.ClientResponseError: it may help.
    """
    _require_protection([*(step.url for step in answer.history), answer.url])
    if answer.status in (200, 206):
        return
    if answer.status in (401, 403):
        raise DownloadError(
            f"{model.name} is given out only to people who accepted its licence on the hub.",
            safe="Nothing was changed.",
            hint="Download it there in a browser and add the file in Local models.",
        )
    if answer.status == 404:
        raise DownloadError(f"{model.name} is no longer where it was on the hub.")
    if answer.status == 416:
        raise _another_file()
    if answer.status >= 500 or answer.status in (408, 425, 429):
        answer.raise_for_status()
    raise DownloadError(f"The hub refused the request (status {answer.status}).")


def _require_protection(steps: Sequence[yarl.URL]) -> None:
    """What began encrypted must stay so: whoever changes the listing chooses the file.

    Raises:
        DownloadError: a redirection leads out of it.
    """
    schemes = [step.scheme for step in steps]
    if schemes[0] == "https" and set(schemes) != {"https"}:
        raise DownloadError(
            "The hub sent this download on over an unprotected connection.",
            safe="Nothing was taken from there.",
        )


def _asked_wait_s(error: Exception) -> float:
    """How long the hub asks us to wait, in seconds; 0 when it does not say."""
    if not isinstance(error, aiohttp.ClientResponseError) or error.headers is None:
        return 0.0
    said = error.headers.get("Retry-After", "")
    return min(float(said), LONGEST_WAIT_S) if said.isascii() and said.isdigit() else 0.0


def _gave_up(error: Exception) -> DownloadError:
    if isinstance(error, aiohttp.ClientResponseError) and error.status >= 400:
        message, hint = f"The hub answers with an error (status {error.status}).", ""
    else:
        message = "The connection to the model hub failed."
        hint = "Check the connection, or the mirror in Settings, and try again."
    return DownloadError(
        message, safe="What has come so far is kept.", hint=hint or "Try again later."
    )


def _another_file() -> DownloadError:
    return DownloadError(
        "The hub sends another file than it lists.",
        hint="Try again. If it stays so, cancel this download and start anew: the file was "
        "changed, or a sign-in page of the network is in between.",
    )


def _not_understood() -> DownloadError:
    return DownloadError(
        "The hub's answer could not be understood.",
        safe="Nothing was changed.",
        hint="A sign-in page of the network may be in between. Try again later.",
    )


def _entries(text: bytes) -> list[dict[str, Any]]:
    try:
        listing = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_understood() from error
    return (
        [entry for entry in listing if isinstance(entry, dict)] if isinstance(listing, list) else []
    )


def _source(base: str, model: CatalogModel, entry: dict[str, Any]) -> Source | None:
    """The file of one entry of the listing, if it is the one to take."""
    name, large = entry.get("path"), entry.get("lfs")
    if not isinstance(name, str) or not _PLAIN_NAME.fullmatch(name) or not model.fits(name):
        return None
    digest, size = (large.get("oid"), large.get("size")) if isinstance(large, dict) else (None, 0)
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        return None
    if not isinstance(size, int) or size <= 0:
        return None
    return Source(f"{base}/{model.repository}/resolve/main/{name}", name, size, digest.lower())
