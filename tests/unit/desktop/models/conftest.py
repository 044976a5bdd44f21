"""A desk of real models for the parts of the models page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.model_desk import ModelDesk, model_desk


@pytest.fixture
async def desk(tmp_path: Path, theme) -> AsyncIterator[ModelDesk]:
    """Not started yet: `await desk.start()` looks for models."""
    async with model_desk(tmp_path) as desk:
        yield desk
