"""What the app remembers of model files: linked ones, their settings, their hashes (models.json)."""

import dataclasses
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.errors import StorageError

VERSION = 1


@dataclass(frozen=True)
class ModelOptions:
    """Settings of one model; 0 and None mean the general ones."""

    context_tokens: int = 0
    threads: int = 0
    gpu_layers: int | None = None


class Registry:
    """The file models.json. Methods block: call them on a thread.

    `problem` says why the file was not used, or is empty; a damaged one is set aside, not lost.
    """

    def __init__(self, path: Path) -> None:
        self.problem = ""
        self.files: list[Path] = []
        self._path = path
        self._options: dict[str, ModelOptions] = {}
        self._hashes: dict[str, tuple[int, int, str]] = {}
        self._lock = threading.Lock()
        self._loaded = False

    def load(self) -> None:
        """Read the file, once."""
        with self._lock:
            if self._loaded:
                return
            self._loaded = True
            try:
                self._take(json.loads(self._path.read_text(encoding="utf-8")))
            except FileNotFoundError:
                return
            except (
                OSError,
                ValueError,
                TypeError,
                KeyError,
                AttributeError,
                RecursionError,
            ) as error:
                self.files, self._options, self._hashes = [], {}, {}
                self._set_aside(error)

    def options(self, model_id: str) -> ModelOptions:
        """Settings of a model."""
        return self._options.get(model_id, ModelOptions())

    def set_options(self, model_id: str, options: ModelOptions) -> None:
        """Keep settings of a model; the default ones are not kept."""
        with self._lock:
            self._options.pop(model_id, None)
            if options != ModelOptions():
                self._options[model_id] = options
            self._save()

    def add_file(self, path: Path) -> None:
        """Remember a linked file."""
        with self._lock:
            if path not in self.files:
                self.files.append(path)
                self._save()

    def forget(self, model_id: str, path: Path) -> None:
        """Forget all about a file."""
        with self._lock:
            self.files = [file for file in self.files if file != path]
            self._options.pop(model_id, None)
            self._hashes.pop(str(path), None)
            self._save()

    def known_sha256(self, path: Path) -> str:
        """The hash noted for a file, or empty when size or time of change are others since."""
        status = path.stat()
        known = self._hashes.get(str(path))
        if known is None or known[:2] != (status.st_size, status.st_mtime_ns):
            return ""
        return known[2]

    def note_sha256(self, path: Path, digest: str) -> None:
        """Remember the hash of a file as it is now."""
        status = path.stat()
        with self._lock:
            self._hashes[str(path)] = (status.st_size, status.st_mtime_ns, digest)
            self._save()

    def _take(self, table: dict[str, Any]) -> None:
        self.files = [Path(str(file)) for file in table["files"]]
        self._options = {str(k): ModelOptions(**v) for k, v in table["options"].items()}
        self._hashes = {
            str(k): (int(size), int(changed), str(digest))
            for k, (size, changed, digest) in table["hashes"].items()
        }

    def _set_aside(self, error: Exception) -> None:
        kept = self._path.with_suffix(f".bad-{os.getpid()}.json")
        try:
            self._path.replace(kept)
        except OSError:
            kept = self._path
        self.problem = (
            f"The list of linked model files could not be read ({type(error).__name__}). "
            f"It was kept as {kept.name}. Add the files again in Local models."
        )

    def _save(self) -> None:
        table = {
            "version": VERSION,
            "files": [str(file) for file in self.files],
            "options": {k: dataclasses.asdict(v) for k, v in self._options.items()},
            "hashes": self._hashes,
        }
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            temporary.write_text(json.dumps(table, indent=1), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise StorageError(
                f"The list of models could not be saved: {error.strerror or error}.",
                safe="The model files are untouched.",
            ) from error
