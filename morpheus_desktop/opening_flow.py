"""The way to a session: look at a quote, unlock when needed, follow the steps, from any page.

Made when money is loaded (see router.money): it brings web3 along.
"""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.open_session import OpenSessionDialog
from morpheus_desktop.dialogs.opening import OpeningDialog
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.theme import Theme
from morpheus_desktop.turns import Turns
from morpheus_desktop.ui_tasks import show
from morpheus_desktop.viewmodels.opening import OpenSessionViewModel
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.progress import ProgressViewModel
from router.chain.records import Provider
from router.config import EXTRA_STAKE, Settings
from router.consumer.records import Opening, Quote, SessionView
from router.errors import NotFound
from router.funds import Funds
from router.units import exact
from router.untrusted import one_line
from router.wallet.wallet import Wallet

MINUTE_S = 60
WHY_UNLOCK = (
    "Nothing was signed yet. What you looked at is opened as soon as the wallet is unlocked."
)

# The quote for so many seconds, paid directly or not.
Ask = Callable[[int, bool], Awaitable[Quote]]


class OpeningFlow(QObject):
    """Dialogs over the window, one after the other.

    Signals:
        opened: id of a session that can be chatted with now.
        bids_asked: id of a model of which another bid is wanted.
        receive_asked: MOR or ETH is missing.
        permission_left: what was allowed for a session that is not opened can be taken back.

    Args:
        over: the window; dialogs lie over it.
        report: shows an error.
    """

    opened = Signal(str)
    bids_asked = Signal(str)
    receive_asked = Signal()
    permission_left = Signal()

    def __init__(
        self,
        funds: Funds,
        wallet: Wallet,
        settings: Settings,
        theme: Theme,
        amounts: Amounts,
        over: QWidget,
        report: Callable[[Exception], None],
    ) -> None:
        super().__init__()
        self._funds, self._wallet, self._settings = funds, wallet, settings
        self._theme, self._amounts, self._over = theme, amounts, over
        self.turns = Turns(over, report)

    async def close(self) -> None:
        """End what runs; openings go on in the node."""
        await self.turns.close()

    def open_bid(self, bid_id: str, provider: Provider, model: str, seconds: int = 3600) -> None:
        """Look at a session of a bid, and open it."""
        title = f"Open a session with {one_line(model)}"
        sessions = self._funds.connection.sessions

        async def ask(wanted: int, direct: bool) -> Quote:
            return await sessions.quote(bid_id, wanted, is_direct=direct)

        vm = self._looking(ask, provider, seconds)
        self.turns.start(lambda: self._look(vm, title, provider.address))

    def extend(self, view: SessionView) -> None:
        """Open the session that follows one, with the same provider."""
        self.turns.start(lambda: self._extend(view))

    def follow(self, opening_id: int) -> None:
        """Show how far an opening is."""
        self.turns.start(lambda: self._follow(self._found(opening_id)))

    async def _extend(self, view: SessionView) -> None:
        connection, session = self._funds.connection, view.session
        found = await connection.market.providers([view.provider])
        if not found:
            raise NotFound("The provider of this session is gone.", safe="It ends as it was shown.")
        # It begins at once too, so it is as much longer as the other still runs.
        seconds = view.granted_s + max(session.ends_at - view.as_of, 0)
        seconds = round(seconds / MINUTE_S) * MINUTE_S

        async def ask(wanted: int, direct: bool) -> Quote:
            return await connection.sessions.extend(view, wanted, is_direct=direct)

        vm = self._looking(ask, found[0], seconds, is_direct=session.is_direct)
        ends = fmt.moment(local_time(session.ends_at), local_time(view.as_of))
        await self._look(
            vm,
            f"Extend the session with {one_line(view.model_name)}",
            view.provider,
            f"A session cannot be made longer. This one begins now too, and goes on after the other "
            f"has ended {ends}. Until then both stakes are held.",
        )

    def _looking(
        self, ask: Ask, provider: Provider, seconds: int, *, is_direct: bool = False
    ) -> OpenSessionViewModel:
        connection = self._funds.connection

        async def start(quote: Quote) -> Opening:
            self._wallet.signer()  # whoever has to unlock first does that now, and not in between
            self._allow(vm.standby)
            return await connection.sessions.open(quote)

        async def ping() -> float:
            return (await connection.providers.ping(provider)).milliseconds / 1000

        vm = OpenSessionViewModel(
            ask,
            start,
            ping,
            seconds=seconds,
            is_direct=is_direct,
            standby=self._settings.current.market.extra_stake,
        )
        return vm

    def _allow(self, standby: int | None) -> None:
        """Keep what may be put in without asking, in wei.

        Raises:
            ConfigError: it cannot be kept.
        """
        if standby is not None and standby != self._settings.current.market.extra_stake:
            self._settings.change({EXTRA_STAKE: exact(standby)})

    async def _look(
        self, vm: OpenSessionViewModel, title: str, provider: str, notice: str = ""
    ) -> None:
        """Show it until it is opened or left; a locked wallet is unlocked in between."""
        vm.begin()
        try:
            while vm.opening is None:
                dialog = OpenSessionDialog(
                    self._theme,
                    self._over,
                    vm,
                    self._amounts,
                    title=title,
                    provider=provider,
                    notice=notice,
                )
                if not await show(dialog):
                    if dialog.wants_to_receive:
                        self.receive_asked.emit()
                    return
                if vm.outcome == "locked" and await self._unlock():
                    await vm.open()
        finally:
            await vm.close()
        await self._follow(vm.opening)

    async def _unlock(self) -> bool:
        return await show(UnlockDialog(self._theme, self._over, self._wallet, why=WHY_UNLOCK))

    async def _follow(self, opening: Opening) -> None:
        """Show the steps until the session is open, or the dialog is left."""
        connection = self._funds.connection
        vm = ProgressViewModel(connection.sessions, opening, connection.network.title)
        dialog = OpeningDialog(self._theme, self._over, vm, self._amounts)
        try:
            is_open = await show(dialog)
        finally:
            await vm.close()
        if is_open:
            self.opened.emit(vm.opening.session_id)
        elif dialog.wish:
            given_up = await connection.sessions.give_up(opening.id)
            if dialog.wish == "other":
                self.bids_asked.emit(given_up.quote.model.id)
            elif given_up.permission_tx:
                self.permission_left.emit()

    def _found(self, opening_id: int) -> Opening:
        for opening in self._funds.connection.sessions.openings:
            if opening.id == opening_id:
                return opening
        raise NotFound("This opening is over.", hint="The staking page shows your sessions.")
