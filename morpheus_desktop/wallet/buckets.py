"""Where the MOR is: four places that add up, at one block."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import places, shown_total
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.place import PlaceEntry, PlacesBar, beside

ALL_FROM, GAP = 680, 16


class BucketsCard(QFrame):
    """Total, bar and the four places.

    Signals:
        claim_asked: take back what can be claimed.
    """

    claim_asked = Signal()

    def __init__(self, vm: WalletViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm, self._amounts = vm, amounts
        self._total = AmountLabel(amounts, "body_strong", "small")
        self._block = label("", "small", "text-3")
        self._bar = PlacesBar(theme, amounts)
        self._entries = [PlaceEntry(theme, amounts, place) for place in places(None)]
        self._claim = button(theme, "Claim", icon="hand-coins")
        self._claim.clicked.connect(self.claim_asked)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Where your MOR is", "lead"))
        head.addStretch()
        head.addWidget(self._total)
        head.addWidget(self._block)
        self._entries[-1].line.addWidget(self._claim)
        mine, back = beside(self._entries[:2], GAP), beside(self._entries[2:], GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(Fold(theme, mine, back, ALL_FROM, stretches=(1, 1), gap=GAP))
        amounts.changed.connect(self.show_buckets)

    def show_buckets(self) -> None:
        """Show the places as they were read last."""
        account, shown = self._vm.account, places(self._vm.account)
        total = account.total if account else None
        block = account.block if account else None
        self._total.set_amount(total, "MOR", block, rounded=shown_total(account))
        self._block.setText(f"in all, at block {fmt.count(block)}" if block is not None else "")
        self._bar.show_places(shown, total)
        for entry, place, note in zip(self._entries, shown, self._notes(), strict=True):
            entry.show_place(place, block, note)
        claimable = account.claimable if account else 0
        self._claim.setVisible(claimable > 0)
        self._claim.set_reason(self._vm.cannot_sign)

    def _notes(self) -> tuple[str, str, str, str]:
        account = self._vm.account
        if account is None:
            return ("", "", "", "")
        active = sum(session.closed_at == 0 for session in account.sessions)
        until = self._vm.released_at
        return (
            "Free to use",
            f"{active} active" if active else "None active",
            f"Until {fmt.moment(until, self._vm.read_at)}" if until is not None else "",
            "",
        )
