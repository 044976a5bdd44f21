"""What stands behind the models page: real files, a real library and real downloads, and a host
whose worker process has no model."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from router.config import Settings
from router.inference.download import Downloads
from router.inference.host import InferenceHost
from router.inference.library import ModelLibrary
from router.parts import Part
from router.paths import Paths
from tests.support import gguf_file

WORKER = [sys.executable, str(Path(__file__).with_name("fake_worker.py"))]


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


class ModelDesk:
    """All of it over one folder; `start` looks for models."""

    def __init__(self, folder: Path, *, mirror: str = "http://127.0.0.1:9") -> None:
        self.folder = folder
        self.paths = Paths(folder / "data")
        self.paths.prepare()
        self.bundled = folder / "bundled"
        self.bundled.mkdir()
        self.settings = Settings(self.paths.settings, {"inference.mirror": mirror})
        self.library = ModelLibrary(self.paths, self.settings, bundled=self.bundled)
        self.worker: list[str] = WORKER
        self.host = InferenceHost(self.library, self.settings, command=lambda: self.worker)
        self.downloads = Downloads(self.paths, self.settings, self.library, sleep=_at_once)
        self.part = Part("models", "Local models", self._look, self.host.close)
        self.vm = ModelsViewModel(self.library, self.host, self.downloads, self.settings, self.part)
        self.refused: list[Exception] = []
        self.vm.refused.connect(self.refused.append)

    def write(self, name: str, values: dict[str, Any] | None = None, **how: Any) -> Path:
        """A model file outside of the app's folders."""
        return gguf_file.write(self.folder / "files" / f"{name}.gguf", values, **how)

    def write_own(self, name: str, **how: Any) -> Path:
        """A model file in the folder of downloads."""
        return gguf_file.write(self.paths.models / f"{name}.gguf", **how)

    async def start(self) -> None:
        """Look for models."""
        await self.part.start()

    def row(self, row_id: str) -> ModelRow:
        """A row that must be there."""
        row = self.vm.row(row_id)
        assert row is not None, row_id
        return row

    async def close(self) -> None:
        """End everything."""
        await self.vm.close()
        await self.downloads.close()
        await self.host.close()

    async def _look(self) -> str:
        self.host.open()
        await self.library.scan()
        return f"{len(self.library.models)} models"


@contextlib.asynccontextmanager
async def model_desk(folder: Path, **how: str) -> AsyncIterator[ModelDesk]:
    """A desk until the block is left."""
    desk = ModelDesk(folder, **how)
    try:
        yield desk
    finally:
        await desk.close()
