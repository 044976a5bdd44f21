"""The wallet page: not set up yet, loading, or the wallet.

It imports nothing of money: the page may be the first one, and the first frame does not wait for
web3. What shows the wallet is imported when money is loaded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.skeleton import Skeleton

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from morpheus_desktop.wallet.body import WalletBody
    from router.money import Money


class WalletPane(QStackedWidget):
    """Shows what there is.

    Signals:
        page_requested: the user wants to go to this page.
        setup_requested: the user wants a wallet.

    Args:
        make: makes the page of a wallet; called once, when there is one.
    """

    page_requested = Signal(str)
    setup_requested = Signal()

    def __init__(self, money: "Money", theme: Theme, make: Callable[[], "WalletBody"]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._money = money
        self._make = make
        self._body: WalletBody | None = None
        self._waiting = QWidget()
        column = QVBoxLayout(self._waiting)
        column.setContentsMargins(24, 76, 24, 20)
        column.addWidget(Skeleton(theme, [(0.3, 0.3, 0.25), (0.2, 0.2, 0.3), (0.9,), (0.7,)]))
        column.addStretch()
        self._none = self._make_none(theme)
        self.addWidget(self._waiting)
        self.addWidget(self._none)
        money.loaded.subscribe(lambda _: self._loaded())
        money.wallet_part.changed.subscribe(lambda _: self._show())
        self._loaded()

    def _make_none(self, theme: Theme) -> QWidget:
        state = EmptyState(
            "wallet",
            "No wallet, local chat only",
            theme,
            "A wallet holds MOR, with which sessions with remote models are opened. Local chat "
            "needs none.",
        )
        set_up = button(theme, "Set up a wallet", "primary")
        set_up.clicked.connect(self.setup_requested)
        chat = button(theme, "Chat free on this computer", "ghost")
        chat.clicked.connect(lambda: self.page_requested.emit("chat"))
        state.add_action(set_up)
        state.add_action(chat)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PageHeader(theme, "Wallet"))
        column.addWidget(state, 1, Qt.AlignmentFlag.AlignCenter)
        return page

    @property
    def body(self) -> "WalletBody | None":
        """The page of the wallet, once there was one."""
        return self._body

    def regions(self) -> list[QWidget]:
        """The parts between which F6 moves."""
        shown = self.currentWidget() or self
        if self._body is not None and shown is self._body:
            return [*self._body.regions()]
        return [shown]

    def search(self) -> None:
        """Go to the search in what moved."""
        if self._body is not None and self.currentWidget() is self._body:
            self._body.search()

    def _loaded(self) -> None:
        if self._money.wallet is not None:
            self._money.wallet.changed.subscribe(lambda _: self._show())
        self._show()

    def _show(self) -> None:
        wallet, phase = self._money.wallet, self._money.wallet_part.state.phase
        if wallet is None or (phase in ("waiting", "starting") and wallet.state.kind == "none"):
            self.setCurrentWidget(self._waiting if phase != "failed" else self._none)
        elif wallet.state.kind == "none":
            self.setCurrentWidget(self._none)
        else:
            if self._body is None:
                self._body = self._make()
                self.addWidget(self._body)
            self.setCurrentWidget(self._body)
