"""Without a wallet the market leads to the demo network or to a wallet."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from morpheus_desktop.panes.market import MarketPane
from morpheus_desktop.panes.staking import StakingPane
from router.events import Emitter
from router.parts import PartState
from router.wallet.wallet import WalletState


def money_of(kind: str):
    part = SimpleNamespace(state=PartState("wallet", "Wallet", "ready"), changed=Emitter())
    wallet = SimpleNamespace(state=WalletState(kind), changed=Emitter())
    return SimpleNamespace(wallet=wallet, loaded=Emitter(), wallet_part=part)


@pytest.mark.parametrize("pane", [MarketPane, StakingPane])
def test_two_ways_on_where_there_is_no_wallet(pane, theme, qtbot):
    made = pane(money_of("none"), theme, QWidget)
    qtbot.addWidget(made)
    buttons = {button.text(): button for button in made._none.findChildren(QPushButton)}
    with qtbot.waitSignal(made.demo_requested):
        buttons["Try the demo network"].click()
    with qtbot.waitSignal(made.setup_requested):
        buttons["Set up a wallet"].click()
    assert made.body is None


@pytest.mark.parametrize("pane", [MarketPane, StakingPane])
@pytest.mark.parametrize("kind", ["unlocked", "locked", "watch"])
def test_with_a_wallet_the_page_is_made_once(pane, kind, theme, qtbot):
    made: list[QWidget] = []

    class Page(QWidget):
        searched = 0

        def regions(self) -> list[QWidget]:
            return [self, self]

        def search(self) -> None:
            Page.searched += 1

    def make() -> QWidget:
        made.append(Page())
        return made[-1]

    money = money_of(kind)
    shown = pane(money, theme, make)
    qtbot.addWidget(shown)
    money.wallet.changed.emit(money.wallet.state)
    assert shown.currentWidget() is shown.body
    assert len(made) == 1
    assert shown.regions() == [made[0], made[0]]
    shown.search()
    assert Page.searched == 1
