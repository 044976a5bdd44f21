"""What stays after a transaction, and how it was tried."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.viewmodels.review import ReviewViewModel
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.text import Label
from morpheus_desktop.widgets.tip import set_tip

LINES = ("MOR afterwards", "ETH after the highest fee", "Call", "Nonce", "Tried")


class Summary(QFrame):
    """Lines of a name and a value; those that are not known are left out."""

    def __init__(self, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setProperty("tone", "raised")
        self._amounts = amounts
        self._lines: dict[str, tuple[Label, Label]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for row, name in enumerate(LINES):
            pair = label(name, "small", "text-2"), label("", "mono")
            pair[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate(pair):
                grid.addWidget(part, row, column)
            self._lines[name] = pair

    def show_summary(self, vm: ReviewViewModel) -> None:
        """Show what stays."""
        prepared = vm.prepared
        self.setVisible(prepared is not None)
        if prepared is None:
            return
        decoded = prepared.decoded
        self._set("MOR afterwards", *self._change(vm.mor_after, "MOR"))
        self._set("ETH after the highest fee", *self._change(vm.eth_after, "ETH"))
        self._set(
            "Call", f"{decoded.contract}: {decoded.call}" if decoded.call else "Payment of ETH"
        )
        self._set("Nonce", fmt.count(prepared.nonce))
        self._set("Tried", f"It would work, at block {fmt.count(prepared.block)}")

    def _change(self, pair: tuple[int, int] | None, unit: str) -> tuple[str, str]:
        if pair is None:
            return "", ""
        before, after = (self._amounts.text(wei) for wei in pair)
        return f"{before} → {after}\u00a0{unit}", self._amounts.tip(pair[1], unit)

    def _set(self, name: str, text: str, tip: str = "") -> None:
        for part in self._lines[name]:
            part.setVisible(bool(text))
        self._lines[name][1].setText(text)
        set_tip(self._lines[name][1], tip)
