"""Local models: what is here, what can be had, what fits, what is loaded."""

import asyncio
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from router.config import Config, Settings
from router.errors import MorpheusError
from router.inference import catalog
from router.inference.catalog import CatalogModel
from router.inference.download import Download, Downloads
from router.inference.hardware import cores, gpu_backend
from router.inference.host import HostState, InferenceHost
from router.inference.library import LoadOptions, LocalModel, ModelLibrary
from router.inference.memory import Memory, Need, memory, verdict
from router.inference.registry import ModelOptions
from router.parts import Part, PartState
from router.untrusted import one_line

Status = Literal["loaded", "loading", "fits", "tight", "too_big", "broken", "coming"]
RemovalKind = Literal["delete", "unlist", "unlink"]
MEMORY_EVERY_MS = 2_000
LEAST_RETRY_TOKENS = 1_024
USING_THE_NETWORK = ("asking", "loading")


@dataclass(frozen=True)
class ModelRow:
    """One row: a file that is here, or a model that can be had.

    Args:
        needs: bytes of memory, about; 0 when nobody knows.
        progress: of loading into memory, from 0 to 1.
        can_stop: it is being loaded because of this page.
    """

    id: str
    name: str
    size_bytes: int
    status: Status
    needs: int = 0
    progress: float = 0.0
    can_stop: bool = False
    model: LocalModel | None = None
    offer: CatalogModel | None = None
    download: Download | None = None

    @property
    def usable(self) -> bool:
        """Whether it is here and can be loaded."""
        return self.model is not None and not self.model.problem

    @property
    def can_download(self) -> bool:
        """Whether a download can be begun, gone on with or tried again."""
        resting = self.download is None or self.download.phase in ("paused", "failed")
        return self.offer is not None and resting


@dataclass(frozen=True)
class Removal:
    """What removing a model would do: delete its file, take it out of the list, or unlink
    `folder` with all its `count` models."""

    kind: RemovalKind
    model: LocalModel
    folder: Path | None = None
    count: int = 1


class ModelsViewModel(QObject):
    """The models page.

    Signals:
        changed: rows, memory or the worker are new.
        hashed: id, SHA-256 of its file.
        added: words for what was added.
        online_changed: what the network is used for now, in words, or empty.
        refused: a MorpheusError to explain on the page.
        failed: any other error.
    """

    changed = Signal()
    hashed = Signal(str, str)
    added = Signal(str)
    online_changed = Signal(str)
    refused = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        library: ModelLibrary,
        host: InferenceHost,
        downloads: Downloads,
        settings: Settings,
        part: Part,
    ) -> None:
        super().__init__()
        self._library = library
        self._host = host
        self._downloads = downloads
        self._settings = settings
        self._part = part
        self.memory: Memory = memory()
        self.selected = ""
        self._online = ""
        self._tasks = UiTasks(self._explain)
        self._timer = QTimer(self, interval=MEMORY_EVERY_MS)
        self._timer.timeout.connect(self._measure)
        self._unsubscribe = [
            library.changed.subscribe(lambda _none: self.changed.emit()),
            host.changed.subscribe(lambda _state: self.changed.emit()),
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            part.changed.subscribe(lambda _state: self.changed.emit()),
            downloads.changed.subscribe(self._downloads_changed),
        ]

    async def close(self) -> None:
        """Stop listening and end what runs; downloads go on."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._timer.stop()
        await self._tasks.close()

    def watch_memory(self, *, on: bool) -> None:
        """Measure free memory while the page is looked at."""
        if on:
            self._measure()
            self._timer.start()
        else:
            self._timer.stop()

    # What there is

    @property
    def part(self) -> PartState:
        """How the part of the node is that knows the models."""
        return self._part.state

    @property
    def installed(self) -> tuple[ModelRow, ...]:
        """The files that are here."""
        # Reading the state measures the worker: once, and not for each of a thousand files.
        state, room = self._host.state, self.available
        return tuple(self._row(model, state, room) for model in self._library.models)

    @property
    def offers(self) -> tuple[ModelRow, ...]:
        """The models of the catalogue that are not here."""
        here = {model.id for model in self._library.models}
        coming = {download.model.id: download for download in self._downloads.all}
        room = self.available
        return tuple(
            self._offer(offer, coming.get(offer.id), room)
            for offer in catalog.models()
            if offer.repository and offer.id not in here
        )

    def row(self, row_id: str) -> ModelRow | None:
        """A row by its id."""
        return next((row for row in self.installed + self.offers if row.id == row_id), None)

    @property
    def host_state(self) -> HostState:
        """How the worker is."""
        return self._host.state

    @property
    def available(self) -> Memory:
        """Memory for the next model: the one that is loaded makes room for it."""
        loaded = self._host.state.memory_bytes or 0
        return Memory(self.memory.total, self.memory.free + loaded)

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self._settings.current

    @property
    def problem(self) -> str:
        """What is wrong with the list of linked files, or empty."""
        return self._library.problem

    @property
    def default_id(self) -> str:
        """The model new chats start with, or empty."""
        return self._library.default.id if self._library.default is not None else ""

    @property
    def source(self) -> str:
        """The computer that downloads come from."""
        address = self.config.inference.mirror or catalog.hub()
        return one_line(urlsplit(address).hostname or address)

    @property
    def cores(self) -> int:
        """Cores of this computer."""
        return cores()

    @cached_property
    def gpu(self) -> str:
        """What graphics processors are used with, or empty when this build cannot."""
        return gpu_backend()

    # How a model is loaded

    def options(self, model_id: str) -> LoadOptions:
        """How the model is or would be loaded."""
        return self._library.options(model_id)

    def need(self, model_id: str, context_tokens: int) -> Need | None:
        """Estimated memory with a context."""
        return self._library.need(model_id, context_tokens)

    def change_options(self, model_id: str, **changes: int) -> None:
        """Keep settings of a model, by the names of ModelOptions; the others stay."""
        own = replace(self._library.own_options(model_id), **changes)
        self._tasks.start(f"options {model_id}", self._library.set_options(model_id, own))

    def reset_options(self, model_id: str) -> None:
        """Go back to the settings for all models."""
        reset = self._library.set_options(model_id, ModelOptions())
        self._tasks.start(f"options {model_id}", reset)

    def set_idle(self, seconds: int) -> None:
        """When a model that is not used gives its memory back; 0 is never. For all models."""
        self._settings.change({"inference.idle_unload_s": seconds})

    def set_default(self, model_id: str) -> None:
        """New chats start with this model."""
        self._settings.change({"inference.default_model": model_id})

    def load(self, model_id: str) -> None:
        """Load a model, or load it again with new settings."""
        self._tasks.start("load", self._host.load(model_id))

    def unload(self) -> None:
        """Give the memory back; ends a loading that was begun here."""
        self._tasks.start("load", self._host.unload())

    @property
    def smaller_context(self) -> int:
        """Half the context the failed model was to have, or 0 when there is nothing to halve."""
        state = self._host.state
        if state.phase != "failed" or state.model is None or self.row(state.model.id) is None:
            return 0
        half = self.options(state.model.id).context_tokens // 2
        return half if half >= LEAST_RETRY_TOKENS else 0

    def load_smaller(self) -> None:
        """Load the model that failed with half its context."""
        model, tokens = self._host.state.model, self.smaller_context
        if model is not None and tokens:
            self._tasks.start("load", self._load_with(model.id, tokens))

    async def _load_with(self, model_id: str, tokens: int) -> None:
        smaller = replace(self._library.own_options(model_id), context_tokens=tokens)
        await self._library.set_options(model_id, smaller)
        await self._host.load(model_id)

    # Files

    def look_again(self) -> None:
        """Read all folders again."""
        self._tasks.start("look", self._part.restart())

    def add(self, path: Path) -> None:
        """Link a file or a folder where it is."""
        self._tasks.start(f"add {path}", self._add(path))

    async def _add(self, path: Path) -> None:
        if await asyncio.to_thread(path.is_dir):
            count = await self._library.link_folder(path)
            self.added.emit(f"{fmt.counted(count, 'model')} from {one_line(path.name)}")
        else:
            model = await self._library.add_file(path)
            self.selected = model.id
            self.added.emit(one_line(model.name))
            self.changed.emit()

    def removal(self, model_id: str) -> Removal | None:
        """What `remove` would do, to be asked about; None when there is nothing to remove."""
        row = self.row(model_id)
        if row is None or row.model is None or row.model.bundled:
            return None
        if row.model.owned:
            return Removal("delete", row.model)
        folder = self._library.linked_folder(model_id)
        if folder is None:
            return Removal("unlist", row.model)
        inside = [m for m in self._library.models if self._library.linked_folder(m.id) == folder]
        return Removal("unlink", row.model, folder, len(inside))

    def remove(self, removal: Removal) -> None:
        """Do it."""
        self._tasks.start(f"remove {removal.model.id}", self._remove(removal))

    async def _remove(self, removal: Removal) -> None:
        loaded = self._host.state.model
        if loaded is not None and loaded.id == removal.model.id:
            await self._host.unload()
        if removal.folder is not None:
            await self._library.unlink_folder(removal.folder)
        else:
            await self._library.remove(removal.model.id)

    def hash(self, model_id: str) -> None:
        """Find out the SHA-256 of a file; `hashed` tells."""
        self._tasks.start("hash", self._hash(model_id))

    async def _hash(self, model_id: str) -> None:
        self.hashed.emit(model_id, await self._library.sha256(model_id))

    # Downloads

    def download(self, offer: CatalogModel) -> None:
        """Begin or go on with a download."""
        self._tasks.start(f"download {offer.id}", self._download(offer))

    async def _download(self, offer: CatalogModel) -> None:
        self._downloads.start(offer)

    def pause(self, model_id: str) -> None:
        """Stop a download for now."""
        self._tasks.start(f"download {model_id}", self._downloads.pause(model_id))

    def cancel(self, model_id: str) -> None:
        """End a download and delete what has come."""
        self._tasks.start(f"download {model_id}", self._downloads.cancel(model_id))

    def _downloads_changed(self, downloads: tuple[Download, ...]) -> None:
        busy = [each.model.name for each in downloads if each.phase in USING_THE_NETWORK]
        online = f"Downloading {busy[0]} from {self.source}" if busy else ""
        if online != self._online:
            self._online = online
            self.online_changed.emit(online)
        self.changed.emit()

    # Rows

    def _row(self, model: LocalModel, state: HostState, room: Memory) -> ModelRow:
        status, needs = self._status(model, state, room)
        loading = status == "loading"
        return ModelRow(
            model.id,
            model.name,
            model.size_bytes,
            status,
            needs,
            progress=state.progress if loading else 0.0,
            can_stop=loading and self._tasks.running("load"),
            model=model,
        )

    def _status(self, model: LocalModel, state: HostState, room: Memory) -> tuple[Status, int]:
        if model.problem:
            return "broken", 0
        wanted = self.need(model.id, self.options(model.id).context_tokens)
        if wanted is None:
            return "broken", 0
        if state.model is not None and state.model.id == model.id:
            if state.phase in ("ready", "busy"):
                return "loaded", wanted.total
            if state.phase == "loading":
                return "loading", wanted.total
        return verdict(wanted, room), wanted.total

    def _offer(self, offer: CatalogModel, download: Download | None, room: Memory) -> ModelRow:
        status: Status = "coming"
        if download is None:
            status = verdict(Need(offer.needs_bytes, 0, 0), room)
        return ModelRow(
            offer.id,
            offer.name,
            offer.approximate_bytes,
            status,
            offer.needs_bytes,
            offer=offer,
            download=download,
        )

    def _explain(self, error: Exception) -> None:
        # Why a model did not load is part of the host's state, and shown from there.
        if error is self._host.state.error:
            return
        if isinstance(error, MorpheusError):
            self.refused.emit(error)
        else:
            self.failed.emit(error)

    def _measure(self) -> None:
        self.memory = memory()
        self.changed.emit()
