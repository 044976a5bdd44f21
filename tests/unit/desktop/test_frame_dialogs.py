"""The dialogs of the window: one at a time, crashes one after the other."""

import pytest
from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from morpheus_desktop.commands import Commands
from morpheus_desktop.dialogs.link import LinkDialog
from morpheus_desktop.dialogs.problem import ProblemDialog
from morpheus_desktop.frame_dialogs import FrameDialogs
from morpheus_desktop.problems import Crash
from morpheus_desktop.viewmodels.palette import PaletteViewModel
from morpheus_desktop.widgets.overlay import Overlay


@pytest.fixture
def window(theme, qtbot):
    made = QWidget()
    made.resize(960, 640)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def dialogs(window, theme, prefs):
    commands = Commands(prefs)
    return FrameDialogs(window, theme, commands, PaletteViewModel(commands, prefs))


def visible(window) -> list[Overlay]:
    return [each for each in window.findChildren(Overlay) if each.isVisible()]


@pytest.mark.parametrize("name", ["palette", "terms", "licences", "shortcuts"])
def test_one_is_open_at_a_time_and_gone_afterwards(dialogs, window, qtbot, name):
    getattr(dialogs, name)()
    first = visible(window)
    for other in ("palette", "terms", "licences", "shortcuts"):
        getattr(dialogs, other)()
    dialogs.link("https://example.org")
    assert visible(window) == first
    first[0].close()
    assert not dialogs.any_open
    qtbot.waitUntil(lambda: window.findChildren(Overlay) == [])


def test_crashes_are_read_one_after_the_other(dialogs, window):
    for number in range(3):
        dialogs.crash(Crash((str(number), ()), f"report {number}"))
    seen = []
    while shown := visible(window):
        assert len(shown) == 1
        assert isinstance(shown[0], ProblemDialog)
        seen.append(shown[0]._report)
        shown[0].accept()
    assert seen == ["report 0", "report 1", "report 2"]


def test_a_crash_is_told_even_over_another_dialog(dialogs, window):
    dialogs.terms()
    dialogs.crash(Crash(("x", ()), "report"))
    assert len(visible(window)) == 2


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "smb://host/share", "data:text/html,x", ""]
)
def test_other_links_than_of_the_web_are_not_even_asked_about(dialogs, window, url):
    dialogs.link(url)
    assert visible(window) == []


class Browser(QWidget):
    """Takes the links that would go to the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.mark.parametrize(
    ("answer", "opened"), [("accept", ["https://example.org/a"]), ("reject", [])]
)
def test_a_link_opens_only_when_it_was_agreed_to(dialogs, window, qtbot, answer, opened):
    browser = Browser()
    qtbot.addWidget(browser)
    QDesktopServices.setUrlHandler("https", browser, "take")
    try:
        dialogs.link("https://example.org/a")
        (dialog,) = visible(window)
        assert isinstance(dialog, LinkDialog)
        getattr(dialog, answer)()
        assert browser.opened == opened
    finally:
        QDesktopServices.unsetUrlHandler("https")
