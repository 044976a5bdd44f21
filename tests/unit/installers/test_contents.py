"""What goes into the bundle: nothing unused, nothing twice, the licence of everything."""

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from installers import contents

PROJECT = Path(__file__).parents[3]
PLUGINS = "PySide6/Qt/plugins"


def kept(*rows: tuple[str, str]) -> list[str]:
    names = [name for name, _source in rows]
    found = contents.libraries([(name, source, "BINARY") for name, source in rows])
    return [row[0] for row in found if row[0] in names]


def test_plugins_are_kept_by_name():
    used = f"{PLUGINS}/platforms/libqxcb.so"
    windows = "PySide6/plugins/platforms/qwindows.dll"
    unused = [
        f"{PLUGINS}/platforms/libqeglfs.so",
        f"{PLUGINS}/platformthemes/libqgtk3.so",
        f"{PLUGINS}/sqldrivers/libqsqlite.so",
    ]
    assert kept(*((name, f"/venv/{name}") for name in (used, windows, *unused))) == [used, windows]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no libraries to leave to")
def test_what_has_to_fit_the_graphics_driver_is_left_to_the_system():
    assert kept(
        ("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"),
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6"),
        ("libxcb.so.1", "/usr/lib/x86_64-linux-gnu/libxcb.so.1"),
        ("libpython3.11.so.1.0", "/home/someone/python/lib/libpython3.11.so.1.0"),
    ) == ["libssl.so.3", "libpython3.11.so.1.0"]


def test_the_model_runtime_comes_once_under_all_its_names():
    rows = [row for row in contents.libraries([]) if row[0].startswith("llama_cpp/lib/")]
    files = {Path(name).name for name, _source, kind in rows if kind == "BINARY"}
    links = {target for _name, target, kind in rows if kind == "SYMLINK"}
    assert any("llama" in name for name in files)
    assert links <= files
    sizes = [Path(source).stat().st_size for _name, source, kind in rows if kind == "BINARY"]
    assert len(sizes) == len(set(sizes))


def test_translations_names_and_other_metadata_stay_out():
    rows = [
        ("PySide6/Qt/translations/qt_de.qm", "/x", "DATA"),
        ("attrs-1.dist-info/METADATA", "/x", "DATA"),
        ("ens/specs/nf.json", "/x", "DATA"),
        ("libQt6EglFSDeviceIntegration.so.6", "PySide6/Qt/lib/x", "SYMLINK"),
        ("resources/terms.md", "/x", "DATA"),
    ]
    assert [row[0] for row in contents.data(rows)] == ["resources/terms.md"]


def test_a_collected_module_brings_its_licence_and_no_other():
    module = metadata.distribution("aiohttp").locate_file("aiohttp/web.py")
    rows = contents.licences([("aiohttp.web", str(module), "PYMODULE")])
    names = [row[0] for row in rows if ".dist-info" in row[0]]
    assert names
    assert all(name.startswith("aiohttp-") for name in names)
    assert any(name.endswith("METADATA") for name in names)
    assert any("LICENSE" in name for name in names)
    assert "resources/licences/Python.txt" in [row[0] for row in rows]
    assert all(Path(row[1]).is_file() for row in rows if ".dist-info" in row[0])


def test_the_keychains_can_be_found():
    module = metadata.distribution("keyring").locate_file("keyring/core.py")
    rows = contents.licences([("keyring.core", str(module), "PYMODULE")])
    [file] = [Path(row[1]) for row in rows if row[0].endswith("entry_points.txt")]
    assert "keyring.backends.SecretService" in file.read_text()


def test_every_package_and_every_text_is_named_among_the_licences():
    named = (PROJECT / "resources/third_party_licences.md").read_text(encoding="utf-8").lower()
    words = set(re.findall(r"[\w-]+", named))
    for lock in ("app.lock", "local.lock"):
        text = (PROJECT / "requirements" / lock).read_text(encoding="utf-8")
        packages = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
        assert packages
        assert [name for name in packages if name.lower() not in words] == []
    texts = [
        *(PROJECT / "resources/licences").iterdir(),
        *(PROJECT / "resources/fonts").glob("*.txt"),
    ]
    assert [file.name for file in texts if file.name.lower() not in named] == []
