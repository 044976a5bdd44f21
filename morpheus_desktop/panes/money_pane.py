"""A page of wallet or network: not loaded yet, no wallet, or what it shows.

It imports nothing of money: the page may be the first one, and the first frame does not wait for
web3. What the page shows is imported when money is loaded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop.page import HasRegions, Searchable
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.skeleton import Skeleton

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.money import Money


class MoneyPane(QStackedWidget):
    """Shows what there is.

    Signals:
        page_requested: the user wants to go to this page.
        setup_requested: the user wants a wallet.
        demo_requested: the user wants the demo network.

    Args:
        title: of the page. state: what is shown without a wallet.
        make: makes what is shown with one; called once, when there is one.
    """

    page_requested = Signal(str)
    setup_requested = Signal()
    demo_requested = Signal()

    def __init__(
        self,
        money: "Money",
        theme: Theme,
        title: str,
        state: EmptyState,
        make: Callable[[], QWidget],
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self._money = money
        self._make = make
        self._body: QWidget | None = None
        self._waiting = QWidget()
        column = QVBoxLayout(self._waiting)
        column.setContentsMargins(24, 76, 24, 20)
        column.addWidget(Skeleton(theme, [(0.3, 0.3, 0.25), (0.2, 0.2, 0.3), (0.9,), (0.7,)]))
        column.addStretch()
        self._none = QWidget()
        column = QVBoxLayout(self._none)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PageHeader(theme, title))
        column.addWidget(state, 1, Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self._waiting)
        self.addWidget(self._none)
        money.loaded.subscribe(lambda _: self._loaded())
        money.wallet_part.changed.subscribe(lambda _: self._show())
        self._loaded()

    @property
    def body(self) -> QWidget | None:
        """What is shown with a wallet, once there was one."""
        return self._body

    def regions(self) -> list[QWidget]:
        """The parts between which F6 moves."""
        shown = self.currentWidget() or self
        return [*shown.regions()] if isinstance(shown, HasRegions) else [shown]

    def search(self) -> None:
        """Go to the search of what is shown, where it has one."""
        shown: object = self.currentWidget()
        if isinstance(shown, Searchable):
            shown.search()

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
