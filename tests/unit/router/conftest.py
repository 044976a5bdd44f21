"""What several tests of the node need."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.store.db import Database
from tests.support.conversation_desk import Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database, memory = Database(tmp_path / "chats.db"), Database(None)
    await database.open()
    await memory.open()
    desk = Desk(database, memory)
    yield desk
    await desk.chats.close()
    await database.close()
    await memory.close()
