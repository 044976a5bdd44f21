"""The model files of this computer: bundled, downloaded, linked; checked before they are listed."""

import asyncio
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import resources
from router.config import Settings
from router.errors import ModelError, NoModel, NotFound
from router.events import Emitter
from router.inference import catalog
from router.inference.gguf import Header, read_header
from router.inference.hardware import cores
from router.inference.hashing import sha256_of
from router.inference.memory import Need, need
from router.inference.registry import ModelOptions, Registry
from router.paths import Paths
from router.untrusted import one_line

BUNDLED = Path(resources.__file__).parent / "models"
DEFAULT_CONTEXT = 8192
SMALLEST_CONTEXT = 512
DEEPEST_FOLDER = 4
MOST_FILES = 2_000

_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})$")


@dataclass(frozen=True)
class LocalModel:
    """One model file.

    Args:
        id: stable name for programs and settings.
        context_tokens: what it was trained for, 0 when the file does not say.
        parameters: number of weights.
        capabilities: of "chat", "tools", "reasoning", "embeddings". Pictures are not read:
            the runtime is built without an image projector.
        bundled: came with the app.
        owned: lies in the app's own folder, so that removing it deletes the file.
        problem: why it cannot be used, or empty.
    """

    id: str
    name: str
    path: Path
    size_bytes: int = 0
    architecture: str = ""
    parameters: int | None = None
    quantization: str = ""
    context_tokens: int = 0
    licence: str = ""
    capabilities: frozenset[str] = frozenset()
    bundled: bool = False
    owned: bool = False
    problem: str = ""


@dataclass(frozen=True)
class LoadOptions:
    """How a model is loaded: final numbers. `gpu_layers` -1 is as many as fit."""

    context_tokens: int
    threads: int
    gpu_layers: int


class ModelLibrary:
    """All model files that are known; `changed` tells after each scan or change."""

    def __init__(self, paths: Paths, settings: Settings, *, bundled: Path = BUNDLED) -> None:
        self.changed: Emitter[None] = Emitter()
        self._settings = settings
        self._own = paths.models
        self._bundled = bundled
        self._registry = Registry(paths.data / "models.json")
        self._models: dict[str, LocalModel] = {}
        self._headers: dict[str, Header] = {}

    @property
    def models(self) -> tuple[LocalModel, ...]:
        """Every file, the bundled one first, then by name; broken ones at the end."""
        return tuple(
            sorted(
                self._models.values(),
                key=lambda model: (bool(model.problem), not model.bundled, model.name.lower()),
            )
        )

    @property
    def problem(self) -> str:
        """What went wrong with the list of linked files, or empty."""
        return self._registry.problem

    @property
    def default(self) -> LocalModel | None:
        """The model new chats start with: the chosen one, else the bundled, else any that works."""
        chosen = self._models.get(self._settings.current.inference.default_model)
        if chosen is not None and not chosen.problem:
            return chosen
        usable = (model for model in self.models if not model.problem)
        return next((model for model in usable if "chat" in model.capabilities), None)

    async def scan(self) -> tuple[LocalModel, ...]:
        """Look at all folders again and read the header of each file."""
        folders = [Path(folder) for folder in self._settings.current.inference.folders]
        found = await asyncio.to_thread(self._scan, folders)
        self._models = {model.id: model for model, _header in found}
        self._headers = {model.id: header for model, header in found if header is not None}
        self.changed.emit(None)
        return self.models

    def find(self, name: str) -> LocalModel:
        """A model by id, name or file name; "" is the default one.

        Raises:
            NoModel: "" was asked for and nothing can be used.
            NotFound: there is no such model.
        """
        if not name:
            if (default := self.default) is None:
                raise NoModel(
                    "There is no model on this computer that can chat.",
                    hint="Add a model file or download one in Local models.",
                )
            return default
        if name in self._models:
            return self._models[name]
        wanted = name.casefold()
        for model in self.models:
            if wanted in (model.id, model.name.casefold(), model.path.name.casefold()):
                return model
        raise NotFound(f"There is no model named '{one_line(name)}' on this computer.")

    async def add_file(self, path: Path) -> LocalModel:
        """Link one file where it is.

        Raises:
            ModelError: it is not a usable model file; the list is unchanged.
        """
        path = _absolute(path)
        await asyncio.to_thread(read_header, path)
        await asyncio.to_thread(self._registry.add_file, path)
        await self.scan()
        return next(model for model in self._models.values() if model.path == path)

    async def link_folder(self, folder: Path) -> int:
        """List the model files of a folder where they are; returns how many there are.

        Raises:
            ModelError: not a folder, or without model files.
        """
        folder = _absolute(folder)
        files = await asyncio.to_thread(lambda: list(_gguf_files(folder)))
        if not files:
            raise ModelError(
                f"There are no .gguf files in {folder}.", hint="Choose a folder that holds some."
            )
        linked = self._settings.current.inference.folders
        if str(folder) not in linked:
            self._settings.change({"inference.folders": (*linked, str(folder))})
        await self.scan()
        return len(files)

    def linked_folder(self, model_id: str) -> Path | None:
        """The linked folder a model is listed because of, if it is none of the app's own."""
        model = self.find(model_id)
        if model.bundled or model.owned or model.path in self._registry.files:
            return None
        folders = map(Path, self._settings.current.inference.folders)
        return next((folder for folder in folders if model.path.is_relative_to(folder)), None)

    async def unlink_folder(self, folder: Path) -> None:
        """Take a linked folder out of the list; its files stay where they are."""
        linked = self._settings.current.inference.folders
        self._settings.change(
            {"inference.folders": tuple(each for each in linked if Path(each) != folder)}
        )
        await self.scan()

    async def remove(self, model_id: str) -> None:
        """Take a model out of the list; only files in the app's own folder are deleted.

        One that a linked folder brings comes back with the next scan: unlink the folder.

        Raises:
            NotFound: no such model.
            ModelError: it came with the app, or its file cannot be deleted.
        """
        model = self.find(model_id)
        if model.bundled:
            raise ModelError("The bundled model is part of the app and stays.")
        if model.owned:
            try:
                await asyncio.to_thread(_delete, model.path)
            except OSError as error:
                raise ModelError(
                    f"{model.path.name} could not be deleted: {error.strerror or error}."
                ) from error
        await asyncio.to_thread(self._registry.forget, model.id, model.path)
        await self.scan()

    def options(self, model_id: str) -> LoadOptions:
        """How a model is to be loaded: its own settings, else the general ones, else ours."""
        general = self._settings.current.inference
        model = self.find(model_id)
        own = self._registry.options(model.id)
        trained = model.context_tokens or DEFAULT_CONTEXT
        context = own.context_tokens or general.context_tokens or min(trained, DEFAULT_CONTEXT)
        return LoadOptions(
            context_tokens=max(min(context, trained), SMALLEST_CONTEXT),
            threads=own.threads or general.threads or default_threads(),
            gpu_layers=general.gpu_layers if own.gpu_layers is None else own.gpu_layers,
        )

    async def set_options(self, model_id: str, options: ModelOptions) -> None:
        """Keep settings of one model; they count from its next loading."""
        await asyncio.to_thread(self._registry.set_options, self.find(model_id).id, options)
        self.changed.emit(None)

    def own_options(self, model_id: str) -> ModelOptions:
        """The settings of one model that differ from the general ones."""
        return self._registry.options(self.find(model_id).id)

    def need(self, model_id: str, context_tokens: int) -> Need | None:
        """Estimated memory of a model with a context; None for a broken file."""
        header = self._headers.get(model_id)
        if header is None:
            return None
        return need(header, self._models[model_id].size_bytes, context_tokens)

    async def sha256(self, model_id: str) -> str:
        """The file's hash, computed once and kept while the file is unchanged.

        Raises:
            NotFound: no such model.
            ModelError: the file cannot be read.
        """
        path = self.find(model_id).path
        try:
            if known := await asyncio.to_thread(self._registry.known_sha256, path):
                return known
            digest = await sha256_of(path)
            await asyncio.to_thread(self._registry.note_sha256, path, digest)
        except OSError as error:
            raise ModelError(
                f"{one_line(path.name)} could not be read: {error.strerror or error}."
            ) from error
        return digest

    def _scan(self, folders: list[Path]) -> list[tuple[LocalModel, Header | None]]:
        self._registry.load()
        files = dict.fromkeys(_gguf_files(self._bundled))
        files |= dict.fromkeys(_gguf_files(self._own))
        files |= dict.fromkeys(self._registry.files)
        for folder in folders:
            files |= dict.fromkeys(_gguf_files(folder))
        taken: set[str] = set()
        found = []
        for path in list(files)[:MOST_FILES]:
            model, header = _read(path)
            model = replace(
                model,
                id=_free_id(model.id, taken),
                bundled=path.is_relative_to(self._bundled),
                owned=path.is_relative_to(self._own),
            )
            taken.add(model.id)
            found.append((model, header))
        return found


def default_threads() -> int:
    """One core stays free: two busy model threads on two cores take turns with everything else."""
    return max(1, cores() - 1)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _gguf_files(folder: Path) -> Iterable[Path]:
    """Model files below a folder, of split ones the first part only; links are not followed."""
    for where, folders, names in os.walk(folder):
        if len(Path(where).parts) - len(folder.parts) >= DEEPEST_FOLDER - 1:
            folders.clear()
        folders.sort()
        for path in (Path(where, name) for name in sorted(names)):
            part = _SPLIT.search(path.stem)
            if path.suffix.casefold() == ".gguf" and (part is None or int(part[1]) == 1):
                yield path


def _read(path: Path) -> tuple[LocalModel, Header | None]:
    known = catalog.by_file(path.name)
    stem = _SPLIT.sub("", path.stem)
    model = LocalModel(
        id=known.id if known else _slug(stem),
        name=known.name if known else one_line(stem.replace("_", " ").replace("-", " ")),
        path=path,
        licence=known.licence if known else "",
    )
    try:
        size = _whole_size(path)
        header = read_header(path)
    except (ModelError, OSError) as error:
        words = error.message if isinstance(error, ModelError) else "The file cannot be read."
        return replace(model, problem=words), None
    return (
        replace(
            model,
            size_bytes=size,
            architecture=header.architecture,
            parameters=header.parameters or None,
            quantization=header.quantization,
            context_tokens=header.context_tokens,
            licence=model.licence or header.licence,
            capabilities=_capabilities(header),
            problem=_problem(header),
        ),
        header,
    )


def _parts(path: Path) -> list[Path]:
    """The file itself, or all parts of a split one."""
    part = _SPLIT.search(path.stem)
    if part is None:
        return [path]
    stem = path.stem[: part.start()]
    return [
        path.with_name(f"{stem}-{number:05d}-of-{part[2]}{path.suffix}")
        for number in range(1, int(part[2]) + 1)
    ]


def _whole_size(path: Path) -> int:
    """Bytes of a file, or of all parts of a split one.

    Raises:
        ModelError: a part is missing.
        OSError: the file cannot be looked at.
    """
    first, *others = _parts(path)
    for part in others:
        if not part.is_file():
            raise ModelError(f"A part of this model is missing: {one_line(part.name)}.")
    return sum(part.stat().st_size for part in (first, *others))


def _delete(path: Path) -> None:
    for part in _parts(path):
        part.unlink(missing_ok=True)


def _problem(header: Header) -> str:
    """Why a sound file is no model that can be used, or empty."""
    if not header.tensors:
        return "The file has no weights in it."
    if header.kind != "model" or header.architecture == "clip":
        return "This is an addition to another model, not a model of its own."
    return ""


def _capabilities(header: Header) -> frozenset[str]:
    if "bert" in header.architecture:
        return frozenset({"embeddings"})
    template = header.chat_template
    found = {"embeddings"}
    if template:
        found.add("chat")
    if "tools" in template:
        found.add("tools")
    if "<think>" in template:
        found.add("reasoning")
    return frozenset(found)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.casefold()).strip("-.")[:80] or "model"


def _free_id(wanted: str, taken: set[str]) -> str:
    free, number = wanted, 2
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    return free
