"""The layout of the Debian package, made of a small bundle."""

import shutil
import subprocess
import sys

import pytest

from installers import bundle, debian

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Debian packages are made on Linux")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """The package's files, laid out."""
    folder = tmp_path / "dist" / "morpheus-desktop"
    (folder / "_internal").mkdir(parents=True)
    (folder / "morpheus-desktop").write_text("program")
    (folder / "morpheus-desktop").chmod(0o700)
    (folder / "_internal" / "libssl.so.3").write_text("library")
    (folder / "_internal" / "data.txt").write_text("data")
    (folder / "_internal" / "link").symlink_to("data.txt")
    monkeypatch.setattr(bundle, "FOLDER", folder)
    tree = tmp_path / "tree"
    debian._fill(tree)
    return tree


def test_the_bundle_lies_below_opt_and_its_programs_on_the_path(tree):
    home = tree / "opt/morpheus-desktop"
    assert (home / "_internal/data.txt").read_text() == "data"
    assert (home / "_internal/link").is_symlink()
    assert (
        str((tree / "usr/bin/morpheus-router").readlink())
        == "/opt/morpheus-desktop/morpheus-router"
    )


def test_what_debian_has_is_left_to_debian_and_stays_in_the_bundle(tree):
    assert not (tree / "opt/morpheus-desktop/_internal/libssl.so.3").exists()
    assert (bundle.FOLDER / "_internal/libssl.so.3").exists()


def test_a_desktop_finds_entry_icons_description_and_licence(tree):
    share = tree / "usr/share"
    entry = share / "applications/morpheus-desktop.desktop"
    validator = shutil.which("desktop-file-validate")
    assert validator, "scripts/test installs desktop-file-utils"
    done = subprocess.run([validator, entry], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    for size in (16, 32, 48, 256):
        icon = share / f"icons/hicolor/{size}x{size}/apps/morpheus-desktop.png"
        assert icon.read_bytes().startswith(b"\x89PNG")
    assert (share / "icons/hicolor/scalable/apps/morpheus-desktop.svg").exists()
    assert "<launchable" in (share / "metainfo/morpheus-desktop.metainfo.xml").read_text()
    assert (share / "doc/morpheus-desktop/copyright").read_text().startswith("MIT License")


def test_modes_do_not_depend_on_who_builds(tree):
    debian._set_modes(tree)
    home = tree / "opt/morpheus-desktop"
    modes = [
        (home / n).stat().st_mode & 0o777 for n in ("", "morpheus-desktop", "_internal/data.txt")
    ]
    assert modes == [0o755, 0o755, 0o644]
