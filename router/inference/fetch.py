"""Talks to the model hub: asks which file it has, and loads it piece by piece.

Imported when the first download begins: aiohttp takes 0.2 s that nobody should wait for earlier.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import aiohttp

from router.errors import DownloadError
from router.inference.catalog import CatalogModel
from router.inference.download import Source, disk_error

log = logging.getLogger(__name__)

PIECE = 1 << 18
TRIES = 5
LISTING_LIMIT = 4_000_000
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=30)

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
                return await answer.content.read(LISTING_LIMIT)

        text = await _retrying(once, sleep)
    for entry in _entries(text):
        name, large = entry.get("path"), entry.get("lfs")
        if isinstance(name, str) and model.fits(name) and isinstance(large, dict):
            return _source(base, model, name, large)
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
        DownloadError: the hub sends something else, the disk is full, the connection is gone.
    """
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        await _retrying(lambda: _load_once(session, source, model, part, progress), sleep)


async def _load_once(
    session: aiohttp.ClientSession,
    source: Source,
    model: CatalogModel,
    part: Path,
    progress: Progress,
) -> None:
    done = await asyncio.to_thread(_size, part)
    if done >= source.size:
        return
    headers = {"Range": f"bytes={done}-"} if done else {}
    async with session.get(source.url, headers=headers) as answer:
        _check(answer, model)
        resumed = answer.status == 206
        file = await asyncio.to_thread(part.open, "ab" if resumed else "wb")
        with file:
            done = await _copy(answer, file, done if resumed else 0, source.size, progress)
    if done < source.size:
        raise aiohttp.ClientPayloadError("the line was cut")


async def _copy(
    answer: aiohttp.ClientResponse, file: BinaryIO, done: int, total: int, progress: Progress
) -> int:
    async for piece in answer.content.iter_chunked(PIECE):
        done += len(piece)
        if done > total:
            raise DownloadError("The hub sends more than it announced; it was not kept.")
        try:
            await asyncio.to_thread(file.write, piece)
        except OSError as error:
            raise disk_error(error) from error
        progress(done)
    return done


async def _retrying(step: Callable[[], Awaitable[T]], sleep: Sleep) -> T:
    """Do a step again after network errors, ever more slowly."""
    attempt = 1
    while True:
        try:
            return await step()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("network error, try %d of %d: %s", attempt, TRIES, error)
            if attempt == TRIES:
                raise DownloadError(
                    "The connection to the model hub failed.",
                    safe="What has come so far is kept.",
                    hint="Check the connection, or the mirror in Settings, and try again.",
                ) from error
            await sleep(2.0 ** (attempt - 1))
            attempt += 1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check(answer: aiohttp.ClientResponse, model: CatalogModel) -> None:
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
        raise DownloadError("The hub has another file now. Cancel this download and start again.")
    answer.raise_for_status()


def _entries(text: bytes) -> list[dict[str, Any]]:
    try:
        listing = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DownloadError(
            "The hub's answer could not be understood.",
            safe="Nothing was changed.",
            hint="A sign-in page of the network may be in between. Try again later.",
        ) from error
    return (
        [entry for entry in listing if isinstance(entry, dict)] if isinstance(listing, list) else []
    )


def _source(base: str, model: CatalogModel, name: str, large: dict[str, Any]) -> Source:
    digest, size = large.get("oid"), large.get("size")
    plain = "/" not in name and "\\" not in name
    sound = isinstance(digest, str) and len(digest) == 64 and isinstance(size, int) and size > 0
    if not plain or not sound or not isinstance(digest, str) or not isinstance(size, int):
        raise DownloadError(
            "The hub's answer could not be understood.", safe="Nothing was changed."
        )
    return Source(f"{base}/{model.repository}/resolve/main/{name}", name, size, digest.lower())
