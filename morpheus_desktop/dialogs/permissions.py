"""Who may take MOR of the account, and ending that."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.widgets.address import FullAddress
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.identicon import Identicon
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from morpheus_desktop.widgets.skeleton import Skeleton
from router.chain.history import Permission
from router.untrusted import one_line

# More than there can ever be of MOR: who asked for "any" amount.
ANY = 10**27 * 100
ABOUT = (
    "A permission lets a contract take MOR from your wallet up to an amount. This app gives exact "
    "ones only, when a session is opened."
)


class PermissionsDialog(Overlay):
    """The list.

    Signals:
        end_asked: spender whose permission shall end.
    """

    end_asked = Signal(str)

    def __init__(self, theme: Theme, over: QWidget, vm: WalletViewModel, amounts: Amounts) -> None:
        super().__init__(theme, over, "Permissions", width=640)
        self._vm, self._amounts = vm, amounts
        self._waiting = Skeleton(theme, [(0.1, 0.6, 0.2)])
        self._words = label("", "body", "text-2", wrap=True)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(8)
        self._column.addWidget(label(ABOUT, "body", "text-2", wrap=True))
        self._column.addWidget(self._waiting)
        self._column.addWidget(self._words)
        self._rows: list[QFrame] = []
        self.body.addWidget(Scrolled(self._inside, "Permissions"))
        done = button(theme, "Done")
        done.clicked.connect(self.accept)
        self.footer.addWidget(done)
        vm.permissions_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        permissions = self._vm.permissions
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._waiting.setVisible(permissions is None)
        self._words.setVisible(permissions is not None and not permissions)
        self._words.setText("No contract has permission to move your MOR right now.")
        self._rows = [self._row(permission) for permission in permissions or []]
        for row in self._rows:
            self._column.addWidget(row)
            row.show()  # now, and not in the next turn: the height is taken now
        self.refit()

    def _row(self, permission: Permission) -> QFrame:
        theme, spender = self.theme, permission.spender
        frame = QFrame()
        frame.setObjectName("card")
        picture = Identicon(theme)
        picture.set_address(spender)
        name = one_line(self._vm.name_of(spender), 40)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name[:1].upper() + name[1:] or "A contract", "body_strong"))
        address = FullAddress(theme)
        address.set_address(spender)
        words.addWidget(address)
        line = QHBoxLayout()
        if permission.amount >= ANY:
            line.addWidget(label("May take any amount", "small", "danger"))
        else:
            line.addWidget(label("May take up to", "small", "text-3"))
            amount = AmountLabel(self._amounts, "mono")
            amount.set_amount(permission.amount, "MOR", up=True)
            line.addWidget(amount)
        line.addStretch()
        words.addLayout(line)
        end = button(theme, "Remove", "danger")
        end.setAccessibleName(f"Remove the permission of {name or spender}")
        end.set_reason(self._vm.cannot_sign)
        end.clicked.connect(partial(self.end_asked.emit, spender))
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(12)
        row.addWidget(picture)
        row.addLayout(words, 1)
        row.addWidget(end)
        return frame
