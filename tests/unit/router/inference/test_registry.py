"""What is remembered of model files is there after a restart, and damage loses no file."""

import json
import os
from pathlib import Path

import pytest

from router.errors import StorageError
from router.inference.registry import ModelOptions, Registry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models.json"


def loaded(path: Path) -> Registry:
    registry = Registry(path)
    registry.load()
    return registry


def test_a_first_start(path: Path) -> None:
    registry = loaded(path)
    assert (registry.files, registry.problem) == ([], "")
    assert registry.options("any") == ModelOptions()
    assert not path.exists()


def test_everything_is_there_after_a_restart(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(b"x")
    registry = loaded(path)
    registry.add_file(file)
    registry.add_file(file)
    registry.set_options("a", ModelOptions(context_tokens=4096, gpu_layers=0))
    registry.note_sha256(file, "ab" * 32)
    again = loaded(path)
    assert again.files == [file]
    assert again.options("a") == ModelOptions(4096, 0, 0)
    assert again.known_sha256(file) == "ab" * 32
    assert [entry.name for entry in tmp_path.iterdir() if "new" in entry.name] == []


def test_default_options_are_not_kept(path: Path) -> None:
    registry = loaded(path)
    registry.set_options("a", ModelOptions(threads=2))
    registry.set_options("a", ModelOptions())
    assert json.loads(path.read_text())["options"] == {}


def test_a_forgotten_file_is_forgotten_whole(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(b"x")
    registry = loaded(path)
    registry.add_file(file)
    registry.set_options("a", ModelOptions(threads=2))
    registry.note_sha256(file, "ab" * 32)
    registry.forget("a", file)
    again = loaded(path)
    assert again.files == []
    assert again.options("a") == ModelOptions()
    assert again.known_sha256(file) == ""


def test_a_changed_file_has_no_known_hash(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(b"x")
    registry = loaded(path)
    registry.note_sha256(file, "ab" * 32)
    status = file.stat()
    file.write_bytes(b"y")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert registry.known_sha256(file) == ""
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert registry.known_sha256(file) == "ab" * 32
    file.write_bytes(b"longer")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert registry.known_sha256(file) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"files": 1, "options": {}, "hashes": {}}',
        '{"files": [], "options": {"a": {"unknown": 1}}, "hashes": {}}',
        '{"files": [], "options": {}, "hashes": {"a": [1]}}',
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_damaged_list_is_set_aside_and_said(path: Path, text: str) -> None:
    path.write_text(text, encoding="latin-1")
    registry = loaded(path)
    assert registry.files == []
    kept = next(path.parent.glob("models.bad-*.json"))
    assert kept.read_text(encoding="latin-1") == text
    assert kept.name in registry.problem
    registry.add_file(path.parent / "a.gguf")
    assert loaded(path).problem == ""


def test_it_is_read_once(path: Path) -> None:
    registry = loaded(path)
    path.write_text("{")
    registry.load()
    assert registry.problem == ""


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    registry = loaded(tmp_path / "missing" / "models.json")
    with pytest.raises(StorageError, match="could not be saved") as caught:
        registry.add_file(tmp_path / "a.gguf")
    assert caught.value.safe == "The model files are untouched."
