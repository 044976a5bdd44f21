"""What a row opens to: hash, block, nonce, fee, the call in words, and a note of the user's own."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.activity import Activity, decoded_of
from morpheus_desktop.viewmodels.recipient import address_in
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.facts import Facts
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.tx_links import TxLinks
from router.chain.journal import TxRecord
from router.networks import Network

LONGEST_NOTE = 120
# Arguments of calls that are amounts in wei.
AMOUNTS = frozenset({"amount", "value", "amount_", "stake", "stake_", "fee"})


class ActivityDetails(QFrame):
    """The details of one row.

    Signals:
        noted: (TxRecord, text): the user wrote a note.
        link_asked: address of a page about the transaction.
        name_asked: an address that shall be given a name.
    """

    noted = Signal(object, str)
    link_asked = Signal(str)
    name_asked = Signal(str)

    def __init__(self, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("activityDetails")
        self._amounts = amounts
        self._row: Activity | None = None
        self._facts = Facts()
        self._note = LineEdit(theme, "Note", hint="A note for yourself")
        self._note.setMaxLength(LONGEST_NOTE)
        self._note.editingFinished.connect(self._write)
        self._links = TxLinks(theme)
        self._links.link_asked.connect(self.link_asked)
        self._name = button(theme, "Name this address", "link", icon="book-user")
        self._name.clicked.connect(self._ask_name)
        self._links.add(self._name)
        column = QVBoxLayout(self)
        column.setContentsMargins(58, 4, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._facts)
        column.addWidget(self._note)
        column.addWidget(self._links)

    def show_row(self, row: Activity, network: Network) -> None:
        """Show the details of a row."""
        other = self._row is None or self._row.key != row.key
        self._row = row
        self._facts.show_facts(self._lines(row, network))
        if other or not self._note.hasFocus():
            self._note.setText(row.label)
        self._note.setVisible(row.record is not None)
        self._links.show_tx(row.tx_hash, network.explorer)
        self._name.setVisible(bool(row.other))

    def _lines(self, row: Activity, network: Network) -> dict[str, str]:
        lines = {
            "Address": fmt.full_address(row.other) if row.other else "",
            "Hash": row.tx_hash,
            "Block": fmt.count(row.block) if row.block is not None else "",
        }
        record = row.record
        if record is None:
            return lines | {"Sent": "not from this app" if row.kind == "sent" else ""}
        paid = record.fee
        return lines | {
            "Nonce": fmt.count(record.nonce),
            "Network fee": self._amounts.text(paid, "ETH", up=True) if paid is not None else "",
            "Tries": fmt.count(len(record.attempts)) if len(record.attempts) > 1 else "",
            "Call": self._call(record, network),
            "Reason": record.reason,
        }

    def _call(self, record: TxRecord, network: Network) -> str:
        decoded = decoded_of(record, network)
        if decoded is None:
            return "Not known to this version of the app"
        if not decoded.call:
            return "Payment of ETH"
        values = [self._argument(name, value) for name, value in decoded.arguments]
        return f"{decoded.contract}: {decoded.call}({', '.join(values)})"

    def _argument(self, name: str, value: object) -> str:
        if isinstance(value, bytes):
            return f"{name} 0x{value.hex()}"
        if isinstance(value, int) and not isinstance(value, bool) and name in AMOUNTS:
            hidden = self._amounts.hidden
            shown = self._amounts.text(value, "MOR") if hidden else f"{fmt.grouped(value)} MOR"
            return f"{name} {shown}"
        return f"{name} {address_in(str(value)) or value}"

    def _ask_name(self) -> None:
        if self._row is not None:
            self.name_asked.emit(self._row.other)

    def _write(self) -> None:
        record = self._row.record if self._row is not None else None
        if record is not None and self._note.text().strip() != record.label:
            self.noted.emit(record, self._note.text())
