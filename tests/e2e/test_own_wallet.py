"""A wallet of one's own, with keyboard and mouse: made, locked at the next start, and unlocked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running_app import needs_keyboard
from tests.support.seen_app import SeenApp

pytestmark = [needs_keyboard, pytest.mark.slow, pytest.mark.timeout(240)]

PASSWORD = "a horse that is correct"
HIDDEN, SHOWN = "Your words, hidden", "Your words"


@pytest.fixture
def app(tmp_path: Path, qapp: object) -> Iterator[SeenApp]:
    app = SeenApp(tmp_path / "data", tmp_path / "pictures")
    yield app
    app.kill()


def test_a_wallet_is_made_and_unlocked_at_the_next_start(app, tmp_path):
    app.ready()
    words = make_a_wallet(app)
    app.click("Demo, Play money.*", "CheckBox")
    app.wait_to_see("Everything stays on this computer.*", "Border")
    app.click("Next")
    app.wait_to_see("Add funds")
    app.keep_picture("own-5-funds")
    app.click("Done")
    app.wait_to_read("In your wallet", "1000 MOR")
    app.close_window()
    assert app.ended() == 0
    vault = (app.folder / "wallet" / "wallet.json").read_text()
    assert not set(words) <= set(re.findall("[a-z]+", vault))
    again = SeenApp(app.folder, tmp_path / "pictures")
    try:
        again.ready()
        unlock(again)
        again.close_window()
        assert again.ended() == 0
    finally:
        again.kill()


def make_a_wallet(app: SeenApp) -> list[str]:
    """From the first screen to the choice of a network, by keyboard; the words."""
    app.tab_to("Create a wallet.*")
    app.press("Return")
    app.wait_to_focus("Password")
    app.type(PASSWORD)
    app.tab_to("Password again")
    app.type(PASSWORD)
    app.press("Return")
    app.wait_to_focus("Show the words")
    assert app.wait_to_see(HIDDEN).about == ""
    app.keep_picture("own-1-hidden")
    app.press("Return")
    words = re.findall("[a-z]+", app.wait_to_see(SHOWN).about)
    assert len(words) == 12
    app.tab_to("I wrote them down")
    app.press("Return")
    asked = [seen.name for seen in app.everything() if re.fullmatch(r"Word \d+", seen.name)]
    for number, name in enumerate(asked):
        app.wait_to_focus(name)
        app.type(words[int(name.split()[1]) - 1])
        app.wait_to_see(f"{number + 1} of 3 correct")
        app.press("Return")
    app.wait_to_see("Pick a network")
    app.keep_picture("own-4-network")
    return words


def unlock(app: SeenApp) -> None:
    """From the status bar, at the second try."""
    app.click("Wallet locked. Unlock")
    app.wait_to_focus("Password")
    app.type("another horse")
    app.press("Return")
    app.wait_to_see("The password is wrong.*")
    app.keep_picture("own-6-wrong")
    app.press("ctrl+a")
    app.type(PASSWORD)
    app.press("Return")
    app.wait_to_see("Main wallet", "Button")
    app.wait_to_read("In your wallet", "1000 MOR")
    app.keep_picture("own-7-unlocked")
