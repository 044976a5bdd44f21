"""A real store in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.store.chats import ChatStore
from router.store.db import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "chats.db", backups=tmp_path / "backups")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> ChatStore:
    return ChatStore(database)
