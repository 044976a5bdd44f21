"""Who runs which test when several processes share them (`-n 2 --dist loadgroup`).

All that has a window is for one process: there is one screen, one keyboard and one focus on it.
Other files go whole to whoever is free, with what their tests share.
"""

import pytest

from tests.support.strict import QT_FIXTURES

ON_THE_SCREEN = ("tests/e2e/", "tests/packaged/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say to which group each test belongs."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    shown = {
        item.path
        for item in items
        if QT_FIXTURES & set(getattr(item, "fixturenames", []))
        or item.nodeid.startswith(ON_THE_SCREEN)
    }
    for item in items:
        group = "screen" if item.path in shown else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
