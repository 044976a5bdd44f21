"""router.store.copies: a copy is whole or not there, and only ours are taken back."""

import contextlib
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store.copies import copy_to, dated, open_copy, sweep, write_private
from router.store.schema import APPLICATION_ID, MIGRATIONS, apply
from router.store.sqlite import connect


@pytest.fixture
def source(tmp_path: Path) -> sqlite3.Connection:
    connection = connect(None)
    apply(connection, MIGRATIONS)
    connection.execute("INSERT INTO draft VALUES ('', 'kept')")
    return connection


def test_dated_names_do_not_meet(tmp_path: Path) -> None:
    first = dated(tmp_path, "chats", ".db")
    assert first.name.startswith("chats-20")
    names = {first}
    for _ in range(3):
        names.add(path := dated(tmp_path, "chats", ".db"))
        path.touch()
    assert len(names) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_private_file(tmp_path: Path) -> None:
    write_private(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    (tmp_path / "a").write_text("kept")
    write_private(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "kept"


def test_copy_is_one_private_file(source: sqlite3.Connection, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "copy.db"
    copy_to(source, target)
    copy_to(source, target)
    source.close()
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with contextlib.closing(open_copy(target, len(MIGRATIONS))) as copy:
        assert copy.execute("SELECT text FROM draft").fetchall() == [("kept",)]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            copy.execute("DELETE FROM draft")


def test_copy_that_fails_leaves_nothing(source: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "copy.db").mkdir()
    with pytest.raises(OSError):
        copy_to(source, tmp_path / "copy.db")
    source.close()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]


def test_what_is_no_copy_of_ours_is_refused(source: sqlite3.Connection, tmp_path: Path) -> None:
    copy_to(source, tmp_path / "whole.db")
    source.close()
    whole = (tmp_path / "whole.db").read_bytes()
    with contextlib.closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("CREATE TABLE recipes (x)")
    (tmp_path / "half.db").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("hello " * 1_000)
    for name in ("foreign", "half", "empty", "text", "missing"):
        with pytest.raises(StorageError, match=f"{name}.db is not a whole copy of chats") as caught:
            open_copy(tmp_path / f"{name}.db", len(MIGRATIONS))
        assert caught.value.safe == "Nothing was changed."
    with pytest.raises(StorageError, match="newer version"):
        open_copy(tmp_path / "whole.db", len(MIGRATIONS) - 1)
    assert (tmp_path / "whole.db").read_bytes() == whole
    assert APPLICATION_ID.to_bytes(4, "big") in whole[:100]


def test_sweep_takes_only_work_files(tmp_path: Path) -> None:
    (tmp_path / ".salvage-1").mkdir()
    (tmp_path / ".salvage-1" / "new.db").touch()
    (tmp_path / "chats.db").touch()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["chats.db"]
