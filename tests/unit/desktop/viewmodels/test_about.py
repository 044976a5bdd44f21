"""What is running."""

import platform

from morpheus_desktop.viewmodels import about
from router import __version__


def test_the_main_parts_with_their_versions_and_licences():
    parts = {each.name: each for each in about.components()}
    assert parts["Python"].version == platform.python_version()
    assert parts["Qt for Python"].licence == "LGPL-3.0"
    assert parts["Inter and JetBrains Mono"].licence == "OFL-1.1"
    assert parts["aiohttp"].version.startswith("3.")
    assert all(each.licence for each in parts.values())


def test_what_is_not_installed_says_so(monkeypatch):
    def missing(package: str) -> str:
        raise about.importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(about.importlib.metadata, "version", missing)
    parts = {each.name: each.version for each in about.components()}
    assert parts["llama.cpp for Python"] == "not installed"
    assert parts["Lucide icons"] == ""


def test_a_report_begins_with_the_app_and_names_no_person():
    text = about.details()
    assert text.startswith(f"Morpheus Desktop {__version__}\n")
    assert f"Python {platform.python_version()}" in text
    assert "/home" not in text
