"""Sending, first step: coin, amount, recipient, a note. The second step is the review."""

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.send import SendViewModel
from morpheus_desktop.widgets.address import FullAddress
from morpheus_desktop.widgets.basic import button, card, label
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import one_line

COINS = (("MOR", "MOR"), ("ETH", "ETH"))
LONGEST_NOTE = 120
MOST_NAMES = 50


class SendDialog(Overlay):
    """Accepted when there is something to review: the view-model's `ready` brings it."""

    def __init__(self, theme: Theme, over: QWidget, vm: SendViewModel, amounts: Amounts) -> None:
        super().__init__(
            theme, over, "Send", subtitle="Step 1 of 2. Nothing is signed yet.", width=640
        )
        self._vm, self._amounts = vm, amounts
        self._coin = Segmented(theme, "Coin", COINS)
        self._amount = LineEdit(theme, "Amount", hint="0.0")
        self._amount_field = Field(theme, "Amount", self._amount)
        self._max = button(theme, "Max")
        self._available = label("", "small", "text-3")
        self._to = LineEdit(theme, "To", hint="0x… or a name from the address book")
        self._to_field = Field(theme, "To", self._to)
        self._names = button(theme, "Address book", icon="book-user")
        self._label = LineEdit(theme, "Note for yourself", hint="Only on this computer")
        self._label.setMaxLength(LONGEST_NOTE)
        self._error = Note(theme, "danger")
        self._error.be_narrow()
        self._picture = Identicon(theme)
        self._address = FullAddress(theme)
        self._name = label("", "small", "text-2")
        self._shown, column = card("raised", padding=12)
        self._build(column)
        self._go = button(theme, "Review", "primary")
        self._add_buttons()
        self._fill()
        self._connect()
        self._show()

    def first_focus(self) -> QWidget:
        """The amount."""
        return self._amount

    def _build(self, recipient: QVBoxLayout) -> None:
        head = QHBoxLayout()
        head.addWidget(self._coin)
        head.addStretch()
        head.addWidget(self._available)
        line = QHBoxLayout()
        line.addWidget(self._picture)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._address)
        line.addLayout(words, 1)
        recipient.addLayout(line)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(_beside(self._amount_field, self._max))
        column.addLayout(_beside(self._to_field, self._names))
        column.addWidget(self._shown)
        column.addWidget(Field(self.theme, "Note for yourself", self._label))
        column.addWidget(self._error)
        self.body.addWidget(Scrolled(inside, "Payment"))

    def _add_buttons(self) -> None:
        cancel = button(self.theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._vm.review)
        self.footer.addWidget(cancel)
        self.footer.addWidget(self._go)

    def _fill(self) -> None:
        draft = self._vm.draft
        self._coin.choose(draft.coin)
        self._amount.setText(draft.amount)
        self._to.setText(draft.to)
        self._label.setText(draft.label)

    def _connect(self) -> None:
        vm = self._vm
        self._coin.chosen.connect(lambda coin: vm.set(coin=coin))
        # textEdited: what the program writes is not typed. Enter does nothing in these fields.
        self._amount.textEdited.connect(lambda text: vm.set(amount=text))
        self._to.textEdited.connect(lambda text: vm.set(to=text))
        self._label.textEdited.connect(lambda text: vm.set(label=text))
        self._max.clicked.connect(vm.use_max)
        self._names.clicked.connect(self._choose_name)
        vm.changed.connect(self._show)
        vm.ready.connect(lambda _wish: self.accept())

    def _show(self) -> None:
        vm = self._vm
        if self._amount.text() != vm.draft.amount:
            self._amount.setText(vm.draft.amount)
        available = self._amounts.text(vm.available, vm.draft.coin)
        self._available.setText(f"Available: {available}")
        set_tip(self._available, self._amounts.tip(vm.available, vm.draft.coin))
        self._amount_field.set_problem(vm.amount_problem)
        self._to_field.set_problem(vm.recipient_problem)
        address = vm.recipient
        self._shown.setVisible(bool(address))
        if address:
            self._address.set_address(address)
            self._picture.set_address(address)
            self._name.setText(vm.names.get(address, ""))
            self._name.setVisible(address in vm.names)
        self._names.set_reason("" if vm.names else "The address book is empty")
        self._error.setVisible(vm.error is not None)
        if vm.error is not None:
            self._error.set_error(vm.error)
        self._go.set_reason(vm.incomplete)
        self._go.set_busy(busy=vm.busy)
        self.refit()

    def _choose_name(self) -> None:
        menu = Menu(self.theme, self)
        for address, name in [*self._vm.names.items()][:MOST_NAMES]:
            menu.add(one_line(name), partial(self._take, address), icon="user")
        menu.popup(self._names.mapToGlobal(QPoint(0, self._names.height() + 4)))

    def _take(self, address: str) -> None:
        self._to.setText(address)
        self._vm.set(to=address)


def _beside(field: Field, action: QWidget) -> QHBoxLayout:
    """A field with a button beside its input."""
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(field, 1)
    column = QVBoxLayout()
    column.setContentsMargins(0, 22, 0, 0)
    column.addWidget(action)
    column.addStretch()
    line.addLayout(column)
    return line
