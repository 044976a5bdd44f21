"""Finds the files of `resources/`, in a checkout and in a frozen app alike."""

from functools import cache
from pathlib import Path

import resources

ROOT = Path(resources.__file__).parent


def path(*parts: str) -> Path:
    """The path of a resource, for example `path("fonts", "Inter-Regular.ttf")`."""
    return ROOT.joinpath(*parts)


@cache
def text(*parts: str) -> str:
    """The text of a resource."""
    return path(*parts).read_text(encoding="utf-8")


def fonts() -> list[Path]:
    """The font files that come with the app."""
    return sorted(path("fonts").glob("*.ttf"))
