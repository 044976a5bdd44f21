"""The market page with all that its rows lead to.

Made when money is loaded (see router.money): it brings web3 along.
"""

from collections.abc import Callable

from PySide6.QtCore import QTimer

from morpheus_desktop.market.body import MarketBody
from morpheus_desktop.market.source import market_source
from morpheus_desktop.opening_flow import OpeningFlow
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import BID_KEYS, MODEL_KEYS, MarketViewModel
from morpheus_desktop.viewmodels.market_kept import as_text, from_text
from router.funds import Funds
from router.wallet.wallet import Wallet

# Looks are written down a moment after the last change, not with every key.
WRITE_MS = 500


class MarketFlow:
    """Owns the view-model and the page; `close` at the end.

    Args:
        opening: opens sessions.
        say: shows a toast. report: shows an error.
    """

    def __init__(
        self,
        funds: Funds,
        wallet: Wallet,
        theme: Theme,
        prefs: Prefs,
        opening: OpeningFlow,
        *,
        say: Callable[[str], None],
        report: Callable[[Exception], None],
    ) -> None:
        kept = from_text(prefs.market_view, MODEL_KEYS, BID_KEYS)
        self.vm = MarketViewModel(market_source(funds, wallet), kept)
        self.body = MarketBody(self.vm, theme)
        self._prefs, self._opening = prefs, opening
        self._say = say
        self._writing = QTimer(self.vm, singleShot=True, interval=WRITE_MS)
        self._writing.timeout.connect(self._write)
        self._stop_hearing = wallet.changed.subscribe(lambda _: self.vm.changed.emit())
        self.vm.failed.connect(report)
        self.vm.kept_changed.connect(self._writing.start)
        self.body.open_asked.connect(self.open)

    async def close(self) -> None:
        """End what runs, and keep how the page was looked at."""
        self._stop_hearing()
        if self._writing.isActive():
            self._writing.stop()
            self._write()
        await self.vm.close()

    def open(self, bid_id: str) -> None:
        """Look at a session of exactly this bid, or say why there can be none."""
        vm = self.vm
        row = next((row for row in vm.bids if row.id == bid_id), None)
        provider = vm.market.providers.get(row.provider) if row and vm.market else None
        if reason := vm.cannot_open:
            self._say(reason)
        elif row is not None and row.rated is not None and row.rated.excluded == "own":
            self._say("This is your own bid. Your models answer here without a session.")
        elif row is None or provider is None:
            self._say("This bid is gone. The market is read again.")
            vm.refresh()
        else:
            name = vm.chosen_row.name if vm.chosen_row is not None else ""
            self._opening.open_bid(bid_id, provider, name, vm.stake_seconds)

    def show_bids(self, model_id: str) -> None:
        """Show the bids of a model."""
        self.vm.choose(model_id)

    def _write(self) -> None:
        self._prefs.market_view = as_text(self.vm.kept)
