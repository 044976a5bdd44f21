"""The sidebar: product name and search, account, pages, network; wide or as a rail of icons."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.widgets.basic import icon_button, label
from morpheus_desktop.widgets.mark import Mark
from morpheus_desktop.widgets.side_buttons import AccountButton, NavItem, NetworkButton

WIDE = 216
RAIL = 56
# As a rail that is lower than this there is no mark.
LOWEST = 484


@dataclass(frozen=True)
class Entry:
    """One page of the sidebar."""

    page: str
    title: str
    icon: str


PAGES = (
    Entry("chat", "Chat", "message-square"),
    Entry("market", "Market", "store"),
    Entry("staking", "Staking", "hourglass"),
    Entry("wallet", "Wallet", "wallet"),
    Entry("models", "Local models", "cpu"),
    Entry("provider", "Provider", "server"),
)
TOOLS = (
    Entry("diagnostics", "Diagnostics", "activity"),
    Entry("settings", "Settings", "settings"),
)


class Sidebar(QFrame):
    """Where everything is reached from.

    Signals:
        page_chosen: a page was clicked; its name.
        search_clicked, account_clicked, network_clicked: what they say.
    """

    page_chosen = Signal(str)
    search_clicked = Signal()
    account_clicked = Signal()
    network_clicked = Signal()

    def __init__(self, theme: Theme, hint: Callable[[str], str] = lambda _page: "") -> None:
        """`hint` gives the shortcut of a page, as this platform writes it, for its tooltip."""
        super().__init__()
        self.setObjectName("sidebar")
        self.setAccessibleName("Sidebar")
        self._theme = theme
        self._rail = False
        self._items: dict[str, NavItem] = {}
        self._head = _Head(theme)
        self._head.search.clicked.connect(self.search_clicked)
        self._account = AccountButton(theme)
        self._account.clicked.connect(self.account_clicked)
        self._network = NetworkButton(theme)
        self._network.clicked.connect(self.network_clicked)
        for entry in (*PAGES, *TOOLS):
            item = NavItem(entry.title, entry.icon, hint(entry.page), theme)
            item.clicked.connect(lambda _=False, page=entry.page: self.page_chosen.emit(page))
            self._items[entry.page] = item
        self._lay_out()
        theme.changed.connect(self._apply)
        self._apply()

    @property
    def rail(self) -> bool:
        """Whether only the icons are shown."""
        return self._rail

    def set_rail(self, *, rail: bool) -> None:
        """Show words, or icons only."""
        if rail != self._rail:
            self._rail = rail
            self._apply()

    def set_page(self, page: str) -> None:
        """Mark the page that is open; a page that has no entry marks none."""
        for name, item in self._items.items():
            item.setChecked(name == page)

    def set_badge(self, page: str, badge: str, meaning: str = "") -> None:
        """A sign beside a page, or with "" none."""
        self._items[page].set_badge(badge, meaning)

    def show_account(self, vm: AccountViewModel) -> None:
        """Say which wallet there is, and on which network."""
        self._account.show_account(vm.words)
        off = vm.phase == "off"
        title = NetworkButton.IDLE if off else vm.network.title
        self._network.show_network(title, vm.phase, vm.chip)

    @property
    def account_button(self) -> QWidget:
        """Where the menu of the account opens."""
        return self._account

    @property
    def network_button(self) -> QWidget:
        """Where the menu of networks opens."""
        return self._network

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self._account)
        layout.addSpacing(10)
        for entry in PAGES:
            layout.addSpacing(2)
            layout.addWidget(self._items[entry.page])
        layout.addStretch()
        for entry in TOOLS:
            layout.addSpacing(2)
            layout.addWidget(self._items[entry.page])
        layout.addSpacing(8)
        layout.addWidget(self._network)
        # Right of the buttons is a hairline; the bar of the chosen item reaches the left edge.
        layout.setContentsMargins(0, 0, 1, 8)

    def _apply(self) -> None:
        self.setFixedWidth(self._theme.px(RAIL if self._rail else WIDE))
        self._head.set_rail(rail=self._rail)
        for button in (self._account, self._network, *self._items.values()):
            button.set_rail(rail=self._rail)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is too low for all, the mark goes first: it leads nowhere."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._head.setVisible(not self._rail or self.height() >= self._theme.px(LOWEST))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the hairline towards the page."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg-sidebar"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.color("line-subtle"))


class _Head(QWidget):
    """The mark, the product name and the search button; in the rail the mark only."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name = label("Morpheus", "lead")
        self.search = icon_button(theme, "search", "Search and commands")
        self._row = QHBoxLayout(self)
        self._row.setSpacing(9)
        self._row.addWidget(Mark(18, theme))
        self._row.addWidget(self._name, 1)
        self._row.addWidget(self.search)

    def set_rail(self, *, rail: bool) -> None:
        """Leave room for the mark only."""
        px = self._theme.px
        self._name.setVisible(not rail)
        self.search.setVisible(not rail)
        self._row.setContentsMargins(0 if rail else px(17), 0, 0 if rail else px(10), 0)
        self.setFixedHeight(px(46 if rail else 52))
