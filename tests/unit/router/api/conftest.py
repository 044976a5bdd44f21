"""A running interface over a scripted model."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api_client import Api, running_api


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with running_api(tmp_path) as api:
        yield api
