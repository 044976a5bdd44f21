"""What the window does about wallet and network wherever one is: setting up, locking, switching.

Imported before the first frame; the way to a wallet, which brings web3 along, is imported when it
is walked.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.main_window import MainWindow
from morpheus_desktop.problems import Problems
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks, show
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.toast import ToastText
from router.config import Settings
from router.money import Money
from router.networks import DEMO, NETWORKS

if TYPE_CHECKING:  # start-up cost, see above
    from morpheus_desktop.panes.onboarding import OnboardingPane
    from morpheus_desktop.viewmodels.network import NetworkViewModel
    from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
    from morpheus_desktop.viewmodels.security import SecurityViewModel

Way = Literal["create", "import"]

NO_DEMO_WALLET = (
    "Your own wallet has taken the place of the demo wallet. On the demo network it gets play money "
    "of its own."
)
PRESENT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class MoneyDesk:
    """Owns the way to a wallet and the menus of account and network."""

    def __init__(
        self,
        money: Money,
        settings: Settings,
        account: AccountViewModel,
        window: MainWindow,
        theme: Theme,
        problems: Problems,
    ) -> None:
        self._money = money
        self._settings = settings
        self._account = account
        self._window = window
        self._theme = theme
        self._problems = problems
        self._tasks = UiTasks(problems.report)
        self._way: OnboardingViewModel | None = None
        self._had_demo_wallet = False
        self._pane: OnboardingPane | None = None
        self._network: NetworkViewModel | None = None
        self._security: SecurityViewModel | None = None
        self._presence = Presence(self._touch)
        # Ends what the sections of the settings do, when that page was made.
        self.sections: Callable[[], Awaitable[None]] | None = None
        sidebar = window.sidebar
        sidebar.account_clicked.connect(self.account_menu)
        sidebar.network_clicked.connect(self.network_menu)
        window.setup_requested.connect(self.show_onboarding)
        window.demo_requested.connect(self.try_demo)
        window.uncovered.connect(self._forget)
        account.changed.connect(self._show_account)
        account.failed.connect(problems.report)
        self._show_account()

    async def close(self) -> None:
        """Forget what was typed and end what runs."""
        if self.sections is not None:
            await self.sections()
        for part in (self._network, self._security):
            if part is not None:
                await part.close()
        if self._way is not None:
            await self._way.close()
        if self._pane is not None:
            await self._pane.close_steps()
        await self._tasks.close()

    def _show_account(self) -> None:
        self._window.sidebar.show_account(self._account)

    def add_commands(self, commands: Commands) -> None:
        """What can be done from everywhere."""
        account = self._account
        commands.add(
            Command(
                "wallet.lock",
                "Lock the wallet",
                self.lock,
                "Ctrl+L",
                "lock",
                keywords=("password", "security"),
            ),
            Command(
                "wallet.unlock",
                "Unlock the wallet",
                self.unlock,
                icon="lock-open",
                enabled=lambda: account.words.locked,
            ),
            Command(
                "chain.refresh",
                "Read again from the network",
                account.refresh,
                "F5",
                "refresh-cw",
                keywords=("reload", "balance", "block"),
            ),
            Command("wallet.create", "Create a wallet", self._create, icon="circle-plus"),
            Command("wallet.import", "Import a wallet", self._import, icon="download"),
            *(
                Command(
                    f"network.{network.name}",
                    f"Network: {network.title}",
                    partial(account.choose, network.name),
                    icon="globe",
                    group="Settings",
                    detail=partial(self._in_use, network.name),
                    keywords=("switch network", network.money),
                )
                for network in NETWORKS.values()
            ),
        )

    def settings_models(self) -> "tuple[NetworkViewModel, SecurityViewModel]":
        """What the settings page shows of network and wallet."""
        from morpheus_desktop.viewmodels.network import NetworkViewModel  # start-up cost, see above
        from morpheus_desktop.viewmodels.security import SecurityViewModel

        self._network = NetworkViewModel(self._money, self._settings)
        self._security = SecurityViewModel(self._money, self._settings)
        for part in (self._network, self._security):
            part.failed.connect(self._problems.report)
        return self._network, self._security

    def watch_activity(self) -> None:
        """Keep the wallet from locking while somebody is there; once the window is shown."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self._presence)

    def _touch(self) -> None:
        if self._money.autolock is not None:
            self._money.autolock.touch()

    def lock(self) -> None:
        """Lock, and say so."""
        state = self._account.state
        if state is not None and state.kind == "unlocked" and not state.borrowed:
            self._account.lock()
            self._window.toast("The wallet is locked")
        elif state is not None and state.borrowed:
            words = "The demo wallet has no password, so it cannot be locked"
            self._window.toast(ToastText(words, icon="info", tone="text-2"))
        else:
            self._window.toast("There is no unlocked wallet")

    def unlock(self) -> None:
        """Ask for the password, when it is locked."""
        if self._account.words.locked and not self._window.dialogs.any_open:
            self._tasks.start("unlock", self._unlock())

    async def _unlock(self) -> None:
        from morpheus_desktop.dialogs.unlock import UnlockDialog  # start-up cost, see above

        await show(UnlockDialog(self._theme, self._window, self._money.needed_wallet()))

    def try_demo(self) -> None:
        """Use the demo network and look at its wallet."""
        self._account.choose(DEMO)
        self._window.open_page("wallet")

    def show_onboarding(self, way: Way = "create") -> None:
        """Set up a wallet; where there is one, it is shown instead."""
        from morpheus_desktop.panes.onboarding import OnboardingPane  # start-up cost, see above
        from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel

        if self._account.has_wallet:
            self._window.open_page("wallet")
            self._window.toast("There is a wallet already. Erase it in Settings, Security first.")
            return
        if self._way is None or self._pane is None:
            self._way = OnboardingViewModel(self._money, self._settings)
            self._way.failed.connect(self._problems.report)
            self._way.finished.connect(self._finish)
            self._pane = OnboardingPane(self._way, self._theme)
            self._pane.left.connect(self._window.uncover)
        self._forget()
        state = self._account.state
        self._had_demo_wallet = state is not None and state.borrowed
        self._window.cover(self._pane)
        self._way.begin(way)

    def _create(self) -> None:
        self.show_onboarding("create")

    def _import(self) -> None:
        self.show_onboarding("import")

    def _finish(self) -> None:
        self._window.open_page("wallet")
        if self._had_demo_wallet and self._account.has_wallet:
            self._window.toast(ToastText(NO_DEMO_WALLET, icon="info", tone="info"))

    def _forget(self) -> None:
        """By whatever way it is left: a shortcut, the palette, the cross."""
        if self._way is not None:
            self._way.forget()

    # Menus of the sidebar

    def account_menu(self) -> None:
        """What can be done with the wallet; without one, set one up."""
        words = self._account.words
        if not words.address:
            self.show_onboarding()
            return
        menu = Menu(self._theme, self._window)
        open_page = self._window.open_page
        menu.add("Open the wallet", lambda: open_page("wallet"), icon="wallet")
        menu.add("Copy the address", lambda: self._copy(words.address), icon="copy")
        if self._account.has_wallet:
            menu.addSeparator()
            if words.locked:
                menu.add("Unlock…", self.unlock, icon="lock-open")
            else:
                menu.add("Lock", self.lock, icon="lock", keys="Ctrl+L")
            menu.addSeparator()
            # Whoever had the demo wallet looks for it here.
            if self._account.network.name != DEMO:
                menu.add("Go to the demo network, with play money", self.try_demo, icon="coins")
            else:
                place = "Has play money here, as the demo wallet had"
                menu.add(place, lambda: None, icon="info", reason=NO_DEMO_WALLET)
        else:
            menu.addSeparator()
            menu.add("Create a wallet", self._create, icon="circle-plus")
            menu.add("Import a wallet", self._import, icon="download")
        _below(menu, self._window.sidebar.account_button)

    def network_menu(self) -> None:
        """All networks, the one in use with a check mark."""
        account = self._account
        menu = Menu(self._theme, self._window)
        for network in NETWORKS.values():
            used = network.name == account.network.name
            menu.add(
                f"{network.title}, {network.money[0].lower()}{network.money[1:]}",
                partial(account.choose, network.name),
                icon="check" if used else "",
            )
        menu.addSeparator()
        if account.phase == "failed":
            menu.add("Connect again", account.reconnect, icon="refresh-cw")
        if account.phase == "off" and not account.has_wallet:
            line = menu.add("Not connected: there is no wallet", lambda: None, icon="info")
            line.setEnabled(False)
        _below(menu, self._window.sidebar.network_button, above=True)

    def _copy(self, address: str) -> None:
        QGuiApplication.clipboard().setText(address)
        self._window.toast("The address was copied")

    def _in_use(self, name: str) -> str:
        return "In use" if self._settings.current.network == name else ""


class Presence(QObject):
    """Tells of keys and clicks; on the native window, which gets few other events."""

    def __init__(self, touch: Callable[[], None]) -> None:
        super().__init__()
        self._touch = touch

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Somebody is there."""
        if event.type() in PRESENT:
            self._touch()
        return False


def _below(menu: Menu, button: QWidget, *, above: bool = False) -> None:
    """Open a menu at a button; Qt keeps it on the screen."""
    height = -menu.sizeHint().height() if above else button.height()
    menu.popup(button.mapToGlobal(QPoint(8, height)))
