"""The staking page with all that its buttons lead to.

Made when money is loaded (see router.money): it brings web3 along.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.staking.body import StakingBody
from morpheus_desktop.theme import Theme
from morpheus_desktop.turns import Turns
from morpheus_desktop.ui_tasks import UiTasks, show
from morpheus_desktop.viewmodels.places import DAY
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.toast import ToastText
from router.config import Settings
from router.funds import Funds
from router.wallet.wallet import Wallet

WHY_UNLOCK = "Closing this session needs a signature of the wallet. Nothing was signed yet."


class StakingFlow:
    """Owns the view-model and the page; `close` at the end.

    Args:
        over: the window; dialogs lie over it.
        say: shows a toast. report: shows an error. link: opens the address of a page.
        save: asks where to save a text: title, name of the file, text.
    """

    def __init__(
        self,
        funds: Funds,
        wallet: Wallet,
        settings: Settings,
        theme: Theme,
        amounts: Amounts,
        over: QWidget,
        *,
        say: Callable[[ToastText | str], None],
        report: Callable[[Exception], None],
        link: Callable[[str], None],
        save: Callable[[str, str, str], None],
    ) -> None:
        self.vm = StakingViewModel(funds, wallet, settings)
        self.body = StakingBody(self.vm, theme, amounts)
        self.turns = Turns(over, report)
        self._funds, self._wallet = funds, wallet
        self._theme, self._over = theme, over
        self._say, self._save = say, save
        self._tasks = UiTasks(report)
        self.vm.failed.connect(report)
        self.vm.closing_sent.connect(self._closing)
        self.vm.closing_over.connect(self._closed)
        body = self.body
        body.link_asked.connect(link)
        body.close_asked.connect(self.vm.close_session)
        body.unlock_asked.connect(lambda: self.turns.start(self._unlock))
        body.export_asked.connect(self.export)
        body.skip_asked.connect(self.skip_day)

    async def close(self) -> None:
        """End what runs."""
        await self.turns.close()
        await self._tasks.close()
        await self.vm.close()

    @property
    def on_demo(self) -> bool:
        """Whether time can be skipped."""
        return self._funds.is_connected and self._funds.connection.demo is not None

    def show_closing(self, session_id: str) -> None:
        """Show what closing a session now gives back."""
        if self.vm.expanded != session_id:
            self.vm.expand(session_id)
        self.body.go_to(session_id)

    def export(self) -> None:
        """Save all sessions as a table."""
        self._save("Export sessions", "morpheus-sessions.csv", self.vm.csv())

    def skip_day(self) -> None:
        """On the demo network, let a day pass."""
        self._tasks.start("skip", self._skip_day())

    def _closing(self, session_id: str) -> None:
        words = "The session is being closed"
        self._say(ToastText(words, "hourglass", topic=f"close {session_id}"))

    def _closed(self, session_id: str, is_closed: bool) -> None:
        """In place of what was said before."""
        topic = f"close {session_id}"
        if is_closed:
            self._say(ToastText("The session is closed", topic=topic))
        else:
            words = (
                "The session is not closed: its transaction failed. Its stake is still held, and "
                "comes back when it is closed. The wallet page tells why."
            )
            self._say(ToastText(words, "triangle-alert", "warn", topic=topic))

    async def _skip_day(self) -> None:
        demo = self._funds.connection.demo if self._funds.is_connected else None
        if demo is None:
            self._say("Time can be skipped on the demo network only.")
            return
        await demo.skip(DAY)
        self._funds.changed.emit(None)
        self._say("A day has passed on the demo network")

    async def _unlock(self) -> None:
        await show(UnlockDialog(self._theme, self._over, self._wallet, why=WHY_UNLOCK))
