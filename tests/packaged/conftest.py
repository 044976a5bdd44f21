"""Runs these tests when dist/ has a bundle of the source as it is; else leaves them out, and says so.

`python3 scripts/dev.py package` builds the bundle and runs them.
"""

import subprocess
from pathlib import Path

import pytest

from installers import bundle, debian

LEFT_OUT = (
    "The tests of the bundle were left out: dist/ has none of this source. "
    "'python3 scripts/dev.py package' builds it and runs them."
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, or take them off the list."""
    packaged = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in packaged:
        item.add_marker("packaged")
    if packaged and not bundle.is_current():
        items[:] = [item for item in items if item not in packaged]
        config.hook.pytest_deselected(items=packaged)
        config.pluginmanager.register(_Notice())


class _Notice:
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(LEFT_OUT)


@pytest.fixture(scope="session")
def inside() -> Path:
    """Where the bundle keeps its libraries and data."""
    return bundle.FOLDER / "_internal"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the Debian package, unpacked into a folder that stands for the root."""
    packages = list(bundle.FOLDER.parent.glob("*.deb"))
    assert len(packages) == 1, f"dist/ should have one package: {packages}"
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(root)], check=True)
    assert (root / debian.HOME).is_dir()
    return root
