"""Local models: what is here, what can be had, what fits, what is loaded."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from router.config import Settings
from router.inference import catalog
from router.inference.catalog import CatalogModel
from router.inference.download import Download, Downloads
from router.inference.host import HostState, InferenceHost
from router.inference.library import LoadOptions, LocalModel, ModelLibrary
from router.inference.memory import Memory, Need, memory, verdict
from router.inference.registry import ModelOptions

Status = Literal["loaded", "loading", "fits", "tight", "too_big", "broken", "offered", "coming"]
MEMORY_EVERY_MS = 2_000


@dataclass(frozen=True)
class ModelRow:
    """One row: a file that is here, or a model that can be had."""

    id: str
    name: str
    detail: str
    size_bytes: int
    status: Status
    model: LocalModel | None = None
    offer: CatalogModel | None = None
    download: Download | None = None


class ModelsViewModel(QObject):
    """The models page.

    Signals:
        rows_changed: `rows` is new.
        memory_changed: `memory` or the worker's share of it is new.
        added: name of a model that was added.
        failed: an exception to show.
    """

    rows_changed = Signal()
    memory_changed = Signal()
    added = Signal(str)
    failed = Signal(object)

    def __init__(
        self, library: ModelLibrary, host: InferenceHost, downloads: Downloads, settings: Settings
    ) -> None:
        super().__init__()
        self._library = library
        self._host = host
        self._downloads = downloads
        self._settings = settings
        self.memory: Memory = memory()
        self.selected = ""
        self._tasks = UiTasks(self.failed.emit)
        self._timer = QTimer(self, interval=MEMORY_EVERY_MS)
        self._timer.timeout.connect(self._measure)
        self._unsubscribe = [
            library.changed.subscribe(lambda _none: self.rows_changed.emit()),
            host.changed.subscribe(self._host_changed),
            downloads.changed.subscribe(lambda _all: self.rows_changed.emit()),
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

    @property
    def installed(self) -> tuple[ModelRow, ...]:
        """The files that are here."""
        return tuple(self._row(model) for model in self._library.models)

    @property
    def offers(self) -> tuple[ModelRow, ...]:
        """The models of the catalogue that are not here."""
        here = {model.id for model in self._library.models}
        coming = {download.model.id: download for download in self._downloads.all}
        return tuple(
            self._offer(offer, coming.get(offer.id))
            for offer in catalog.models()
            if offer.repository and offer.id not in here
        )

    @property
    def rows(self) -> tuple[ModelRow, ...]:
        """All of them: what is here, then what can be had."""
        return self.installed + self.offers

    @property
    def host_state(self) -> HostState:
        """How the worker is."""
        return self._host.state

    @property
    def problem(self) -> str:
        """What is wrong with the list of linked files, or empty."""
        return self._library.problem

    @property
    def default_id(self) -> str:
        """The model new chats start with, or empty."""
        return self._library.default.id if self._library.default is not None else ""

    def row(self, row_id: str) -> ModelRow | None:
        """A row by its id."""
        return next((row for row in self.rows if row.id == row_id), None)

    def options(self, model_id: str) -> LoadOptions:
        """How the model is or would be loaded."""
        return self._library.options(model_id)

    def need(self, model_id: str, context_tokens: int) -> Need | None:
        """Estimated memory with a context."""
        return self._library.need(model_id, context_tokens)

    def load(self, model_id: str) -> None:
        """Load a model, or load it again with new settings."""
        self._tasks.start("load", self._host.load(model_id))

    def unload(self) -> None:
        """Give the memory back."""
        self._tasks.start("load", self._host.unload())

    def set_default(self, model_id: str) -> None:
        """New chats start with this model."""
        self._settings.change({"inference.default_model": model_id})
        self.rows_changed.emit()

    def set_options(self, model_id: str, options: ModelOptions) -> None:
        """Keep settings of a model."""
        self._run(f"options {model_id}", self._library.set_options(model_id, options))

    def add(self, path: Path) -> None:
        """Link a file or a folder where it is."""
        self._run(f"add {path}", self._add(path))

    def remove(self, model_id: str) -> None:
        """Take a model out of the list."""
        self._run(f"remove {model_id}", self._remove(model_id))

    def download(self, offer: CatalogModel) -> None:
        """Begin or go on with a download."""
        self._downloads.start(offer)

    def pause(self, model_id: str) -> None:
        """Stop a download for now."""
        self._run(f"download {model_id}", self._downloads.pause(model_id))

    def cancel(self, model_id: str) -> None:
        """End a download and delete what has come."""
        self._run(f"download {model_id}", self._downloads.cancel(model_id))

    async def sha256(self, model_id: str) -> str:
        """The file's hash."""
        return await self._library.sha256(model_id)

    def _run(self, key: str, coro: Coroutine[object, object, None]) -> None:
        self._tasks.start(key, coro)

    async def _add(self, path: Path) -> None:
        if await asyncio.to_thread(path.is_dir):
            count = await self._library.link_folder(path)
            self.added.emit(f"{fmt.counted(count, 'model')} from {path.name}")
        else:
            model = await self._library.add_file(path)
            self.added.emit(model.name)

    async def _remove(self, model_id: str) -> None:
        state = self._host.state
        if state.model is not None and state.model.id == model_id:
            await self._host.unload()
        await self._library.remove(model_id)

    def _row(self, model: LocalModel) -> ModelRow:
        detail = model.problem or model.path.name
        return ModelRow(
            model.id, model.name, detail, model.size_bytes, self._status(model), model=model
        )

    def _status(self, model: LocalModel) -> Status:
        if model.problem:
            return "broken"
        state = self._host.state
        if state.model is not None and state.model.id == model.id:
            if state.phase in ("ready", "busy"):
                return "loaded"
            if state.phase == "loading":
                return "loading"
        wanted = self.need(model.id, self.options(model.id).context_tokens)
        return verdict(wanted, self.memory) if wanted is not None else "broken"

    def _offer(self, offer: CatalogModel, download: Download | None) -> ModelRow:
        return ModelRow(
            offer.id,
            offer.name,
            offer.about,
            offer.approximate_bytes,
            "coming" if download is not None else "offered",
            offer=offer,
            download=download,
        )

    def _host_changed(self, _state: HostState) -> None:
        self.rows_changed.emit()
        self.memory_changed.emit()

    def _measure(self) -> None:
        self.memory = memory()
        self.memory_changed.emit()
