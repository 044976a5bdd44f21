"""Test data of other projects, which lies beside this one and is not part of it."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "vectors"


def vectors(*parts: str) -> Path:
    """A file of them; without it the test is skipped and says so."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(('../shared/vectors', *parts))} is not here")
    return path


def load(*parts: str) -> Any:
    """The content of a JSON file of them."""
    return json.loads(vectors(*parts).read_text("utf-8"))
