"""router.files: there is the old file or the new one, never half of one."""

import os
import stat
from pathlib import Path

import pytest

from router.errors import StorageError
from router.files import replace_private, sweep


def test_a_file_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    replace_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


@pytest.mark.skipif(os.name == "nt", reason="rights are other ones on Windows")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    replace_private(tmp_path / "f", b"secret")
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o600


def test_what_fails_its_check_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    seen: list[bytes] = []

    def refuse(written: bytes) -> None:
        seen.append(written)
        raise StorageError("no")

    with pytest.raises(StorageError):
        replace_private(path, b"new", refuse)
    assert seen == [b"new"], "what is checked must be what was read back"
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced on Windows")
def test_file_and_new_name_survive_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are on disk before it has the name, and the name is before anybody is told."""
    path, synced, sync = tmp_path / "f", [], os.fsync
    path.write_text("old")

    def noted(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append((kind, path.read_text()))
        sync(descriptor)

    monkeypatch.setattr("router.files.os.fsync", noted)
    replace_private(path, b"new")
    assert synced == [("file", "old"), ("folder", "new")]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="missing"):
        replace_private(tmp_path / "missing" / "f", b"new")


def test_what_an_interrupted_write_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("kept")
    left = tmp_path / "f.1234.new"
    left.write_text("half")
    sweep(path)
    assert not left.exists()
    assert path.read_text() == "kept"
