"""Which account of the phrase: where wallets look for them, and the first twenty there."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.draft import CUSTOM
from morpheus_desktop.viewmodels.onboarding import FoundAccount, OnboardingViewModel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.field import Choice, Field, LineEdit
from morpheus_desktop.widgets.tip import set_tip

TEMPLATES = [
    ("standard", "Most wallets, m/44'/60'/0'/0/…"),
    ("ledger_live", "Ledger Live, m/44'/60'/…'/0/0"),
    ("ledger_old", "Ledger, older, m/44'/60'/0'/…"),
    (CUSTOM, "Another path…"),
]
ROWS_SHOWN, ROW, TEMPLATE_WIDTH = 7, 32, 280


class AccountsStep(Step):
    """A list with full addresses; what is chosen here is what will be kept."""

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(
            vm,
            theme,
            "Choose an account",
            "A phrase leads to many accounts. Most wallets use the first one.",
        )
        self._template = Choice(theme, "Where wallets look for accounts", TEMPLATES)
        self._template.chosen.connect(self._set_template)
        self._look = button(theme, "Look up balances", icon="coins")
        self._look.clicked.connect(vm.look_up_balances)
        self._path = LineEdit(theme, "Path")
        self._path.setText(vm.draft.path)
        self._path.textChanged.connect(self._set_path)
        self._path.returnPressed.connect(vm.forward)
        self._path_field = Field(
            theme, "Path", self._path, hint="With {index} in it, twenty accounts are shown."
        )
        self._list = QListWidget()
        self._list.setObjectName("sections")
        self._list.setAccessibleName("Accounts")
        self._list.setHorizontalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.currentRowChanged.connect(self._choose)
        self._chosen = label("", "small", "text-3", wrap=True)
        row = QHBoxLayout()
        row.addWidget(self._template)
        row.addStretch()
        row.addWidget(self._look)
        self.column.addLayout(row)
        self.column.addWidget(self._path_field)
        self.column.addWidget(self._list)
        self.column.addWidget(self._chosen)
        self._shown: tuple[FoundAccount, ...] = ()
        theme.changed.connect(self._measure)
        self._measure()

    def refresh(self) -> None:
        """Show the accounts that were found."""
        super().refresh()
        vm, draft = self.vm, self.vm.draft
        self._template.choose(draft.template)
        self._path_field.setVisible(draft.template == CUSTOM)
        if self._path.text() != draft.path:
            self._path.setText(draft.path)
        self._path_field.set_problem(draft.path_problem())
        host = vm.network.title
        set_tip(self._look, f"Asks {host} about all of these addresses, in one request.")
        self._look.set_reason("" if vm.accounts else "There are no accounts yet.")
        if vm.accounts is not self._shown:
            self._fill()
        if vm.accounts:
            path = vm.accounts[draft.index].path
            self._chosen.setText(f"Account {draft.index + 1}, {path}")

    def first(self) -> QWidget | None:
        """The list."""
        return self._list

    def wipe(self) -> None:
        """Forget the accounts; their addresses tell who somebody is."""
        self._shown = ()
        self._list.clear()
        self._chosen.setText("")
        self._path.setText(self.vm.draft.path)

    def _fill(self) -> None:
        self._shown = self.vm.accounts
        self._list.blockSignals(True)
        self._list.clear()
        for number, account in enumerate(self._shown, 1):
            item = QListWidgetItem(f"{number:>2}  {account.address}  {_balance(account)}".rstrip())
            item.setFont(self.theme.font("mono"))
            item.setSizeHint(QSize(0, self.theme.px(ROW)))
            set_tip(item, f"{account.address}\n{account.path}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Account {number}, {account.address}")
            self._list.addItem(item)
        self._list.setCurrentRow(self.vm.draft.index)
        self._list.blockSignals(False)

    def _choose(self, row: int) -> None:
        if row >= 0 and row != self.vm.draft.index:
            self.vm.set(index=row)

    def _set_template(self, name: str) -> None:
        self.vm.set(template=name)
        self.vm.preview()

    def _set_path(self, path: str) -> None:
        if path != self.vm.draft.path:
            self.vm.set(path=path)
            self.vm.preview()

    def _measure(self) -> None:
        px = self.theme.px
        self._list.setFixedHeight(px(ROWS_SHOWN * ROW))
        self._template.setMinimumWidth(px(TEMPLATE_WIDTH))
        self._shown = ()
        if self.vm.accounts:
            self._fill()


def _balance(account: FoundAccount) -> str:
    if account.balance is None:
        return ""
    mor, eth = account.balance.mor, account.balance.eth
    return f"{fmt.amount(mor, 'MOR'):>14}  {fmt.amount(eth, 'ETH')}"
