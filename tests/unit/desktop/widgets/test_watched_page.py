"""A page that is read while somebody looks."""

import pytest

from morpheus_desktop.widgets import watched_page
from morpheus_desktop.widgets.watched_page import WatchedPage


class Page(WatchedPage):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        super().__init__(self)

    def watch(self, *, on: bool) -> None:
        self.told.append(on)

    def _show(self) -> None:
        self.told.append("show")

    def _tick(self) -> None:
        self.told.append("tick")


@pytest.fixture
def page(qtbot, monkeypatch) -> Page:
    monkeypatch.setattr(watched_page, "TICK_MS", 5)
    made = Page()
    qtbot.addWidget(made)
    return made


def test_it_is_read_while_it_is_shown(page, qtbot):
    assert page.told == []
    page.show()
    assert page.told == ["show", True]
    qtbot.waitUntil(lambda: page.told[2:4] == ["tick", "tick"])
    page.hide()
    assert page.told[-1] is False
    assert not page._ticking.isActive(), "it ticks while nobody looks"
    seen = len(page.told)
    page.show()
    assert page.told[seen:] == ["show", True]
