"""The file of the journal: of older and newer versions, damaged, or not ours."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from router.chain.journal import Journal
from router.chain.journal_file import CONTENT
from router.errors import StorageError
from router.store.one_thread import OneThread
from tests.meta.sources import ROOT
from tests.support.sending import has_parts

RELEASED = ROOT / "tests" / "data" / "wallet-1" / "transactions.db"


def clock() -> float:
    return 1000.0


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "transactions.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA user_version = {CONTENT.version + 1}")
    connection.close()
    before = path.read_bytes()
    journal = Journal(path)
    with pytest.raises(StorageError, match="newer version") as caught:
        await journal.open()
    await journal.close()
    assert "Update" in caught.value.hint
    assert path.read_bytes() == before


async def test_what_version_1_wrote_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "transactions.db"
    shutil.copy(RELEASED, path)
    journal = Journal(path)
    await journal.open()
    newest, _ = await journal.list(1337)
    refused = await journal.mark_refused(newest.id, newest.hash, "no room")
    await journal.close()
    assert not newest.last.refused
    assert refused.last.refused
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (CONTENT.version,)
    connection.close()


async def test_a_new_file_is_like_one_that_was_brought_up(tmp_path: Path) -> None:
    shutil.copy(RELEASED, tmp_path / "old.db")

    async def columns(name: str) -> list[tuple[object, ...]]:
        file = OneThread(tmp_path / name, CONTENT)
        await file.open()
        found = await file.run(lambda c: c.execute("PRAGMA table_info(attempt)").fetchall())
        await file.close()
        return found

    assert await columns("old.db") == await columns("new.db")


async def test_a_damaged_file_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "transactions.db"
    path.write_text("dear diary")
    journal = Journal(path, clock)
    await journal.open()
    await journal.close()
    assert journal.problem is not None
    assert has_parts(journal.problem)
    assert "transactions.db.damaged-1000" in journal.problem.safe
    assert (tmp_path / "transactions.db.damaged-1000").read_text() == "dear diary"
    again = Journal(path, clock)
    await again.open()
    await again.close()
    assert again.problem is None, "once is enough"
