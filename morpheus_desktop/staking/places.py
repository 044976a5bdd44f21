"""The total, the bar, and a card for each of the four places of MOR. They add up to the wei."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time, places, shown_total
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.place import PlaceEntry, PlacesBar, beside
from router.chain.marketplace import Account

ALL_FROM, GAP = 800, 12


class Places(QWidget):
    """Where all MOR is.

    Signals:
        claim_asked: take back what can be.
    """

    claim_asked = Signal()

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self._vm, self._amounts = vm, amounts
        self._total = AmountLabel(amounts, "display", "lead")
        self._bar = PlacesBar(theme, amounts)
        self._entries = [
            PlaceEntry(theme, amounts, place, "body", wrap=True) for place in places(None)
        ]
        self._claim = button(theme, "Claim", "primary")
        self._claim.clicked.connect(self.claim_asked)
        self._entries[-1].head.addWidget(self._claim)
        cards = [_carded(entry) for entry in self._entries]
        mine, back = beside(cards[:2], GAP), beside(cards[2:], GAP)
        row = Fold(theme, mine, back, ALL_FROM, stretches=(1, 1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label("Total, all yours", "small", "text-3"))
        column.addWidget(self._total)
        column.addWidget(self._bar)
        column.addWidget(row)

    def show_places(self, reason: str) -> None:
        """Show them as they were read last; `reason` is why nothing can be signed."""
        account = self._vm.account
        total = account.total if account is not None else None
        block = account.block if account is not None else None
        self._total.set_amount(total, "MOR", block, rounded=shown_total(account))
        shown = places(account)
        self._bar.show_places(shown, total)
        for entry, place, note in zip(self._entries, shown, self._notes(account), strict=True):
            entry.show_place(place, block, note)
        self._claim.setVisible(bool(account is not None and account.claimable))
        self._claim.set_reason(reason)

    def _notes(self, account: Account | None) -> tuple[str, str, str, str]:
        if account is None:
            return ("", "", "", "")
        views = self._vm.open_sessions
        now = local_time(account.timestamp)
        first = (
            f", next ends {fmt.moment(local_time(views[0].session.ends_at), now)}" if views else ""
        )
        held = fmt.moment(local_time(self._vm.released_at), now) if account.on_hold else ""
        return (
            "Ready to use",
            f"{fmt.counted(len(views), 'session')}{first}" if views else "None active",
            f"Claimable {held}" if held else "Nothing",
            "After midnight UTC" if account.claimable else "Nothing",
        )


def _carded(entry: PlaceEntry) -> QFrame:
    frame = QFrame()
    frame.setObjectName("card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 14, 16, 14)
    column.addWidget(entry)
    column.addStretch()
    return frame
