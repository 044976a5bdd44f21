"""A payment that is on the way while the window sleeps, is closed, and is opened again."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.chain.token import TOKEN
from router.devnet.accounts import USER
from tests.support.headless import headless
from tests.support.money_node import PASSPHRASE, passphrase_file
from tests.support.own_chain import NETWORK, OwnChain, own_chain
from tests.support.running_app import needs_keyboard
from tests.support.seen_app import SeenApp
from tests.support.sleeper import asleep, sleeper

pytestmark = [
    needs_keyboard,
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP"),
]

STRANGER = "0x" + "12" * 20
MOR = 10**18
HOURS_S = 8 * 3600


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[OwnChain]:
    with own_chain(tmp_path) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, chain: OwnChain) -> Path:
    """A data folder with the user's wallet in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "settings.toml").write_text(f'network = "{NETWORK}"\n')
    options = "--api", "127.0.0.1:0", "--passphrase-file", str(passphrase_file(folder))
    with headless(folder, *options, program=chain.program("router")) as node:
        node.ready()
        node.post("/wallet/privateKey", {"privateKey": USER.key})
        assert node.stop() == (0, "")
    return folder


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    return tmp_path / "slept"


@pytest.fixture
def start(
    folder: Path, clock: Path, chain: OwnChain, tmp_path: Path, qapp: object
) -> Iterator[object]:
    started: list[SeenApp] = []

    def program(*module: str) -> tuple[str, ...]:
        return sleeper(clock, *chain.program(*module))

    def start() -> SeenApp:
        app = SeenApp(folder, tmp_path / "pictures", program)
        started.append(app)
        return app

    yield start
    for app in started:
        app.kill()


def test_the_window_is_closed_with_a_payment_on_the_way(start, chain, clock):
    """It is shown again as it was, confirmed once it is mined, and was paid once."""
    chain.ask("evm_setAutomine", False)
    before = chain.sent()
    app = start().ready()
    pay(app)
    assert (chain.sent(), chain.sent("pending")) == (before, before + 1)
    with asleep(app.process, clock, HOURS_S):
        pass
    app.wait_to_see("Arbitrum Sepolia, locked")
    app.keep_picture("3-slept")
    app.close_window()
    assert app.ended() == 0
    app = start().ready()
    app.press("ctrl+4")
    app.wait_to_see("Send to .*, Pending")
    app.keep_picture("4-again")
    assert received(chain) == 0
    chain.ask("evm_mine")
    app.wait_to_see("(Send|Sent) to .*, Confirmed")
    app.keep_picture("5-confirmed")
    app.close_window()
    assert app.ended() == 0
    assert received(chain) == 25 * MOR
    assert (chain.sent(), chain.sent("pending")) == (before + 1, before + 1)


def pay(app: SeenApp) -> None:
    """25 MOR, with the keyboard, up to where it waits to be mined."""
    app.press("ctrl+4")
    app.tab_to("Send")
    app.press("Return")
    app.wait_to_focus("Amount")
    app.type("25")
    app.tab_to("To")
    app.type(STRANGER)
    app.tab_to("Review")
    app.press("Return")
    app.tab_to("Send 25 MOR")
    app.keep_picture("1-review")
    app.press("Return")
    app.wait_to_focus("Password")
    app.type(PASSPHRASE)
    app.press("Return")
    app.wait_to_see("Send to .*, Pending")
    app.keep_picture("2-pending")


def received(chain: OwnChain) -> int:
    """MOR of the stranger, asked of the chain itself."""
    data = "0x" + TOKEN["balanceOf"].encode(STRANGER).hex()
    return int(chain.ask("eth_call", {"to": chain.token, "data": data}, "latest"), 16)
