"""The cards on top of the wallet page: MOR, ETH, and the address."""

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.address import CopyButton, FullAddress
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.basic import Tile, icon_button, label

LEAST_WIDTH, ADDRESS_WIDTH = 220, 316
COINS = {"MOR": "coins", "ETH": "zap"}


class BalanceCard(QFrame):
    """One coin: how much, and a sentence."""

    def __init__(self, theme: Theme, amounts: Amounts, unit: Literal["MOR", "ETH"]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._unit = unit
        self._amount = AmountLabel(amounts, "display", "heading")
        self._note = label("", "small", "text-3", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(
            Tile(theme, COINS[unit], "accent-text" if unit == "MOR" else "info", size=24)
        )
        head.addWidget(label(unit, "body_strong"))
        head.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._amount)
        column.addWidget(self._note)
        column.addStretch()

    def show_balance(self, wei: int | None, block: int | None, note: str, *, stale: bool) -> None:
        """Show what there is; an old figure stands in another colour and its note says so."""
        self._amount.set_amount(wei, self._unit, block)
        self._amount.set_tone("warn" if stale else "text")
        self._note.setText(note)
        self._note.set_tone("warn" if stale else "text-3")
        self._note.setVisible(bool(note))


class AddressCard(QFrame):
    """The account's address in full.

    Signals:
        receive_asked: show the code for it.
    """

    receive_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._title = label("", "label", "text-2")
        self._address = FullAddress(theme, gap=8)
        self._copy = CopyButton(theme)
        self._code = icon_button(theme, "qr-code", "Show as a code")
        self._code.clicked.connect(self.receive_asked)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._code)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._copy)
        below.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 14, 10)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._address)
        column.addLayout(below)
        column.addStretch()

    def show_address(self, address: str, network: str) -> None:
        """Show an address and on which network it is."""
        self._title.setText(f"Your address on {network}" if network else "Your address")
        self._address.set_address(address)
        self._copy.set_text_to_copy(address)
