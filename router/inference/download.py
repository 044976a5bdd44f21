"""Downloads models from the hub: resumed, checked, one after the other.

A download is a `.part` file with a `.json` beside it that names its source, size and hash. It
goes on where it stopped as long as the hub offers the same file, and becomes a model only when
its SHA-256 is the one the hub lists and its header makes sense.
"""

import asyncio
import json
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from router.config import Settings
from router.errors import Busy, DownloadError, ModelError
from router.events import Emitter
from router.inference import catalog
from router.inference.catalog import CatalogModel
from router.inference.gguf import read_header
from router.inference.hashing import sha256_of
from router.inference.library import ModelLibrary
from router.loading import load
from router.paths import Paths
from router.tasks import Tasks

log = logging.getLogger(__name__)

Phase = Literal["queued", "asking", "loading", "checking", "paused", "failed"]

TELL_EVERY_S = 0.2
SPARE_BYTES = 200_000_000


@dataclass(frozen=True)
class Source:
    """The file the hub offers. `sha256` is from the hub's own listing."""

    url: str
    file_name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Download:
    """One download as it is now."""

    model: CatalogModel
    phase: Phase = "queued"
    done: int = 0
    total: int = 0
    bytes_per_s: float = 0.0
    error: DownloadError | None = None


class Downloads:
    """All downloads; `changed` tells of each step, at most five times a second."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        library: ModelLibrary,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.changed: Emitter[tuple[Download, ...]] = Emitter()
        self._folder = paths.models
        self._settings = settings
        self._library = library
        self._sleep = sleep
        self._tasks = Tasks()
        self._turn = asyncio.Lock()
        self._now: dict[str, Download] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def all(self) -> tuple[Download, ...]:
        """Every download that is not finished."""
        return tuple(self._now.values())

    async def restore(self) -> None:
        """List what an earlier run of the app has begun, as paused."""
        begun = await asyncio.to_thread(self._begun)
        self._now = {**begun, **self._now}
        self.changed.emit(self.all)

    def start(self, model: CatalogModel) -> None:
        """Begin, or go on with one that was paused or failed.

        Raises:
            Busy: it is being downloaded.
        """
        if model.id in self._running:
            raise Busy(f"{model.name} is being downloaded already.")
        kept = self._now.get(model.id, Download(model))
        self._tell(replace(kept, phase="queued", error=None))
        self._running[model.id] = self._tasks.spawn(f"download {model.id}", self._run(model))

    async def pause(self, model_id: str) -> None:
        """Stop for now; what has come is kept."""
        await self._halt(model_id)
        if (download := self._now.get(model_id)) is not None:
            self._tell(replace(download, phase="paused", bytes_per_s=0.0))

    async def cancel(self, model_id: str) -> None:
        """Stop and delete what has come."""
        await self._halt(model_id)
        if self._now.pop(model_id, None) is not None:
            await asyncio.to_thread(self._discard, model_id)
            self.changed.emit(self.all)

    async def close(self) -> None:
        """Stop all; they go on at the next start when asked."""
        await self._tasks.close()

    async def _halt(self, model_id: str) -> None:
        task = self._running.pop(model_id, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, model: CatalogModel) -> None:
        failure: DownloadError | None = None
        async with self._turn:
            try:
                await self._fetch(model)
            except DownloadError as error:
                failure = error
            except OSError as error:
                failure = _disk_error(error)
        self._running.pop(model.id, None)  # first: who is told next may start it again
        if failure is not None:
            log.warning("download of %s failed: %s", model.id, failure)
            self._tell(replace(self._now[model.id], phase="failed", bytes_per_s=0.0, error=failure))
            return
        del self._now[model.id]
        self.changed.emit(self.all)
        await self._library.scan()

    async def _fetch(self, model: CatalogModel) -> None:
        self._tell(replace(self._now[model.id], phase="asking"))
        fetch = await asyncio.to_thread(load, "router.inference.fetch")
        base = (self._settings.current.inference.mirror or catalog.hub()).rstrip("/")
        source: Source = await fetch.ask(base, model, self._sleep)
        part = await asyncio.to_thread(self._prepare, model.id, source)
        begun = await asyncio.to_thread(self._need_space, part, source.size)
        progress = self._progress(model.id, begun, source.size)
        await fetch.load(source, model, part, progress, self._sleep)
        self._tell(replace(self._now[model.id], phase="checking", bytes_per_s=0.0))
        digest = await sha256_of(part)
        await asyncio.to_thread(self._install, model.id, source, part, digest)

    def _progress(self, model_id: str, first: int, total: int) -> Callable[[int], None]:
        begun, told = time.monotonic(), 0.0

        def progress(done: int) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told < TELL_EVERY_S:
                return
            told = now
            speed = max(done - first, 0) / max(now - begun, 0.001)
            self._tell(
                replace(
                    self._now[model_id], phase="loading", done=done, total=total, bytes_per_s=speed
                )
            )

        return progress

    def _begun(self) -> dict[str, Download]:
        found = {}
        for model in catalog.models():
            part, note = self._part(model.id)
            source = _noted(note)
            if source is not None and part.is_file():
                size = part.stat().st_size
                found[model.id] = Download(model, "paused", size, source.size)
        return found

    def _prepare(self, model_id: str, source: Source) -> Path:
        """The file to write to; what was begun from another source is thrown away."""
        part, note = self._part(model_id)
        if _noted(note) != source:
            part.unlink(missing_ok=True)
            note.write_text(json.dumps(asdict(source)), encoding="utf-8")
        return part

    def _need_space(self, part: Path, size: int) -> int:
        """Check the free space; returns how many bytes have come before."""
        begun = part.stat().st_size if part.exists() else 0
        wanted, free = size - begun, shutil.disk_usage(self._folder).free
        if wanted + SPARE_BYTES > free:
            raise DownloadError(
                f"The download needs {wanted / 1e9:.1f} GB and {free / 1e9:.1f} GB are free.",
                safe="Nothing was changed.",
                hint="Free some space, or move the data folder with --data-dir.",
            )
        return begun

    def _install(self, model_id: str, source: Source, part: Path, digest: str) -> None:
        if digest != source.sha256:
            self._discard(model_id)
            raise DownloadError(
                "The downloaded file is not the one the hub lists (its SHA-256 differs).",
                safe="It was deleted.",
                hint="Try again; if it happens twice, the mirror or the line changes files.",
            )
        try:
            read_header(part)
        except ModelError as error:
            raise DownloadError(f"The file is no usable model: {error.message}") from error
        part.replace(self._folder / source.file_name)
        self._part(model_id)[1].unlink(missing_ok=True)

    def _discard(self, model_id: str) -> None:
        for file in self._part(model_id):
            file.unlink(missing_ok=True)

    def _part(self, model_id: str) -> tuple[Path, Path]:
        return self._folder / f"{model_id}.part", self._folder / f"{model_id}.part.json"

    def _tell(self, download: Download) -> None:
        self._now[download.model.id] = download
        self.changed.emit(self.all)


def _noted(note: Path) -> Source | None:
    """The source that a download was begun from; None when that cannot be told."""
    try:
        return Source(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _disk_error(error: OSError) -> DownloadError:
    """What is said when the disk refuses."""
    return DownloadError(
        f"The download could not be written: {error.strerror or error}.",
        safe="What has come so far is kept.",
        hint="Free some space and try again.",
    )
