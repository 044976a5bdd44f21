"""Where the MOR is: four places that add up, at one block."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.wallet import Bucket, WalletViewModel
from morpheus_desktop.wallet.amount_label import AmountLabel
from morpheus_desktop.widgets.bar import Bar, Key, Part
from morpheus_desktop.widgets.basic import button, label

HATCHED = "warn"


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
        self._bar = Bar(theme, "Where your MOR is", height=12)
        self._entries = [_Entry(theme, amounts, bucket) for bucket in vm.buckets]
        self._claim = button(theme, "Claim", icon="hand-coins")
        self._claim.clicked.connect(self.claim_asked)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Where your MOR is", "lead"))
        head.addStretch()
        head.addWidget(self._total)
        head.addWidget(self._block)
        places = QGridLayout()
        places.setHorizontalSpacing(16)
        for column, entry in enumerate(self._entries):
            places.addWidget(entry, 0, column)
            places.setColumnStretch(column, 1)
        self._entries[-1].add(self._claim)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(16, 14, 16, 14)
        column_.setSpacing(4)
        column_.addLayout(head)
        column_.addWidget(self._bar)
        column_.addLayout(places)
        amounts.changed.connect(self.show_buckets)

    def show_buckets(self) -> None:
        """Show the places as they were read last."""
        account, buckets = self._vm.account, self._vm.buckets
        total = account.total if account else None
        block = account.block if account else None
        self._total.set_amount(total, "MOR", block)
        self._block.setText(f"in all, at block {fmt.count(block)}" if block is not None else "")
        self._bar.set_parts(
            [
                Part(
                    bucket.wei / total if bucket.wei and total else 0.0,
                    bucket.token,
                    f"{bucket.name}: {self._amounts.tip(bucket.wei, 'MOR')}",
                    bucket.token == HATCHED,
                )
                for bucket in buckets
            ]
        )
        for entry, bucket in zip(self._entries, buckets, strict=True):
            entry.show_bucket(bucket, block, self._note(bucket))
        claimable = account.claimable if account else 0
        self._claim.setVisible(claimable > 0)
        self._claim.set_reason(self._vm.cannot_sign)

    def _note(self, bucket: Bucket) -> str:
        if bucket.token == HATCHED and (until := self._vm.released_at) is not None:
            now = self._vm.read_at
            return f"Until {fmt.moment(until, now)}"
        return bucket.note


class _Entry(QWidget):
    """One place in words."""

    def __init__(self, theme: Theme, amounts: Amounts, bucket: Bucket) -> None:
        super().__init__()
        self._amount = AmountLabel(amounts, "figure", "small")
        self._note = label("", "small", "text-3", cut=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Key(theme, bucket.token, hatched=bucket.token == HATCHED))
        head.addWidget(label(bucket.name, "small", "text-2", cut=True), 1)
        self._line = QHBoxLayout()
        self._line.addWidget(self._amount)
        self._line.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._line)
        column.addWidget(self._note)

    def add(self, widget: QWidget) -> None:
        """Put something beside the amount."""
        self._line.addWidget(widget)

    def show_bucket(self, bucket: Bucket, block: int | None, note: str) -> None:
        """Show how much is there."""
        self._amount.set_amount(bucket.wei, "MOR", block)
        self._note.setText(note)
