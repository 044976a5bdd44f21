"""The market page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from morpheus_desktop.panes.money_pane import MoneyPane
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState

if TYPE_CHECKING:  # start-up cost only: see money_pane
    from router.money import Money


class MarketPane(MoneyPane):
    """Models and bids; without a wallet no network is connected, and there is nothing to read."""

    def __init__(self, money: "Money", theme: Theme, make: Callable[[], QWidget]) -> None:
        state = EmptyState(
            "store",
            "The market needs a network",
            theme,
            "Without a wallet the app connects to none. The demo network is on this computer, "
            "with play money.",
        )
        demo = button(theme, "Try the demo network", "primary")
        set_up = button(theme, "Set up a wallet", "ghost")
        super().__init__(money, theme, "Market", state, make)
        demo.clicked.connect(self.demo_requested)
        set_up.clicked.connect(self.setup_requested)
        state.add_action(demo)
        state.add_action(set_up)
