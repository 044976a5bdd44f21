"""The file of the journal: of older and newer versions, damaged, or not ours."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from router.chain.journal import Journal
from router.chain.journal_file import _STEPS, VERSION, _bring_up, opened
from router.errors import StorageError
from router.store import sqlite
from router.store.schema import statements
from tests.meta.sources import ROOT
from tests.support.sending import has_parts

RELEASED = ROOT / "tests" / "data" / "wallet-1" / "transactions.db"


def clock() -> float:
    return 1000.0


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "transactions.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
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
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_a_new_file_is_like_one_that_was_brought_up(tmp_path: Path) -> None:
    shutil.copy(RELEASED, tmp_path / "old.db")

    def columns(name: str) -> list[tuple[object, ...]]:
        connection = opened(tmp_path / name, clock).connection
        found = connection.execute("PRAGMA table_info(attempt)").fetchall()
        connection.close()
        return found

    assert columns("old.db") == columns("new.db")


def test_a_damaged_file_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "transactions.db"
    path.write_text("dear diary")
    made = opened(path, clock)
    made.connection.close()
    assert made.problem is not None
    assert has_parts(made.problem)
    assert "transactions.db.damaged-1000" in made.problem.safe
    assert (tmp_path / "transactions.db.damaged-1000").read_text() == "dear diary"
    again = opened(path, clock)
    again.connection.close()
    assert again.problem is None, "once is enough"


@pytest.mark.parametrize("version", [0, 1, VERSION])
def test_tables_of_another_database_are_damage(version: int) -> None:
    connection = sqlite.connect(None)
    connection.execute("CREATE TABLE tx (id INTEGER)")
    connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(sqlite.Damaged):
        _bring_up(connection)
    connection.close()


@pytest.mark.parametrize("steps", [1, VERSION])
def test_what_passes_is_no_damage(steps: int) -> None:
    """A file that cannot be read at the moment must not be set aside."""
    connection = sqlite.connect(None)
    for step in _STEPS[:steps]:
        for statement in statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {steps}")
    connection.set_progress_handler(lambda: 1, 1)  # as if somebody were in the way
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        _bring_up(connection)
    connection.close()
