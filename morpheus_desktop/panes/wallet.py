"""The wallet page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from morpheus_desktop.panes.money_pane import MoneyPane
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState

if TYPE_CHECKING:  # start-up cost only: see money_pane
    from router.money import Money


class WalletPane(MoneyPane):
    """The wallet, or the way to one."""

    def __init__(self, money: "Money", theme: Theme, make: Callable[[], QWidget]) -> None:
        state = EmptyState(
            "wallet",
            "No wallet, local chat only",
            theme,
            "A wallet holds MOR, with which sessions with remote models are opened. Local chat "
            "needs none.",
        )
        set_up = button(theme, "Set up a wallet", "primary")
        chat = button(theme, "Chat free on this computer", "ghost")
        super().__init__(money, theme, "Wallet", state, make)
        set_up.clicked.connect(self.setup_requested)
        chat.clicked.connect(lambda: self.page_requested.emit("chat"))
        state.add_action(set_up)
        state.add_action(chat)
