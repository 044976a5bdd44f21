"""What the window does about market, sessions and stake, wherever one is.

Imported before the first frame; what the pages show, which brings web3 along, is imported when
money is loaded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.main_window import MainWindow
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.problems import Problems
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from morpheus_desktop.widgets.toast import ToastText
from router.config import Settings
from router.money import Money
from router.untrusted import one_line

if TYPE_CHECKING:  # start-up cost, see above
    from morpheus_desktop.market.flow import MarketFlow
    from morpheus_desktop.opening_flow import OpeningFlow
    from morpheus_desktop.staking.flow import StakingFlow
    from morpheus_desktop.wallet.flow import WalletFlow
    from router.consumer.records import Opening, SessionView
    from router.funds import Funds
    from router.wallet.wallet import Wallet

Save = Callable[[str, str, str], None]


class SessionDesk(QObject):
    """Owns what leads to sessions and back; `close` at the end.

    Signals:
        chat_asked: id of a session that somebody wants to chat with.

    Args:
        wallet: gives what reviews transactions; only when money is loaded.
        save: asks where to save a text: title, name of the file, text.
    """

    chat_asked = Signal(str)

    def __init__(
        self,
        money: Money,
        settings: Settings,
        account: AccountViewModel,
        vm: SessionsViewModel,
        window: MainWindow,
        theme: Theme,
        prefs: Prefs,
        amounts: Amounts,
        problems: Problems,
        *,
        wallet: "Callable[[], WalletFlow]",
        save: Save,
    ) -> None:
        super().__init__()
        self.vm = vm
        self._money, self._settings, self._account = money, settings, account
        self._window, self._theme, self._prefs = window, theme, prefs
        self._amounts, self._problems = amounts, problems
        self._wallet, self._save = wallet, save
        self._opening: OpeningFlow | None = None
        self._market: MarketFlow | None = None
        self._staking: StakingFlow | None = None
        vm.changed.connect(self._show_badge)
        vm.warned.connect(self._warn)
        vm.stepped.connect(self._stepped)
        self._reached = True
        account.read_again.connect(self._read_again)
        account.changed.connect(self._follow_network)

    async def close(self) -> None:
        """End what the pages and dialogs started; openings go on in the node."""
        self.vm.close()
        for flow in (self._opening, self._market, self._staking):
            if flow is not None:
                await flow.close()

    def add_commands(self, commands: Commands) -> None:
        """What can be done from everywhere; what moves money leads to its review."""
        commands.add(
            Command(
                "session.extend", "Extend the session", self.extend, "Ctrl+E", "hourglass",
                detail=self._next_end, keywords=("longer", "time"),
                enabled=lambda: bool(self.vm.running),
            ),
            Command(
                "session.steps", "Show the session that is being opened", self._show_steps,
                icon="hourglass", enabled=lambda: self.vm.opening is not None,
            ),
            Command(
                "stake.claim", "Claim returned stake", self.claim, icon="hand-coins",
                keywords=("withdraw", "staking"), enabled=lambda: self.vm.can_claim,
            ),
            Command(
                "stake.export", "Export sessions", lambda: self.staking.export(), icon="file-down",
                keywords=("csv", "history"), enabled=self._is_loaded,
            ),
            Command(
                "demo.skip_day", "Skip one day on the demo network",
                lambda: self.staking.skip_day(), icon="clock", keywords=("time", "midnight"),
                enabled=lambda: self._is_loaded() and self.staking.on_demo,
            ),
        )  # fmt: skip

    # The pages, made when they are first shown

    def market_pane(self) -> QWidget:
        """Models and bids."""
        from morpheus_desktop.panes.market import MarketPane  # start-up cost, see above

        pane = MarketPane(self._money, self._theme, lambda: self.market.body)
        pane.setup_requested.connect(lambda: self._window.setup_requested.emit("create"))
        pane.demo_requested.connect(self._window.demo_requested)
        return pane

    def staking_pane(self) -> QWidget:
        """Where all MOR is."""
        from morpheus_desktop.panes.staking import StakingPane  # start-up cost, see above

        pane = StakingPane(self._money, self._theme, lambda: self.staking.body)
        pane.setup_requested.connect(lambda: self._window.setup_requested.emit("create"))
        pane.demo_requested.connect(self._window.demo_requested)
        return pane

    @property
    def opening(self) -> "OpeningFlow":
        """The way to a session; only when money is loaded."""
        from morpheus_desktop.opening_flow import OpeningFlow  # start-up cost, see above

        if self._opening is None:
            funds, wallet = self._loaded()
            flow = self._opening = OpeningFlow(
                funds, wallet, self._settings, self._theme, self._amounts, self._window,
                self._problems.report,
            )  # fmt: skip
            flow.opened.connect(self._opened)
            flow.bids_asked.connect(self.show_bids)
            flow.permission_left.connect(lambda: self._wallet().end_permission())
            flow.receive_asked.connect(lambda: self._wallet().receive())
        return self._opening

    @property
    def market(self) -> "MarketFlow":
        """The market page; only when money is loaded."""
        from morpheus_desktop.market.flow import MarketFlow  # start-up cost, see above

        if self._market is None:
            funds, wallet = self._loaded()
            self._market = MarketFlow(
                funds, wallet, self._theme, self._prefs, self.opening,
                say=self._window.toast, report=self._problems.report,
            )  # fmt: skip
            self._market.body.demo_asked.connect(self._window.demo_requested)
        return self._market

    @property
    def staking(self) -> "StakingFlow":
        """The staking page; only when money is loaded."""
        from morpheus_desktop.staking.flow import StakingFlow  # start-up cost, see above

        if self._staking is None:
            funds, wallet = self._loaded()
            flow = self._staking = StakingFlow(
                funds, wallet, self._settings, self._theme, self._amounts, self._window,
                say=self._window.toast, report=self._problems.report,
                link=self._window.dialogs.link, save=self._save,
            )  # fmt: skip
            flow.body.claim_asked.connect(self.claim)
            flow.body.chat_asked.connect(self.chat_asked)
            flow.body.steps_asked.connect(self.opening.follow)
            flow.body.market_asked.connect(lambda: self._window.open_page("market"))
        return self._staking

    # What can be asked for

    def extend(self, session_id: str = "") -> None:
        """Open the session that follows one, or the one that ends first."""
        running = self.vm.running
        found = [view for view in running if not session_id or view.id == session_id]
        if found:
            self.opening.extend(found[0])
        else:
            self._window.toast("This session is over. The market offers new ones.")

    def claim(self) -> None:
        """Take back what is no longer on hold, after its review."""
        self._wallet().claim()

    def _show_steps(self) -> None:
        if (opening := self.vm.opening) is not None:
            self.opening.follow(opening.id)

    def show_bids(self, model_id: str = "") -> None:
        """Go to the market, and there to a model."""
        self._window.open_page("market")
        if model_id and self._is_loaded():
            self.market.show_bids(model_id)

    def show_closing(self, session_id: str) -> None:
        """Go to the staking page, and there to what closing a session now gives back."""
        self._window.open_page("staking")
        if self._is_loaded():
            self.staking.show_closing(session_id)

    # What is told

    def _show_badge(self) -> None:
        badge = ("1", "MOR can be claimed") if self.vm.can_claim else ("", "")
        self._window.sidebar.set_badge("staking", *badge)

    def _warn(self, view: "SessionView") -> None:
        name = one_line(view.model_name)
        self._window.toast(
            ToastText(
                f"The session with {name} ends in five minutes",
                icon="hourglass",
                tone="warn",
                action="Extend",
                run=lambda: self.extend(view.id),
            )
        )

    def _opened(self, session_id: str) -> None:
        self._window.toast(
            ToastText(
                "The session is open",
                action="Chat",
                run=lambda: self.chat_asked.emit(session_id),
            )
        )

    def _stepped(self, opening: "Opening") -> None:
        """Of those that nobody looks at now, what needs somebody or is done."""
        if self._window.dialogs.any_open:
            return
        if opening.step == "done":
            self._opened(opening.session_id)
        elif opening.step in ("failed", "asked"):
            name = one_line(opening.quote.model.name)
            self._window.toast(
                ToastText(
                    f"Opening a session with {name} waits for you",
                    icon="triangle-alert",
                    tone="warn",
                    action="Show",
                    run=lambda: self.opening.follow(opening.id),
                )
            )

    def _read_again(self) -> None:
        if self._market is not None and self._market.body.isVisible():
            self._market.vm.refresh()

    def _follow_network(self) -> None:
        """The market says at once that nothing can be opened, and that it can be again."""
        reached = not self._account.problem
        if reached != self._reached:
            self._reached = reached
            self._read_again()

    def _next_end(self) -> str:
        running = self.vm.running
        return one_line(running[0].model_name) if running else ""

    def _is_loaded(self) -> bool:
        return self._money.funds is not None and self._money.funds.is_connected

    def _loaded(self) -> "tuple[Funds, Wallet]":
        funds, wallet = self._money.funds, self._money.wallet
        assert funds is not None
        assert wallet is not None
        return funds, wallet
