"""Test data of other projects, which lies beside this one and is not part of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Count = Callable[[str, int, int], None]
SHARED = Path(__file__).parents[3] / "shared"


def shared(*parts: str) -> Path:
    """A file beside this project; without it the test is skipped and says so."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(('../shared', *parts))} is not here")
    return path


def vectors(*parts: str) -> Path:
    """A file of vectors; without it the test is skipped and says so."""
    return shared("vectors", *parts)


def load(*parts: str) -> Any:
    """The content of a JSON file of them."""
    return json.loads(vectors(*parts).read_text("utf-8"))
