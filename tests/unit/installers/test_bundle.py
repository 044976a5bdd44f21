"""When a bundle is of the present source, how large it is, and that its date is given."""

import pytest

from installers import bundle


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with a bundle of it."""
    for name in bundle.SOURCES:
        file = tmp_path / name if "." in name else tmp_path / name / "module.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "STAMP", tmp_path / "dist" / "stamp")
    (tmp_path / "dist").mkdir()
    bundle.STAMP.write_text(bundle.fingerprint())
    return tmp_path


def test_a_bundle_of_this_source_is_current(project):
    assert bundle.is_current()
    (project / "router" / "__pycache__").mkdir()
    (project / "router" / "__pycache__" / "module.pyc").write_text("x")
    assert bundle.is_current()


@pytest.mark.parametrize("name", bundle.SOURCES)
def test_any_change_of_the_source_makes_it_old(project, name):
    file = project / name if "." in name else project / name / "new.py"
    file.write_text("2")
    assert not bundle.is_current()


def test_without_a_bundle_none_is_current(project):
    bundle.STAMP.unlink()
    assert not bundle.is_current()


def test_a_link_counts_nothing(tmp_path):
    (tmp_path / "file").write_bytes(bytes(500_000))
    (tmp_path / "link").symlink_to("file")
    assert bundle.size_mb(tmp_path) == 0.5


def test_the_date_is_the_one_given_or_that_of_the_commit(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12345")
    assert bundle.reproducible()["SOURCE_DATE_EPOCH"] == "12345"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert bundle.reproducible()["SOURCE_DATE_EPOCH"] == "315532800"


def test_a_failed_step_stops_with_its_name():
    with pytest.raises(bundle.Stopped, match="nothing failed"):
        bundle._run(["/bin/false", "-m", "nothing"])
