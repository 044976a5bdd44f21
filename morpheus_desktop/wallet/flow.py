"""The wallet page with all that its buttons lead to, one dialog after the other, never nested."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.activity import as_csv
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.wallet.body import WalletBody
from router.money import Money

Say = Callable[[str], None]
SaveText = Callable[[str, str, str], None]


class WalletFlow:
    """Owns the view-model and the page; `close` at the end.

    Args:
        over: the window; dialogs lie over it.
        say: shows a toast. report: shows an error. link: opens an address in the browser.
        save: asks where to save a text: title, name of the file, text.
    """

    def __init__(
        self,
        money: Money,
        theme: Theme,
        amounts: Amounts,
        over: QWidget,
        *,
        say: Say,
        report: Callable[[Exception], None],
        link: Callable[[str], None],
        save: SaveText,
    ) -> None:
        self.vm = WalletViewModel(money)
        self.body = WalletBody(self.vm, theme, amounts)
        self._theme, self._amounts, self._over = theme, amounts, over
        self._say = say
        self._tasks = UiTasks(report)
        self.vm.failed.connect(report)
        body = self.body
        body.link_asked.connect(link)
        body.export_asked.connect(
            lambda: save("Export activity", "morpheus-activity.csv", as_csv(self.vm.fitting))
        )

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()
        await self.vm.close()

    def add_commands(self, commands: Commands) -> None:
        """Let the palette and the keyboard do what the page does."""
        commands.add(
            Command("wallet.refresh", "Read the wallet again", self.vm.refresh, "F5", "refresh-cw"),
        )
