"""The staking page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from morpheus_desktop.panes.money_pane import MoneyPane
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState

if TYPE_CHECKING:  # start-up cost only: see money_pane
    from router.money import Money


class StakingPane(MoneyPane):
    """Where all MOR is, or that there is no wallet with any."""

    def __init__(self, money: "Money", theme: Theme, make: Callable[[], QWidget]) -> None:
        state = EmptyState(
            "hourglass",
            "Nothing is staked",
            theme,
            "A session with a remote model holds MOR of a wallet while it runs. Local chat needs "
            "neither.",
        )
        set_up = button(theme, "Set up a wallet", "primary")
        demo = button(theme, "Try the demo network", "ghost")
        super().__init__(money, theme, "Staking", state, make)
        set_up.clicked.connect(self.setup_requested)
        demo.clicked.connect(self.demo_requested)
        state.add_action(set_up)
        state.add_action(demo)
