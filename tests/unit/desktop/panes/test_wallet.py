"""The wallet page shows what there is: nothing yet, no wallet, or the wallet."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from morpheus_desktop.panes.wallet import WalletPane
from router.events import Emitter
from router.parts import Part
from router.wallet.wallet import WalletState


async def _start() -> str:
    return ""


@pytest.fixture
def money():
    return SimpleNamespace(
        wallet=None, loaded=Emitter(), wallet_part=Part("wallet", "Wallet", _start)
    )


def wallet(kind: str):
    return SimpleNamespace(state=WalletState(kind), changed=Emitter())


def test_it_waits_then_says_that_there_is_no_wallet_then_shows_it(money, theme, qtbot, qloop):
    made: list[QWidget] = []

    def make() -> QWidget:
        made.append(QWidget())
        return made[-1]

    pane = WalletPane(money, theme, make)
    qtbot.addWidget(pane)
    assert pane.currentWidget() is pane._waiting
    money.wallet = wallet("none")
    money.loaded.emit(None)
    assert pane.currentWidget() is pane._waiting  # its file was not looked at yet
    qloop.run_until_complete(money.wallet_part.start())
    assert pane.currentWidget() is pane._none
    set_up, chat = pane._none.findChildren(QPushButton)
    with qtbot.waitSignal(pane.setup_requested):
        set_up.click()
    with qtbot.waitSignal(pane.page_requested) as asked:
        chat.click()
    assert asked.args == ["chat"]
    for kind in ("locked", "unlocked", "watch"):
        money.wallet.state = WalletState(kind)
        money.wallet.changed.emit(money.wallet.state)
        assert pane.currentWidget() is pane.body
    assert len(made) == 1
    money.wallet.state = WalletState()
    money.wallet.changed.emit(money.wallet.state)
    assert pane.currentWidget() is pane._none


def test_a_wallet_that_cannot_be_read_is_not_waited_for(money, theme, qtbot, qloop):
    async def fail() -> str:
        raise OSError

    money.wallet_part = Part("wallet", "Wallet", fail)
    pane = WalletPane(money, theme, QWidget)
    qtbot.addWidget(pane)
    money.wallet_part.state = money.wallet_part.state.__class__("wallet", "Wallet", "failed")
    money.wallet_part.changed.emit(money.wallet_part.state)
    assert pane.currentWidget() is pane._none
