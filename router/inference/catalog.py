"""Models worth having: names, licences, sizes, and where the hub keeps them (catalog.json).

Sizes are approximate. Which file is taken, its exact size and its SHA-256 come from the hub's own
listing at download time.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

QUANTIZATION = "q4_k_m"


@dataclass(frozen=True)
class CatalogModel:
    """One model that can be had.

    Args:
        repository: its place on the hub, empty for the bundled one.
        bundled_file: its file in the app, or empty.
        approximate_bytes: of the file.
        needs_bytes: of memory, with a context of 8,192 tokens; an estimate.
        tried: whether it was run by us; the others are listed by their publishers' word.
    """

    id: str
    name: str
    parameters: int
    licence: str
    context_tokens: int
    approximate_bytes: int
    needs_bytes: int
    about: str
    repository: str = ""
    bundled_file: str = ""
    tried: bool = False

    def fits(self, file_name: str) -> bool:
        """Whether this file of the repository is the one to take."""
        name = file_name.casefold()
        whole = "-of-" not in name and "mmproj" not in name
        return whole and name.endswith(".gguf") and QUANTIZATION in name


@cache
def _table() -> dict[str, Any]:
    text = Path(__file__).with_name("catalog.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


@cache
def models() -> tuple[CatalogModel, ...]:
    """All of them, smallest first."""
    return tuple(CatalogModel(**row) for row in _table()["models"])


def hub() -> str:
    """The hub's address; the setting inference.mirror replaces it."""
    address: str = _table()["hub"]
    return address


def find(model_id: str) -> CatalogModel | None:
    """The model of this id."""
    return next((model for model in models() if model.id == model_id), None)


def by_file(file_name: str) -> CatalogModel | None:
    """The model a file of this name belongs to, so that it is shown under its known name."""
    wanted = file_name.casefold()
    for model in models():
        stem = model.repository.rpartition("/")[2].removesuffix("-GGUF").casefold()
        of_hub = bool(stem) and wanted.startswith(stem) and model.fits(wanted)
        if of_hub or wanted == model.bundled_file.casefold():
            return model
    return None
