"""models-config.json: which models are served, and by what. Read again when it changes.

The file is the original router's (its second form, with a list `models`), and one further kind:
apiType "local" is a model on this computer, named by `modelName`. Keys in it are never logged.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from router.errors import ConfigError
from router.untrusted import one_line

ApiType = Literal["openai", "local"]
Policy = Literal["simple", "idle_timeout"]

FILE_NAME = "models-config.json"
LONGEST_FILE = 1_000_000
MOST_MODELS = 1_000
MOST_SLOTS = 1_000_000
MOST_NAMED = 3  # of the models that are left out
POLICIES: dict[str, Policy] = {"simple": "simple", "idle_timeout": "idle_timeout"}
# What the original router knows and this one has no use for: such models are left out.
FOREIGN = frozenset({"claudeai", "prodia-sd", "prodia-sdxl", "prodia-v2", "hyperbolic-sd"})

_ID = re.compile(r"(?:0x)?([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True)
class ModelConfig:
    """One model that is served.

    Args:
        model_id: on the chain: 0x and 64 small hex digits.
        name: what the backend calls it; of a local model its id, or empty for the default one.
        api_url: the whole address that is posted to, nothing is added; empty for local models.
        slots: sessions at the same time; 0 is any number.
        policy: what takes a slot, see `capacity`.
    """

    model_id: str
    name: str
    api_type: ApiType
    api_url: str = ""
    api_key: str = field(default="", repr=False)
    slots: int = 0
    policy: Policy = "simple"


@dataclass(frozen=True)
class Models:
    """What a file says: models by id, and notes on those that were left out."""

    by_id: Mapping[str, ModelConfig] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def get(self, model_id: str) -> ModelConfig | None:
        """The model with an id, in whatever case it is written."""
        return self.by_id.get(model_id.lower())

    @property
    def problem(self) -> ConfigError | None:
        """What is to be told of those that were left out; the others are served."""
        if not self.notes:
            return None
        more = len(self.notes) - MOST_NAMED
        return ConfigError(
            " ".join(self.notes[:MOST_NAMED]) + (f" So are {more} more." if more > 0 else ""),
            safe="All other models of the file are served.",
            hint="Correct the entry or take it out; the file is read again by itself.",
        )


class ModelsFile:
    """The file, and the last good content of it.

    `problem` says why the file as it is now is not in force.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = Models()
        self.problem: ConfigError | None = None
        self._seen: tuple[int, int, int] | Literal["never"] | None = "never"

    async def refresh(self) -> bool:
        """Read the file if it changed; whether anything is different now. Never raises."""
        return await asyncio.to_thread(self._refresh)

    def _refresh(self) -> bool:
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        before = (self.current, self.problem)
        try:
            self.current, self.problem = read_models(self.path), None
        except ConfigError as error:
            self.problem = error
        return (self.current, self.problem) != before

    def _stamp(self) -> tuple[int, int, int] | None:
        """Tells one state of the file from another; None when it is not there."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def read_models(path: Path) -> Models:
    """Read the file.

    Raises:
        ConfigError: it is missing, unreadable or wrong; says where in it.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_FILE + 1)
    except FileNotFoundError:
        raise _wrong(
            f"There is no file {path.name} in the data folder, so no model is served.",
            hint="Write one; docs/provider.md shows how.",
        ) from None
    except OSError as error:
        raise _wrong(f"The file {path.name} cannot be read: {error.strerror or error}.") from error
    if len(text) > LONGEST_FILE:
        raise _wrong(f"The file {path.name} is larger than {LONGEST_FILE:,} bytes.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"The file {path.name} is not valid JSON{_place(error)}.") from error
    return _models(content)


def _models(content: Any) -> Models:
    if not isinstance(content, dict) or "models" not in content:
        raise _wrong(
            f"{FILE_NAME} has no list named models.",
            hint='Its form is {"models": [...]}. The older one, keyed by model id, is not read.',
        )
    entries = content["models"]
    if not isinstance(entries, list) or len(entries) > MOST_MODELS:
        raise _wrong(f"models in {FILE_NAME} must be a list of at most {MOST_MODELS} entries.")
    found: dict[str, ModelConfig] = {}
    notes = []
    for number, entry in enumerate(entries):
        reader = _Entry(entry, f"models[{number}] in {FILE_NAME}")
        if (kind := reader.text("apiType", needed=True)) in FOREIGN:
            notes.append(f"{reader.where} is left out: the app does not speak {kind}.")
            continue
        if unknown := reader.unknown(kind):
            notes.append(f"{reader.where} is left out: {unknown}.")
            continue
        model = reader.model(kind)
        if model.model_id in found:
            raise _wrong(f"{reader.where} has the modelId of an earlier entry.")
        found[model.model_id] = model
    return Models(found, tuple(notes))


class _Entry:
    """One entry of the list; `where` names it in refusals. Keys and values are not repeated."""

    def __init__(self, values: Any, where: str) -> None:
        if not isinstance(values, dict):
            raise _wrong(f"{where} must be an object.")
        self._values = values
        self.where = where

    def unknown(self, kind: str) -> str:
        """What a later version may know and this one does not; empty when it knows all."""
        if kind not in ("openai", "local"):
            return "its apiType must be openai or local"
        if self._policy() not in POLICIES:
            return f"its capacityPolicy must be one of {', '.join(POLICIES)}"
        return ""

    def _policy(self) -> str:
        return self.text("capacityPolicy") or "simple"

    def model(self, kind: str) -> ModelConfig:
        model_id = _ID.fullmatch(self.text("modelId", needed=True))
        if model_id is None:
            raise self._must("modelId", "0x and 64 hex digits")
        url = self.text("apiUrl", needed=kind == "openai")
        if kind == "openai" and not url.startswith(("http://", "https://")):
            raise self._must("apiUrl", "the whole address, starting with https:// or http://")
        if not isinstance(self._values.get("parameters", {}), dict):
            raise self._must("parameters", "an object")
        return ModelConfig(
            "0x" + model_id[1].lower(),
            self.text("modelName", needed=kind == "openai"),
            "openai" if kind == "openai" else "local",
            url.removesuffix("/"),
            self.text("apiKey"),
            self._slots(),
            POLICIES[self._policy()],
        )

    def text(self, name: str, *, needed: bool = False) -> str:
        value = self._values.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value) or not value.isprintable():
            raise self._must(name, "a text" + (" that is not empty" if needed else ""))
        return value

    def _slots(self) -> int:
        value = self._values.get("concurrentSlots")
        if value is None:
            return 0
        if type(value) is not int or not 0 <= value <= MOST_SLOTS:
            raise self._must("concurrentSlots", f"a whole number from 0 to {MOST_SLOTS}")
        return value

    def _must(self, name: str, wanted: str) -> ConfigError:
        return _wrong(f"{name} of {self.where} must be {wanted}.")


def _place(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" (line {error.lineno}, column {error.colno}: {one_line(error.msg)})"
    return ""


def _wrong(message: str, *, hint: str = "") -> ConfigError:
    return ConfigError(
        message,
        safe="What the file said before stays in force until it is read without a fault.",
        hint=hint or "Correct it; it is read again by itself.",
    )
