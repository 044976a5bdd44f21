"""router.paths: one private folder, and a plain word when it cannot be written."""

import stat
import sys
from pathlib import Path

import pytest

from router.errors import StorageError
from router.paths import Paths, default_data_dir
from tests.support.disk import read_only


def test_prepare_makes_private_folders(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    paths.prepare()
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.models.stat().st_mode) == 0o700
    assert [entry.name for entry in paths.data.iterdir() if entry.is_file()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_open_folders_are_closed_to_others(tmp_path: Path) -> None:
    """Who can write the folder can replace what is in it, whatever its own rights are."""
    paths = Paths(tmp_path / "data")
    paths.prepare()
    paths.data.chmod(0o777)
    paths.wallet.chmod(0o755)
    paths.prepare()
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o755
    assert stat.S_IMODE(paths.wallet.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_folder_for_everybody_is_left_as_it_is(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    paths.data.chmod(0o1777)
    paths.prepare()
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o1777
    assert stat.S_IMODE(paths.wallet.stat().st_mode) == 0o700


def test_a_file_in_the_way_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StorageError) as caught:
        Paths(tmp_path / "data").prepare()
    assert str(tmp_path / "data") in caught.value.message
    assert "--data-dir" in caught.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_read_only_folder_is_explained(tmp_path: Path) -> None:
    with read_only(tmp_path):
        for folder in (tmp_path, tmp_path / "data"):
            with pytest.raises(StorageError) as caught:
                Paths(folder).prepare()
            assert str(folder) in caught.value.message
            assert caught.value.message.endswith("cannot be written: Permission denied.")
    assert list(tmp_path.iterdir()) == []


def test_everything_lies_below_the_data_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    names = [name for name, value in vars(Paths).items() if isinstance(value, property)]
    assert len(names) >= 8
    assert all(getattr(paths, name).is_relative_to(tmp_path) for name in names)


def test_default_folder_is_named_after_the_app() -> None:
    assert default_data_dir().name == "morpheus-desktop"
