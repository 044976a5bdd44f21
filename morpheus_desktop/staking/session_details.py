"""Below the closed sessions: what came back of one, when the rest did, and its transaction."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.session_end import SessionEnd, end_of
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.facts import Facts
from morpheus_desktop.widgets.tx_links import TxLinks
from router.consumer.records import SessionView

LOOKING = "Looking for its transaction…"
FROM_ELSEWHERE = (
    "This session was not closed from this computer. What came back is in the activity of the "
    "wallet page."
)


class SessionDetails(QFrame):
    """The details of one closed session.

    Signals:
        link_asked: address of a page about its transaction.
    """

    link_asked = Signal(str)

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("sessionDetails")
        self.setAccessibleName("What came back")
        self._vm, self._amounts = vm, amounts
        self._facts = Facts()
        self._words = label("", "small", "text-3", wrap=True)
        self._links = TxLinks(theme)
        self._links.link_asked.connect(self.link_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 4)
        column.setSpacing(8)
        for each in (self._facts, self._words, self._links):
            column.addWidget(each)

    def show_session(self, view: SessionView) -> None:
        """Show what is known of it."""
        vm = self._vm
        returned, network = vm.returned.get(view.id), vm.network
        problem = vm.returned_problem
        self._facts.show_facts(self._lines(view, end_of(view, returned)))
        tx_hash = returned.tx_hash if returned is not None else ""
        self._links.show_tx(tx_hash, network.explorer if network is not None else "")
        self._links.setVisible(bool(tx_hash))
        known = view.id in vm.returned
        self._words.setText(
            FROM_ELSEWHERE if known else problem.message if problem is not None else LOOKING
        )
        self._words.setVisible(not tx_hash)

    def _lines(self, view: SessionView, end: SessionEnd) -> dict[str, str]:
        exact = self._amounts.exact
        returned = self._vm.returned.get(view.id)
        return {
            "Back at once": exact(end.at_once, "MOR") if end.at_once is not None else "",
            "Later": self._later(end),
            "Paid": exact(end.spent, "MOR") if end.spent else "",
            "Session": view.id,
            "Transaction": returned.tx_hash if returned is not None else "",
        }

    def _later(self, end: SessionEnd) -> str:
        account = self._vm.account
        if end.later is None or account is None:
            return ""
        if not end.later:
            return "Nothing, all came back at once"
        amount = self._amounts.exact(end.later, "MOR")
        when = fmt.moment(local_time(end.free_at), local_time(account.timestamp))
        if account.timestamp < end.free_at:
            return f"{amount}, on hold until {when}"
        if not account.claimable:
            return f"{amount}, was on hold until {when}, and is claimed"
        return f"{amount}, was on hold until {when}, and can be claimed if it was not yet"
