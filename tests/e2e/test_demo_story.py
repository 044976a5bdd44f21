"""The whole way of MOR on the demo network, in the window: staked, used for an answer, and back.

What the pages say is held against the chain at every turn. With SHOTS=folder in the environment the
pictures of all steps are kept there, else in the temporary folder of the test.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.running_app import needs_keyboard, wait_for
from tests.support.seen_app import SeenApp

pytestmark = [needs_keyboard, pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(400)]

MOR = ETH = 10**18
ALL = 1_000 * MOR
DAY_S, NEAR_S = 86_400, 600
MODEL = r"SmolLM2 135M \(demo\)"
QUESTION = "Write a long story about a fox and the sea"
AMOUNT = r"[\d.]+ MOR"


@pytest.fixture
def app(tmp_path: Path, qapp: object) -> Iterator[SeenApp]:
    if DAY_S - time.time() % DAY_S < NEAR_S:
        pytest.skip("midnight UTC is near: nothing would be on hold after closing")
    app = SeenApp(tmp_path / "data", tmp_path / "pictures")
    yield app
    app.kill()


def test_all_mor_is_back_after_a_session_on_the_demo_network(app):
    app.ready()
    begin_with_play_money(app)
    session = open_session(app)
    ask_the_provider(app)
    close_session(app, session)
    wait_for_the_claim(app)
    app.close_window()
    assert app.ended() == 0


def begin_with_play_money(app: SeenApp) -> None:
    """From the first screen to a wallet with play money."""
    app.keep_picture("1-welcome")
    app.tab_to("Try the demo network.*")
    app.press("Return")
    app.wait_to_read("In your wallet", "1000 MOR")
    app.keep_picture("2-wallet")
    assert app.ask("/blockchain/balance") == {"mor": str(ALL), "eth": str(10 * ETH)}


def open_session(app: SeenApp) -> str:
    """From the market to a session that is paid for; its id."""
    app.press("ctrl+2")
    app.wait_to_see("Bids: 2 of 2 up", "Cell")
    app.click(f"Model: {MODEL}", "Cell")
    app.wait_to_see("2 bids, 2 answering")
    app.wait_to_see("Provider: 0x.* Best match", "Cell")
    app.keep_picture("3-market")
    app.press("ctrl+Return")
    app.wait_to_see(f"Open a session with {MODEL}")
    app.tab_to(f"Stake {AMOUNT} and open")
    app.keep_picture("4-review")
    assert places(app) == (ALL, 0, 0, 0)  # nothing has moved yet
    app.press("Return")
    app.wait_to_see("The session is open")
    app.keep_picture("5-open")
    app.click("Chat")
    wallet, staked, *rest = places(app)
    assert wallet + staked == ALL
    assert rest == [0, 0]
    [session] = app.ask("/blockchain/stakes")["sessions"]
    assert int(session["stake"]) == staked > 0
    return str(session["id"])


def ask_the_provider(app: SeenApp) -> None:
    """A question in the chat of the session; the answer comes from the provider, in pieces."""
    app.wait_to_see("Staked, returned at end")
    app.wait_to_focus("Your question")
    app.type(QUESTION)
    wait_for("the draft", lambda: (QUESTION,) in app.rows("SELECT text FROM draft"))
    app.press("Return")
    begun = app.wait_for_answer("writing")
    streamed = wait_for("more of it", lambda: app.last_answer()[1].removeprefix(begun))
    app.keep_picture("6-writing")
    app.press("Escape")
    assert app.wait_for_answer("stopped").startswith(begun + streamed)
    app.wait_to_see(f"Answer from {MODEL}, address ending .*")
    app.keep_picture("7-answer")


def close_session(app: SeenApp, session: str) -> None:
    """From the chat to what closing gives back now, and close it as shown."""
    _, staked, *_ = places(app)
    app.click("Close")
    app.wait_to_see(f"Close and take {AMOUNT}", "Button")
    app.keep_picture("8-preview")
    app.click(f"Close and take {AMOUNT}")
    app.wait_to_see("Nothing is staked")
    app.keep_picture("9-closed")
    wallet, in_sessions, held, claimable = places(app)
    assert (wallet + held, in_sessions, claimable) == (ALL, 0, 0)
    assert 0 < held < staked
    assert app.ask(f"/blockchain/sessions/{session}")["session"]["ClosedAt"] > 0


def wait_for_the_claim(app: SeenApp) -> None:
    """A day later the app takes back by itself what was on hold; nothing but fees is gone."""
    app.click("Skip one day")
    wait_for("all MOR in the wallet", lambda: places(app) == (ALL, 0, 0, 0))
    app.wait_to_read("In your wallet", "1000 MOR")
    for place in ("In active sessions", "On hold", "Claimable now"):
        app.wait_to_read(place, "0 MOR")
    app.keep_picture("10-back")
    balance = app.ask("/blockchain/balance")
    assert int(balance["mor"]) == ALL
    assert 9.99 * ETH < int(balance["eth"]) < 10 * ETH


def places(app: SeenApp) -> tuple[int, int, int, int]:
    """Where the MOR of the wallet is by the chain: free, in sessions, on hold, claimable."""
    stakes: dict[str, Any] = app.ask("/blockchain/stakes")
    wallet, active, held, claimable = (
        int(stakes[name]) for name in ("wallet", "inSessions", "onHold", "claimable")
    )
    return wallet, active, held, claimable
