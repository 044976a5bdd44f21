"""The network fee: slow, normal or fast, each with the most that it can cost."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.review import ReviewViewModel
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.basic import card, label, set_property
from morpheus_desktop.widgets.check import Radio
from morpheus_desktop.widgets.tip import set_tip
from router.chain.fees import Speed

SPEEDS: Mapping[Speed, str] = {"slow": "Slow", "normal": "Normal", "fast": "Fast"}


class FeeChoice(QWidget):
    """Three cards of which one is chosen.

    Signals:
        chosen: the speed that the user took.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._cards: dict[Speed, tuple[QFrame, Radio, AmountLabel]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Network fee, at most", "label", "text-2"))
        line = QHBoxLayout()
        line.setSpacing(8)
        column.addLayout(line)
        for speed, words in SPEEDS.items():
            radio = Radio(theme, words)
            radio.setAccessibleName(f"Network fee: {words}")
            radio.clicked.connect(lambda _=False, speed=speed: self.chosen.emit(speed))
            self._group.addButton(radio)
            frame, inside = card("plain", padding=10)
            inside.setSpacing(2)
            amount = AmountLabel(amounts, "mono")
            inside.addWidget(radio)
            inside.addWidget(amount)
            line.addWidget(frame, 1)
            self._cards[speed] = frame, radio, amount

    def show_options(self, vm: ReviewViewModel) -> None:
        """Show what each costs at most; those that are not offered are left out."""
        self.setVisible(bool(vm.options))
        for speed, (frame, radio, amount) in self._cards.items():
            prepared, words = vm.options.get(speed), SPEEDS[speed]
            frame.setVisible(prepared is not None)
            if prepared is None:
                continue
            amount.set_amount(prepared.fee_max, "ETH", prepared.block, up=True)
            radio.setText(words if prepared.replaces is None else "New fee")
            radio.setChecked(speed == vm.speed)
            dear = vm.too_dear(speed)
            radio.setEnabled(not dear and vm.state != "signing")
            set_tip(radio, "There is not enough ETH for this fee" if dear else "")
            set_property(frame, "tone", "chosen" if speed == vm.speed else "plain")
